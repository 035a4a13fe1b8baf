-- extend.lua: the heartbeat of a worker, for all jobs it runs.
--
-- KEYS: P:callboard:leases
-- ARGV: prefix, now, end of the leases (ms), then for each job id, worker, started_at
-- Returns: the ids that are no longer under that claim.
--
-- Impossible: a lease that outlives its claim, or is renewed for a job that somebody else has by now; one that is over at
-- once or lasts for an hour because the caller's clock was set: its length counts, from the server's own time.

local bad = misfit (KEYS[1], 'zset')
if bad then return bad end
local over = decimal ((server_time () or now) + tonumber (ARGV[3]) - now)
local lost = {}
for i = 4, #ARGV, 3 do
  local id, worker, started = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  local h = redis.pcall ('HMGET', P .. ':job:' .. id, 'type', 'state', 'workerId', 'started_at')
  if not h.err and h[1] and h[2] == 'active' and h[3] == worker and h[4] == started then
    redis.call ('ZADD', KEYS[1], over, lease_of (id, worker, started))
  else
    redis.call ('ZREM', KEYS[1], lease_of (id, worker, started))
    table.insert (lost, id)
  end
end
return lost
