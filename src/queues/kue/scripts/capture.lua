-- capture.lua: what an action may destroy of a job, as it is now. Read only.
--
-- KEYS: P:job:ID
-- ARGV: prefix, now, id, `full` or `light` (no dumps, for a change that is not to be undone),
--       states (their number, and those), members (the same): where else to look
-- Returns: { 'gone' } when there is nothing of it anywhere, { 'large' }, { 'unable', why } when it could not be put back, else
--          { 'ok', fingerprint, flags, type, state, updated_at, started_at, tokens of the type, how many of it wait,
--            n, (key, when it expires or -1, dump)…, n, (key, member, score)… }
--          with the flags t has a type, s has a state, r the type is registered, c the counter of ids has passed it.

local id, light = ARGV[3], ARGV[4] == 'light'
local photo = photograph (id, read_hint (ARGV, 5), light)
if not photo then return { 'large' } end
if photo.nothing then return { 'gone' } end

local counter = redis.pcall ('GET', IDS)
local flags = (photo.T and 't' or '') .. (photo.S and 's' or '')
if photo.T and redis.pcall ('SISMEMBER', TYPES, photo.T) == 1 then flags = flags .. 'r' end
if type (counter) == 'string' and number (counter) and number (counter) >= tonumber (id) then flags = flags .. 'c' end

local function count (command, key)
  local n = photo.T and redis.pcall (command, key)
  return type (n) == 'number' and decimal (n) or ''
end
local reply = { 'ok', photo.fingerprint, flags, photo.T or '', photo.S or '', photo.updated or '', photo.started or '',
                count ('LLEN', P .. ':' .. (photo.T or '') .. ':jobs'),
                count ('ZCARD', P .. ':jobs:' .. (photo.T or '') .. ':inactive') }
local whole = light and {} or photo.whole
if not light then
  local ok, allowed = pcall (redis.acl_check_cmd, 'RESTORE', KEYS[1], '0', '')
  if not ok or not allowed then return { 'unable', 'this user may not RESTORE keys' } end
end
table.insert (reply, decimal (#whole))
for _, key in ipairs (whole) do
  local dump = redis.pcall ('DUMP', key[1])
  if type (dump) ~= 'string' then return { 'unable', dump and dump.err or 'a key went away' } end
  table.insert (reply, key[1])
  table.insert (reply, key[2])
  table.insert (reply, dump)
end
table.insert (reply, decimal (#photo.scores))
for _, entry in ipairs (photo.scores) do
  for i = 1, 3 do table.insert (reply, entry[i]) end
end
return reply
