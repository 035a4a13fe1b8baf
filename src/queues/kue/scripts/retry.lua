-- retry.lua: a job back to waiting, from any other state (6.16). Nothing is reset: attempts, error and progress stay.
--
-- KEYS: P:job:ID, P:callboard:leases
-- ARGV: prefix, now, id
-- Returns: { 'ok' }, { 'gone' }, { 'state', state } when it waits already, { 'held', worker } when a living Callboard
--          worker runs it.
--
-- Impossible: a job in two states or with two tokens because it had moved since it was shown (H6); a job put back under
-- a worker that runs it. A job that says it waits but stands in no set of its type (H1, H9) is put back too: that
-- is the repair.

local id = ARGV[3]
local h = redis.call ('HMGET', KEYS[1], 'type', 'state', 'priority', 'workerId', 'started_at')
local T = h[1]
if not T then return { 'gone' } end
local bad = cannot_enter (T, 'inactive')
if bad then return bad end
if h[2] == 'inactive' and redis.call ('ZSCORE', P .. ':jobs:' .. T .. ':inactive', zid_of (id))
   and redis.call ('ZSCORE', P .. ':jobs:inactive', zid_of (id)) then
  return { 'state', h[2] }
end
if h[2] == 'active' then
  local lease = redis.pcall ('ZSCORE', KEYS[2], lease_of (id, h[4], h[5]))
  if type (lease) == 'string' and tonumber (lease) > now then return { 'held', h[4] or '' } end
end
move (id, T, 'inactive', priority_of (id, h[3]))
redis.call ('HDEL', KEYS[1], 'callboard_deaths')
redis.pcall ('ZREM', KEYS[2], lease_of (id, h[4], h[5]))
emit (id, 'enqueue', quote (T))
return { 'ok' }
