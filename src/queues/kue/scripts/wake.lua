-- wake.lua: a slot that waits takes the next job. The call stands behind one that blocks, and runs in the moment in which that ends.
--
-- KEYS: as in turn.lua
-- ARGV: prefix, nothing, type T, length of the lease (ms), worker
-- Returns: as turn.lua, for one slot
--
-- When it runs is not known before, so that it asks the server. Where this user may not be told, it only hears whether there is something.
-- The next job is begun when this is over, so it has nothing but what it needs: claim.lua stands behind it.

local call, try = redis.call, redis.pcall
local T, length = ARGV[3], tonumber (ARGV[4])
local clock = server_time ()
if not clock then
  local n = try ('ZCARD', KEYS[1])
  return { type (n) == 'number' and n == 0 and 'none' or 'some', {}, {}, '0' }
end
now = clock
local stamp, deaf = decimal (now), false
local answers, takers, ahead, ahead_name = { { 'none' } }, { 1, [-1] = ARGV[5] }, {}, nil

