-- fail.lua: a run that failed, with the retry if there is one.
--
-- KEYS: P:job:ID, P:job:ID:log, P:callboard:leases
-- ARGV: prefix, now, id, worker, started_at of the claim, text of the error, line for the log, message,
--       `final` for no retry whatever is left, ms before which it is not to be tried again (empty: as the job says)
-- Returns: { 'ok', state it is in now, attempts made }, { 'gone' } or { 'owner', state, worker }.
--
-- Impossible: a failed job with attempts left and no retry (H28); a zombie (H7); a late worker failing the run of
-- another (H6); JavaScript out of the `backoff` field being run (H10).

local id, worker, started = ARGV[3], ARGV[4], ARGV[5]
local answer = not_owned (id, worker, started)
if answer then return answer end
local T = redis.call ('HGET', KEYS[1], 'type')
answer = fail (id, T, ARGV[6], ARGV[7], ARGV[8], ARGV[9] == 'final', number (ARGV[10]))
if not answer.err then
  redis.pcall ('ZREM', KEYS[3], lease_of (id, worker, started))
end
return answer
