-- retry.lua: a job back to waiting, from any other state (6.16). As it is, nothing is reset: attempts, error and progress
-- stay, and a job that has used up its attempts gets one more run that is not counted. As new, it is as it was made: what its
-- runs have left in the hash is gone and its attempts count from none. Its log stays either way, and so does the field `delay`,
-- which each back-off has written over.
--
-- KEYS: P:job:ID, P:callboard:leases
-- ARGV: prefix, now, id, `new` to begin anew
-- Returns: { 'ok' }, { 'gone' }, { 'state', state } when it waits already (as it is), { 'held', worker } when a living
--          Callboard worker runs it.
--
-- Impossible: a job in two states or with two tokens because it had moved since it was shown (H6); a job put back under
-- a worker that runs it. A job that says it waits but stands in no set of its type (H1, H9) is put back too: that
-- is the repair.

local id, anew = ARGV[3], ARGV[4] == 'new'
local h = redis.call ('HMGET', KEYS[1], 'type', 'state', 'priority', 'workerId', 'started_at')
local T = h[1]
if not T then return { 'gone' } end
local bad = cannot_enter (T, 'inactive')
if bad then return bad end
local waits = h[2] == 'inactive' and redis.call ('ZSCORE', P .. ':jobs:' .. T .. ':inactive', zid_of (id))
              and redis.call ('ZSCORE', P .. ':jobs:inactive', zid_of (id))
if waits and not anew then return { 'state', h[2] } end
if h[2] == 'active' then
  local lease = redis.pcall ('ZSCORE', KEYS[2], lease_of (id, h[4], h[5]))
  if type (lease) == 'string' and tonumber (lease) > now then return { 'held', h[4] or '' } end
end
local late = false
if waits then -- its token is there already
  redis.call ('HSET', KEYS[1], 'updated_at', decimal (now))
else
  late = h[2] == 'active' and is_late (id)
  move (id, T, 'inactive', priority_of (id, h[3]))
end
redis.call ('HDEL', KEYS[1], 'callboard_deaths')
if anew then
  redis.call ('HDEL', KEYS[1], 'attempts', 'error', 'failed_at', 'progress', 'progress_data', 'result', 'duration',
              'started_at', 'workerId')
end
redis.pcall ('ZREM', KEYS[2], lease_of (id, h[4], h[5]))
emit (id, 'enqueue', quote (T))
if late then answer_for (id) end
return { 'ok' }
