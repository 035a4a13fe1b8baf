-- complete.lua: a run that succeeded.
--
-- KEYS: P:job:ID, P:job:ID:log, P:callboard:leases, P:stats:work-time
-- ARGV: prefix, now, id, worker, started_at of the claim, result to store (JSON, empty for none), result to tell (JSON)
-- Returns: { 'ok' }, { 'gone' } or { 'owner', state, worker } when it is no longer this claim's job.
--
-- Impossible: a job removed meanwhile being born again without type and data (H7); a late worker completing what
-- another runs or has finished, so that it runs or is told twice (H6); a crash between the result, the state, the
-- attempt and the removal (H28).

local id, worker, started, stored, told = ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[7]
local answer = not_owned (id, worker, started)
if answer then return answer end

local h = redis.call ('HMGET', KEYS[1], 'type', 'priority', 'attempts', 'max_attempts', 'removeOnComplete')
local T = h[1]
local duration = decimal (math.max (0, now - tonumber (started)))

if h[5] then
  -- Removed at once, so the sets of complete jobs are never entered. DEL and ZREM need no memory and no types.
  redis.call ('DEL', KEYS[1], KEYS[2])
  leave (id, T)
  redis.pcall ('ZREM', P .. ':jobs', zid_of (id))
else
  local bad = cannot_enter (T, 'complete')
  if bad then return bad end
  local fields = { 'duration', duration, 'progress', '100' }
  if stored ~= '' then
    table.insert (fields, 'result')
    table.insert (fields, stored)
  end
  local made, most = number (h[3]) or 0, number (h[4])
  if most and made < most then
    table.insert (fields, 'attempts')
    table.insert (fields, decimal (made + 1))
  end
  move (id, T, 'complete', priority_of (id, h[2]), nil, unpack (fields))
  redis.call ('HDEL', KEYS[1], 'callboard_deaths')
end
redis.pcall ('ZREM', KEYS[3], lease_of (id, worker, started))
redis.pcall ('INCRBY', KEYS[4], duration)
emit (id, 'complete', told, 'null')
if h[5] then emit (id, 'remove', quote (T)) end
return { 'ok' }
