-- expire.lua: fails a job that nobody answered for, one second after expiring.lua asked.
--
-- KEYS: P:job:ID, P:jobs:active, P:callboard:leases
-- ARGV: prefix, now, id, the member that was found
-- Returns: { 'ok', state it is in now, attempts made }, { 'early' } when it is not (any more) over its time, { 'cleared' }.
--
-- Kue keeps a list of who answered, strikes the wrong ones from it and fails a job that runs again by now (H11, H13), and
-- tells neither `failed` nor `failed attempt` (H12). Impossible here: only what still stands in the set with a time that is
-- over is failed, and it is told like any failure. An entry whose hash is gone or names another state is cleared away, and so
-- is one spelled otherwise than Kue does: the job has its own entry, or is failed with this one.

local id, member = ARGV[3], ARGV[4]
local clock, refusal = server_time ()
if refusal then return refusal end
local sure = math.min (now, clock)
local score = redis.call ('ZSCORE', KEYS[2], member)
if not score or tonumber (score) < 100000 or tonumber (score) > sure then return { 'early' } end
local h = redis.call ('HMGET', KEYS[1], 'type', 'state', 'workerId', 'started_at')
if not h[1] or h[2] ~= 'active' or member ~= zid_of (id) and redis.call ('ZSCORE', KEYS[2], zid_of (id)) then
  redis.call ('ZREM', KEYS[2], member)
  return { 'cleared' }
end
local answer = fail (id, h[1], 'TTL exceeded', 'TTL exceeded', 'TTL exceeded', false)
if not answer.err then
  if member ~= zid_of (id) then redis.pcall ('ZREM', KEYS[2], member) end
  redis.pcall ('ZREM', KEYS[3], lease_of (id, h[3], h[4]))
end
return answer
