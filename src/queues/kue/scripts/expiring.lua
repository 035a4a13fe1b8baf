-- expiring.lua: asks who holds the jobs that are over their time to live. Changes nothing.
--
-- KEYS: P:jobs:active
-- ARGV: prefix, now, how many entries to pass over, most entries to look at
-- Returns: { entries looked at, id, member, id, member… }; each id was asked for, told as `ttl exceeded`.
--
-- Over time means by both clocks, the caller's and the server's own: a caller whose clock is an hour ahead fails nobody.
-- Whoever asks passes over what stood there before and could not be failed, so that it doesn't hide the rest.

local clock, refusal = server_time ()
if refusal then return refusal end
now = math.min (now, clock)
local members = redis.call ('ZRANGEBYSCORE', KEYS[1], 100000, decimal (now), 'LIMIT', ARGV[3], ARGV[4])
local found = { #members }
for _, member in ipairs (members) do
  local id = id_of (member)
  if id then
    emit (id, 'ttl exceeded')
    table.insert (found, id)
    table.insert (found, member)
  end
end
return found
