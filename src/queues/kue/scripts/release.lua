-- release.lua: a claimed job back to waiting, as if it had not been claimed.
--
-- KEYS: P:job:ID, P:callboard:leases
-- ARGV: prefix, now, id, worker, started_at of the claim
-- Returns: { 'ok' }, { 'gone' } or { 'owner', state, worker }.
--
-- A job that was claimed ahead and not begun goes back without a word: nobody was told that it had started.
--
-- Impossible: two tokens or two runs, because another has put it back already; a job in neither set.

local id, worker, started = ARGV[3], ARGV[4], ARGV[5]
local answer = not_owned (id, worker, started)
if answer then return answer end
local h = redis.call ('HMGET', KEYS[1], 'type', 'priority', 'callboard_deaths')
local bad = cannot_enter (h[1], 'inactive')
if bad then return bad end
local late = is_late (id)
move (id, h[1], 'inactive', priority_of (id, h[2]))
redis.pcall ('ZREM', KEYS[2], lease_of (id, worker, started))
if is_ahead (worker) and h[3] == '0' then redis.call ('HDEL', KEYS[1], 'callboard_deaths') end
if h[3] or not is_ahead (worker) then emit (id, 'enqueue', quote (h[1])) end
if late then answer_for (id) end
return { 'ok' }
