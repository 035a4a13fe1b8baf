-- expiring.lua: asks who holds the jobs that are over their time to live. Changes nothing.
--
-- KEYS: P:jobs:active
-- ARGV: prefix, now, most jobs
-- Returns: the ids asked for, each told as `ttl exceeded`.
--
-- Over time means by both clocks, the caller's and the server's own: a caller whose clock is an hour ahead fails nobody.

local t = redis.call ('TIME')
now = math.min (now, tonumber (t[1]) * 1000 + math.floor (tonumber (t[2]) / 1000))
local ids = {}
for _, member in ipairs (redis.call ('ZRANGEBYSCORE', KEYS[1], 100000, decimal (now), 'LIMIT', 0, ARGV[3])) do
  local id = id_of (member)
  if id then
    emit (id, 'ttl exceeded')
    table.insert (ids, id)
  end
end
return ids
