-- state.lua: a job moved by hand into any state, also one that Kue doesn't know, from whatever state it is in (8.4).
--
-- KEYS: P:job:ID, P:callboard:leases
-- ARGV: prefix, now, id, state
-- Returns: { 'ok' }, { 'gone' }, { 'untyped' }, { 'held', worker } when a living Callboard worker runs it.
--
-- Kue changes the state it remembers, and then saves the whole object, which is a second change. Impossible here: a job
-- in two states because it had moved since it was read (H6); two tokens and two events for one move; a job taken
-- from under a worker that runs it. Nothing but the state changes: `active` is run by nobody, `complete` has no
-- result. A job that is in the state already, and where it belongs, is left as it is.

local id, S = ARGV[3], ARGV[4]
local h = redis.call ('HMGET', KEYS[1], 'type', 'state', 'priority', 'workerId', 'started_at', 'ttl', 'promote_at', 'created_at', 'delay')
local T, old, zid = h[1], h[2], zid_of (id)
if not T then return absent (KEYS[1]) end
local bad = cannot_enter (T, S)
if bad then return bad end

if old == S and redis.call ('ZSCORE', P .. ':jobs:' .. S, zid)
   and redis.call ('ZSCORE', P .. ':jobs:' .. T .. ':' .. S, zid) then
  return { 'ok' }
end
if old == 'active' then
  local lease = redis.pcall ('ZSCORE', KEYS[2], lease_of (id, h[4], h[5]))
  if type (lease) == 'string' and tonumber (lease) > now then return { 'held', h[4] or '' } end
end

local priority, score = priority_of (id, h[3]), nil
if S == 'delayed' then
  score = number (h[7]) or (number (h[8]) or now) + (number (h[9]) or 0)
  score = decimal (score)
elseif S == 'active' then
  local ttl = number (h[6])
  score = ttl and ttl > 0 and decimal (now + math.floor (ttl)) or decimal (0 - math.abs (tonumber (priority)))
end

local late = old == 'active' and is_late (id)
move (id, T, S, priority, score)
-- move () knows the states of Kue; a job may come from another.
if old and old ~= S then
  redis.pcall ('ZREM', P .. ':jobs:' .. old, zid)
  redis.pcall ('ZREM', P .. ':jobs:' .. T .. ':' .. old, zid)
end
redis.pcall ('ZREM', KEYS[2], lease_of (id, h[4], h[5]))
if old == 'inactive' and old ~= S then settle (T) end
if S == 'inactive' then emit (id, 'enqueue', quote (T)) end
if late then answer_for (id) end
return { 'ok' }
