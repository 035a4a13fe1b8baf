-- log.lua: lines for the log of a run.
--
-- KEYS: P:job:ID, P:job:ID:log
-- ARGV: prefix, now, id, worker, started_at of the claim, line …
-- Returns: { 'ok' }, { 'gone' } or { 'owner', state, worker }.
--
-- Impossible: a log, or a hash of nothing but `updated_at`, left behind by a job that was removed while it ran (H7).

local answer = not_owned (ARGV[3], ARGV[4], ARGV[5]) or misfit (KEYS[2], 'list')
if answer then return answer end
-- In portions, as a call from Lua takes some thousand arguments at most.
for i = 6, #ARGV, 1000 do
  redis.call ('RPUSH', KEYS[2], unpack (ARGV, i, math.min (i + 999, #ARGV)))
end
redis.call ('HSET', KEYS[1], 'updated_at', decimal (now))
return { 'ok' }
