-- many.lua: one thing done to one of many keys, when it is still as it was captured, and the way back.
--
-- KEYS: the key.
-- ARGV: what to do; then
--   delete   the type; when it ended, ms since 1970, -1 never; SHA-1 of its DUMP, '' whatever that is
--   expire   the type; the same; when it is to end, -1 never
--   restore  when it ends, 0 never; its DUMP; 'over': also over a key that is there
--
-- Returns { 'OK' }, { 'SAME' } when it is so already, { 'GONE' }, { 'TYPE', type now }, { 'CHANGED' } or { 'EXISTS' }.

local key = KEYS[1]
local op = ARGV[1]
local t = redis.call ('TYPE', key).ok

local function ends_at ()
  return string.format ('%.0f', redis.call ('PEXPIRETIME', key))
end

local ops = {}

ops['delete'] = function (shown, at, sum)
  if t == 'none' then return { 'GONE' } end
  if t ~= shown then return { 'TYPE', t } end
  if ends_at () ~= at then return { 'CHANGED' } end
  if sum ~= '' and redis.sha1hex (redis.call ('DUMP', key)) ~= sum then return { 'CHANGED' } end
  redis.call ('UNLINK', key)
end

ops['expire'] = function (shown, at, wanted)
  if t == 'none' then return { 'GONE' } end
  if t ~= shown then return { 'TYPE', t } end
  local now = ends_at ()
  if now == wanted then return { 'SAME' } end
  if now ~= at then return { 'CHANGED' } end
  if wanted == '-1' then
    redis.call ('PERSIST', key)
  else
    redis.call ('PEXPIREAT', key, wanted)
  end
end

ops['restore'] = function (at, dump, over)
  if t ~= 'none' then
    local now = ends_at ()
    if (now == at or (now == '-1' and at == '0')) and redis.call ('DUMP', key) == dump then return { 'SAME' } end
    if over ~= 'over' then return { 'EXISTS' } end
    redis.call ('RESTORE', key, at, dump, 'ABSTTL', 'REPLACE')
  else
    redis.call ('RESTORE', key, at, dump, 'ABSTTL')
  end
end

return ops[op] (ARGV[2], ARGV[3], ARGV[4]) or { 'OK' }
