-- begin.lua: jobs that were claimed ahead (turn.lua) have been begun.
--
-- ARGV: prefix, now, then for each job id, worker, started_at of the claim
-- Returns: how many of them are under that claim.
--
-- From now on it counts when their worker dies, and everybody knows that they run. What is told twice is heard once.
--
-- Impossible: a `start` of a job that is not under this claim any more.

local n = 0
for i = 3, #ARGV, 3 do
  local id, worker, started = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  local job = P .. ':job:' .. id
  local h = redis.pcall ('HMGET', job, 'type', 'state', 'workerId', 'started_at', 'callboard_deaths')
  if not h.err and h[1] and h[2] == 'active' and h[3] == worker and h[4] == started then
    n = n + 1
    if not h[5] then
      redis.call ('HSET', job, 'callboard_deaths', '0')
      emit (id, 'start', quote (h[1]), 'null')
    end
  end
end
return n
