-- priority.lua: another priority for a job, in its hash and in every set where priority is the score.
--
-- KEYS: P:job:ID, P:jobs
-- ARGV: prefix, now, id, priority (decimal text)
-- Returns: { 'ok' }, { 'gone' } or { 'untyped' }.
--
-- Kue saves the whole object again: a stale one moves the job back to the state it remembers (H6), and a waiting one gets
-- one token more. Neither here: the state is the one the hash names now, nothing moves, so no token is due. Where time
-- is the score (delayed, active with a time to live) it stays. The event is the one Kue tells on saving a waiting job.

local id, priority = ARGV[3], ARGV[4]
local zid = zid_of (id)
local h = redis.call ('HMGET', KEYS[1], 'type', 'state', 'ttl')
local T, S, ttl = h[1], h[2], number (h[3])
if not T then return absent (KEYS[1]) end

local known = false
for _, state in ipairs (STATES) do known = known or state == S end
local bad = known and cannot_enter (T, S) or misfit (KEYS[2], 'zset')
if bad then return bad end

redis.call ('HSET', KEYS[1], 'priority', priority, 'updated_at', decimal (now))
redis.call ('ZADD', KEYS[2], priority, zid)
if known then
  -- Only where it stands: a waiting job that is in no set of its type is one that a worker of Kue has just taken (6.3), and
  -- put back it would run twice.
  redis.call ('ZADD', P .. ':jobs:' .. T .. ':' .. S, 'XX', priority, zid)
  if S == 'active' and not (ttl and ttl > 0) then
    redis.call ('ZADD', P .. ':jobs:active', 'XX', decimal (0 - math.abs (tonumber (priority))), zid)
  elseif S ~= 'active' and S ~= 'delayed' then
    redis.call ('ZADD', P .. ':jobs:' .. S, 'XX', priority, zid)
  end
  if S == 'inactive' then emit (id, 'enqueue', quote (T)) end
end
return { 'ok' }
