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
--
-- The jobs of one call share the changes of the sets: what is left for each is its hash and its event.

local N = 9
local call = redis.call
local stamp = ARGV[2]
local bad = misfit (KEYS[2], 'set')
if bad then return bad end

-- What goes into the same sets, by state and type.
local groups, order = {}, {}
local latest = {}
local function group_of (T, S)
  -- Nearly always that of the job before.
  if latest.T == T and latest.S == S then return latest end
  local name = S .. ':' .. T
  if not groups[name] then
    groups[name] = { T = T, S = S, n = 0, typed = {}, scored = {}, tokens = {},
                     told = ',"event":"enqueue","args":["enqueue",' .. quote (T) .. ']}' }
    order[#order + 1] = groups[name]
  end
  latest = groups[name]
  return latest
end

for i = 3, #ARGV, N do
  group_of (ARGV[i], tonumber (ARGV[i + 3]) > 0 and 'delayed' or 'inactive')
end
for _, group in ipairs (order) do
  bad = cannot_enter (group.T, group.S)
  if bad then return bad end
end

local ids, keys, count = {}, {}, (#ARGV - 2) / N
local last = call ('INCRBY', KEYS[1], count)
for n = 1, count do
  ids[n] = decimal (last - count + n)
  keys[n] = P .. ':job:' .. ids[n]
end
local crowded = call ('EXISTS', unpack (keys)) > 0
if crowded then
  -- One by one, from the first that is free.
  call ('DECRBY', KEYS[1], count)
  for n = 1, count do
    local tries = 0
    repeat
      ids[n] = decimal (call ('INCR', KEYS[1]))
      tries = tries + 1
      if tries > 100000 then
        return redis.error_reply ('ERR ' .. KEYS[1] .. ' is far behind the ids of the jobs that are there')
      end
    until call ('EXISTS', P .. ':job:' .. ids[n]) == 0
    keys[n] = P .. ':job:' .. ids[n]
  end
end

local all = {}
for n, id in ipairs (ids) do
  local T, data, priority, delay, attempts, backoff, ttl, remove = unpack (ARGV, 3 + (n - 1) * N, 2 + n * N)
  local wait = tonumber (delay)
  local promote = wait > 0 and decimal (now + wait) or stamp
  local S = wait > 0 and 'delayed' or 'inactive'
  if wait <= 0 and ttl == '0' and remove == '' and backoff == '' then
    call ('HSET', keys[n], 'max_attempts', attempts, 'type', T, 'created_at', stamp, 'promote_at', promote, 'state', S,
          'updated_at', stamp, 'priority', priority, 'data', data)
  else
    local fields = { 'max_attempts', attempts, 'type', T, 'created_at', stamp, 'promote_at', promote, 'state', S,
                     'updated_at', stamp, 'priority', priority, 'data', data }
    local function add (field, value)
      local m = #fields
      fields[m + 1], fields[m + 2] = field, value
    end
    if wait > 0 then add ('delay', delay) end
    if tonumber (ttl) > 0 then add ('ttl', ttl) end
    if remove ~= '' then add ('removeOnComplete', 'true') end
    if backoff ~= '' then add ('backoff', backoff) end
    call ('HSET', keys[n], unpack (fields))
  end

  local zid, group = zid_of (id), group_of (T, S)
  local m = group.n + 1
  group.n = m
  group.tokens[m] = '1'
  group.typed[2 * m - 1], group.typed[2 * m] = priority, zid
  group.scored[2 * m - 1], group.scored[2 * m] = wait > 0 and promote or priority, zid
  all[2 * n - 1], all[2 * n] = priority, zid
end

call ('ZADD', KEYS[3], unpack (all))
for _, group in ipairs (order) do
  call ('SADD', KEYS[2], group.T)
  call ('ZADD', P .. ':jobs:' .. group.S, unpack (group.scored))
  call ('ZADD', P .. ':jobs:' .. group.T .. ':' .. group.S, unpack (group.typed))
  if group.S == 'inactive' then call ('LPUSH', P .. ':' .. group.T .. ':jobs', unpack (group.tokens)) end
end
local events = P .. ':events'
for n, id in ipairs (ids) do
  local i = 3 + (n - 1) * N
  if crowded then
    -- What an earlier job of that id has left behind.
    local S = tonumber (ARGV[i + 3]) > 0 and 'delayed' or 'inactive'
    for _, state in ipairs ({ 'inactive', 'active', 'complete', 'failed', 'delayed' }) do
      if state ~= S then
        redis.pcall ('ZREM', P .. ':jobs:' .. state, zid_of (id))
        redis.pcall ('ZREM', P .. ':jobs:' .. ARGV[i] .. ':' .. state, zid_of (id))
      end
    end
  end
  if ARGV[i + 8] ~= '' then index (id, ARGV[i + 8]) end
  if tonumber (ARGV[i + 3]) <= 0 then
    redis.pcall ('PUBLISH', events, '{"id":' .. id .. group_of (ARGV[i], 'inactive').told)
  end
end
return ids
