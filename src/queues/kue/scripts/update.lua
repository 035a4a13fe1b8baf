-- update.lua: a job that is there gets other data, priority, attempts, delay, time to live, back-off or end (6.2).
--
-- KEYS: P:job:ID, P:jobs
-- ARGV: prefix, now, id, `=` and the state it was read in, updated_at as it was read (each empty: whatever it is), then pairs:
--       data, priority, max_attempts, delay (ms from now, 0: none), ttl (ms, 0: none), backoff, removeOnComplete (empty: none),
--       words (of new data, for the search index), index (`true` to put it there also when it is not in it)
-- Returns: { 'ok', state it is in now }, { 'gone' }, { 'changed', state } when it is not as it was read, { 'running', what,
--          worker } for what cannot be changed under a worker, { 'taken', what } when a worker of Kue may just be taking
--          it, { 'tried', attempts made } when fewer attempts are asked for than were made.
--
-- Kue saves the whole object and the state that it remembers: a stale one brings a finished job back (H6), and what others
-- changed meanwhile is lost. Here only what was asked for is written, and nothing when somebody else was quicker.
--
-- Data and delay belong to the run once it has begun: the worker has read the data, and a job with a delay is not one
-- that runs. The others are looked at when the run ends, the deadline by the scan, so they can be changed until then.
--
-- Kue puts the words of the new data into its search index beside those of the old ones; here they take their place.
--
-- A delay is counted from now: Kue counts from the making of the job (or its last failure), so that of an old job is over
-- before it begins. Saved in Kue a waiting job goes on waiting, whatever its delay; here it is delayed by it. For a job that
-- is finished it is what its retry waits for; then promote_at is as Kue writes it.

local id, seen_state, seen_time = ARGV[3], ARGV[4], number (ARGV[5])
local zid, new = zid_of (id), {}
for i = 6, #ARGV, 2 do new[ARGV[i]] = ARGV[i + 1] end

local h = redis.call ('HMGET', KEYS[1], 'type', 'state', 'priority', 'ttl', 'updated_at', 'created_at', 'failed_at',
                      'attempts', 'workerId')
local T, S = h[1], h[2] or ''
if not T then return { 'gone' } end
if seen_state ~= '' and seen_state ~= '=' .. S
   or seen_time and math.floor (number (h[5]) or 0) ~= seen_time then
  return { 'changed', S }
end

local fixed = new.data and 'data' or new.delay and 'delay'
if fixed and S == 'active' then return { 'running', fixed, h[9] or '' } end

local known = false
for _, state in ipairs (STATES) do known = known or state == S end
local to, due = S, nil
if new.delay then
  local wait = tonumber (new.delay)
  if S == 'inactive' or S == 'delayed' then
    to = wait > 0 and 'delayed' or 'inactive'
    due = now + wait
  else
    due = (number (h[7]) or number (h[6]) or now) + wait
  end
end

local bad = known and (cannot_enter (T, S) or cannot_enter (T, to)) or misfit (KEYS[2], 'zset')
if bad then return bad end
if fixed and S == 'inactive' and not redis.call ('ZSCORE', P .. ':jobs:' .. T .. ':inactive', zid) then
  return { 'taken', fixed }
end
local most, made = number (new.max_attempts), number (h[8]) or 0
if most and most < made then return { 'tried', decimal (made) } end

-- What stands in the hash, and what does not. Zero and nothing are the same to Kue.
local fields, none = {}, {}
for _, name in ipairs { 'data', 'priority', 'max_attempts', 'delay', 'ttl', 'backoff', 'removeOnComplete' } do
  local value = new[name]
  if value == '' or value == '0' and (name == 'delay' or name == 'ttl') then
    table.insert (none, name)
  elseif value then
    table.insert (fields, name)
    table.insert (fields, value)
  end
end
if due and (to ~= S or tonumber (new.delay) > 0) then
  table.insert (fields, 'promote_at')
  table.insert (fields, decimal (due))
end

local priority = new.priority or priority_of (id, h[3])
if to ~= S then
  move (id, T, to, priority, to == 'delayed' and decimal (due) or nil, unpack (fields))
else
  redis.call ('HSET', KEYS[1], 'updated_at', decimal (now), unpack (fields))
  if new.priority then redis.call ('ZADD', KEYS[2], priority, zid) end
  if new.priority and known then
    redis.call ('ZADD', P .. ':jobs:' .. T .. ':' .. S, 'XX', priority, zid)
    if S ~= 'active' and S ~= 'delayed' then
      redis.call ('ZADD', P .. ':jobs:' .. S, 'XX', priority, zid)
    end
  end
  if due and S == 'delayed' then
    redis.call ('ZADD', P .. ':jobs:delayed', 'XX', decimal (due), zid)
  end
  if S == 'active' and (new.ttl or new.priority) then
    local ttl = number (new.ttl or h[4])
    local timed = ttl and ttl > 0
    if new.ttl or not timed then
      redis.call ('ZADD', P .. ':jobs:active', 'XX',
                  decimal (timed and now + math.floor (ttl) or 0 - math.abs (tonumber (priority))), zid)
    end
  end
end
if #none > 0 then redis.call ('HDEL', KEYS[1], unpack (none)) end
if new.words and (new.index or redis.call ('EXISTS', P .. ':search:object:' .. id) == 1) then
  unindex (id)
  index (id, new.words)
end
if S == 'inactive' and to ~= S then settle (T) end
if to == 'inactive' then emit (id, 'enqueue', quote (T)) end
return { 'ok', to }
