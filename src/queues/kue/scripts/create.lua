-- create.lua: makes jobs, all of them or none.
--
-- KEYS: P:ids, P:job:types, P:jobs, P:jobs:inactive, P:jobs:delayed
-- ARGV: prefix, now, then 9 for each job: type, data, priority, delay, attempts, backoff, ttl, `true` to remove it
--       on completion, words for the search index; an empty text for what there is none of (delay and ttl: 0)
-- Returns: the ids, in order.
--
-- Kue makes a job by some fifteen commands on its way to one transaction (6.1). Impossible here: a hash without
-- a state, or in no set, left by a crash in the middle (H5); a reader that finds the half-made job and deletes it
-- (H18); a token that is never pushed (H3). An id whose hash already is there (a counter that was lost or set
-- back) is passed over instead of writing over that job.

local N = 9
local bad = misfit (KEYS[2], 'set') or misfit (KEYS[3], 'zset') or misfit (KEYS[4], 'zset') or misfit (KEYS[5], 'zset')
if bad then return bad end
for i = 3, #ARGV, N do
  bad = cannot_enter (ARGV[i], tonumber (ARGV[i + 3]) > 0 and 'delayed' or 'inactive')
  if bad then return bad end
end

local ids = {}
for _ = 3, #ARGV, N do
  local id, tries = nil, 0
  repeat
    id = decimal (redis.call ('INCR', KEYS[1]))
    tries = tries + 1
    if tries > 100000 then
      return redis.error_reply ('ERR ' .. KEYS[1] .. ' is far behind the ids of the jobs that are there')
    end
  until redis.call ('EXISTS', P .. ':job:' .. id) == 0
  table.insert (ids, id)
end

for n, id in ipairs (ids) do
  local T, data, priority, delay, attempts, backoff, ttl, remove, words = unpack (ARGV, 3 + (n - 1) * N, 2 + n * N)
  local promote = decimal (now + tonumber (delay))
  local job = P .. ':job:' .. id
  redis.call ('HSET', job, 'max_attempts', attempts, 'type', T, 'created_at', decimal (now), 'promote_at', promote)
  redis.call ('SADD', KEYS[2], T)
  if tonumber (delay) > 0 then redis.call ('HSET', job, 'delay', delay) end
  if tonumber (ttl) > 0 then redis.call ('HSET', job, 'ttl', ttl) end
  if remove ~= '' then redis.call ('HSET', job, 'removeOnComplete', 'true') end
  if backoff ~= '' then redis.call ('HSET', job, 'backoff', backoff) end
  if tonumber (delay) > 0 then
    move (id, T, 'delayed', priority, promote, 'priority', priority, 'data', data)
  else
    move (id, T, 'inactive', priority, nil, 'priority', priority, 'data', data)
    emit (id, 'enqueue', quote (T))
  end
  if words ~= '' then index (id, words) end
end
return ids
