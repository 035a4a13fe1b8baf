-- promote.lua: a delayed job to waiting.
--
-- KEYS: P:job:ID, P:jobs:delayed
-- ARGV: prefix, now, id; for a scan also `due`, to do it only when its time has come, and the member that was found
-- Returns: { 'ok' }, { 'gone' }, { 'state', state }; for a scan also { 'early' } and { 'cleared' }.
--
-- Impossible: a job promoted twice by two scanners, or after somebody else has moved it, with two tokens (H13).
-- An entry of the delayed set without a job, or of a job whose hash names another state, would come up in every scan
-- for ever; the scan takes it out of that set (`cleared`). An entry spelled otherwise than Kue does is an entry of its job:
-- Kue promotes that at every scan, as its change of state leaves the entry where it is.
-- Time has come by both clocks, the caller's idea of it and the server's own, where that may be asked for.

local id, due, member = ARGV[3], ARGV[4] == 'due', ARGV[5]
local h = redis.call ('HMGET', KEYS[1], 'type', 'state', 'priority')
if due and (not h[1] or h[2] ~= 'delayed') then
  redis.call ('ZREM', KEYS[2], member)
  return { 'cleared' }
end
if not h[1] then return { 'gone' } end
if h[2] ~= 'delayed' then return { 'state', h[2] or '' } end
if due then
  local score = redis.call ('ZSCORE', KEYS[2], member)
  if not score or tonumber (score) > math.min (now, server_time () or now) then return { 'early' } end
end
local bad = cannot_enter (h[1], 'inactive')
if bad then return bad end
emit (id, 'promotion')
move (id, h[1], 'inactive', priority_of (id, h[3]))
if due and member ~= zid_of (id) then redis.pcall ('ZREM', KEYS[2], member) end
emit (id, 'enqueue', quote (h[1]))
return { 'ok' }
