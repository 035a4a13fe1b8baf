-- progress.lua: how far a run is.
--
-- KEYS: P:job:ID, P:jobs:active
-- ARGV: prefix, now, id, worker, started_at of the claim, percent, data (JSON, empty for none)
-- Returns: { 'ok' }, { 'gone' } or { 'owner', state, worker }.
--
-- Impossible: a half record of a removed job (H7); the time to live of a job being moved after it has ended.

local id = ARGV[3]
local answer = not_owned (id, ARGV[4], ARGV[5])
if answer then return answer end

redis.call ('HSET', KEYS[1], 'progress', ARGV[6], 'updated_at', decimal (now))
if ARGV[7] ~= '' then redis.call ('HSET', KEYS[1], 'progress_data', ARGV[7]) end
local ttl = number (redis.call ('HGET', KEYS[1], 'ttl'))
if ttl and ttl > 0 then redis.pcall ('ZADD', KEYS[2], decimal (now + math.floor (ttl)), zid_of (id)) end
emit (id, 'progress', ARGV[6], ARGV[7] ~= '' and ARGV[7] or 'null')
return { 'ok' }
