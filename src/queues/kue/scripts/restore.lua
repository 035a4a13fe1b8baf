-- restore.lua: a job put back as it was captured, when it is still as the action left it.
--
-- KEYS: P:job:ID
-- ARGV: prefix, now, id, the hint as in photograph.lua,
--       n, what guard.lua returned (none: it is not known what came of the action; `absent`: nothing was left of the job),
--       n, what capture.lua returned
-- Returns: { 'ok' }, { 'same' } when it is as it was already, { 'changed', state } when somebody else has changed it since,
--          { 'unsure', state } when it is not known whether somebody has, { 'other' } when this is another database now.
--
-- Impossible: half of a job put back, since what may be refused (RESTORE) comes first and is taken back; a job waiting without
-- a token, or a token that wakes for nothing; what others have changed in the meantime written over.

local id, at = ARGV[3], 4
local hint, before, after = nil, nil, nil
hint, at = read_hint (ARGV, at)
after, at = read_list (ARGV, at)
before, at = read_list (ARGV, at)

local old = { fingerprint = before[1], flags = before[2], T = before[3], S = before[4], whole = {}, scores = {} }
if not string.find (old.flags, 't') then old.T = nil end
if not string.find (old.flags, 's') then old.S = nil end
at = 7
for _ = 1, tonumber (before[at]) do
  table.insert (old.whole, { before[at + 1], before[at + 2], before[at + 3] })
  at = at + 3
end
at = at + 1
for _ = 1, tonumber (before[at]) do
  table.insert (old.scores, { before[at + 1], before[at + 2], before[at + 3] })
  at = at + 3
end

if old.T then hint.types = { old.T } end
if old.S then table.insert (hint.states, old.S) end
hint.more = old.scores
local now_is = photograph (id, hint)
if not now_is then return { 'changed', '' } end
if now_is.fingerprint == old.fingerprint then return { 'same' } end
if #after == 0 then return { 'unsure', now_is.S or '' } end
if after[1] == 'absent' and not now_is.nothing or after[1] ~= 'absent' and now_is.fingerprint ~= after[1] then
  return { 'changed', now_is.S or '' }
end
local counter = redis.pcall ('GET', IDS)
if string.find (old.flags, 'c')
   and not (type (counter) == 'string' and number (counter) and number (counter) >= tonumber (id)) then
  return { 'other' }
end

-- Everything that will be written to is what it must be.
for _, entry in ipairs (old.scores) do
  local bad = misfit (entry[1], 'zset')
  if bad then return bad end
end
local tokens = old.T and P .. ':' .. old.T .. ':jobs'
local waiting = old.T and P .. ':jobs:' .. old.T .. ':inactive'
local bad = tokens and (misfit (tokens, 'list') or misfit (waiting, 'zset')) or misfit (TYPES, 'set')
if bad then return bad end

-- The keys of its own, those that differ. A hash table comes back with what shares a place in it the other way round; twice
-- is as it was.
local is = {}
for _, key in ipairs (now_is.whole) do is[key[1]] = key end
local was, done = {}, {}
for _, key in ipairs (old.whole) do
  local name, expires, dump = key[1], key[2], key[3]
  local there = is[name] and redis.call ('DUMP', name)
  was[name] = true
  if there ~= dump or is[name][2] ~= expires then
    local ttl = expires == '-1' and '0' or expires
    local answer = redis.pcall ('RESTORE', name, ttl, dump, 'REPLACE', 'ABSTTL')
    if type (answer) == 'table' and answer.err then
      for _, undone in ipairs (done) do
        if undone[2] then
          redis.call ('RESTORE', undone[1], undone[3], undone[2], 'REPLACE', 'ABSTTL')
        else
          redis.call ('DEL', undone[1])
        end
      end
      return answer
    end
    table.insert (done, { name, there, is[name] and is[name][2] ~= '-1' and is[name][2] or '0' })
    if #dump < 65536 then
      local again = redis.call ('DUMP', name)
      if again and again ~= dump then redis.call ('RESTORE', name, ttl, again, 'REPLACE', 'ABSTTL') end
    end
  end
end

-- Its entries. How things stand with the tokens is asked before these change it.
local n_tokens = tokens and redis.call ('LLEN', tokens) or 0
local n_waiting = tokens and redis.call ('ZCARD', waiting) or 0
local entries = {}
for _, entry in ipairs (now_is.scores) do entries[framed (entry[1]) .. entry[2]] = entry end
local comes, goes = false, false
for _, entry in ipairs (old.scores) do
  local name = framed (entry[1]) .. entry[2]
  if not entries[name] or entries[name][3] ~= entry[3] then
    redis.call ('ZADD', entry[1], entry[3], entry[2])
    if not entries[name] and entry[1] == waiting then comes = true end
  end
  entries[name] = nil
end
for _, entry in pairs (entries) do
  redis.call ('ZREM', entry[1], entry[2])
  if entry[1] == waiting then goes = true end
end
for _, key in ipairs (now_is.whole) do
  if not was[key[1]] then redis.call ('DEL', key[1]) end
end
if old.T and string.find (old.flags, 'r') then redis.call ('SADD', TYPES, old.T) end

-- Its token: exactly what the action took or gave when nothing else has come or gone since, otherwise so that there is one for
-- each that waits.
if tokens then
  local give = 0
  local known = false
  for i = 3, 2 + 4 * tonumber (after[2] or 0), 4 do
    if after[i] == old.T and tonumber (after[i + 2]) == n_tokens and tonumber (after[i + 3]) == n_waiting then
      known, give = true, tonumber (after[i + 1]) - n_tokens
    end
  end
  if not known then
    local n = redis.call ('ZCARD', waiting)
    if comes and n_tokens < n then give = 1 end
    if goes and n_tokens > n then give = -1 end
  end
  for _ = 1, math.min (give, 1000) do redis.call ('LPUSH', tokens, '1') end
  for _ = 1, math.min (-give, 1000) do redis.call ('LPOP', tokens) end
  if comes then emit (id, 'enqueue', quote (old.T)) end
end
return { 'ok' }
