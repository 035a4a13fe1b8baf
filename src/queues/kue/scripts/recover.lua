-- recover.lua: the jobs of workers that are dead, back to waiting.
--
-- KEYS: P:callboard:leases
-- ARGV: prefix, now, how many leases to pass over, most leases to look at
-- Returns: { leases looked at, jobs moved, leases kept }.
--
-- A lease that is over is dropped; its job is put back only if it still is active under exactly that claim. So a
-- worker that finished, lost or gave back its job in the last moment is not undone, and two sweepers do it once.
-- Over means by both clocks, the caller's idea of it and the server's own, so that a caller whose clock is wrong takes
-- nothing from the living. Being put back is no attempt, since the run did not end; but a job that kills its worker
-- each time must end somewhere: the hash counts in `callboard_deaths` (Kue ignores and keeps it), and with
-- max (5, max_attempts) deaths the job is failed for good. A completed run or a retry by hand forgets the count.
--
-- A job that can't be moved, because a key of its type is of another kind, keeps its lease; whoever calls passes over as many
-- as were kept, so that these don't hide the others.

local clock, refusal = server_time ()
if refusal then return refusal end
now = math.min (now, clock)
local members = redis.call ('ZRANGEBYSCORE', KEYS[1], '-inf', decimal (now), 'LIMIT', ARGV[3], ARGV[4])
local moved, kept = 0, 0
for _, member in ipairs (members) do
  local id, worker, started = string.match (member, '^(%d+) (.*) (%d*)$')
  local job = id and P .. ':job:' .. id
  local h = job and redis.pcall ('HMGET', job, 'type', 'state', 'workerId', 'started_at', 'priority', 'callboard_deaths', 'max_attempts')
  local keep = false
  if h and not h.err and h[1] and h[2] == 'active' and h[3] == worker and h[4] == started then
    local deaths = deaths_with (worker, h[6])
    local T, late = h[1], is_late (id)
    if deaths >= deaths_allowed (h[7]) then
      local text = 'The worker died while running this job, ' .. decimal (deaths) .. ' times'
      local answer = fail (id, T, text, text, text, true)
      keep = answer.err
      if not keep then redis.call ('HSET', job, 'callboard_deaths', decimal (deaths)) end
    else
      keep = cannot_enter (T, 'inactive')
      if not keep then
        move (id, T, 'inactive', priority_of (id, h[5]), nil, 'callboard_deaths', decimal (deaths))
        emit (id, 'enqueue', quote (T))
      end
    end
    if not keep then
      moved = moved + 1
      if late then answer_for (id) end
    end
  end
  if keep then
    kept = kept + 1
  else
    redis.call ('ZREM', KEYS[1], member)
  end
end
return { #members, moved, kept }
