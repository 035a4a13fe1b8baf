-- stage.lua: a part is added to what is put together of a key, and that ends by itself: nothing of it stays when nobody comes back.
--
-- KEYS: the name it has meanwhile. ARGV: in how many ms it ends; how many words the command takes at once, as Lua has no endless stack; the
-- command, and its words behind the key.
-- Returns { whether it was there, whether it is there now, the reply of the command, also when that is an error }.

local key, msec, most, command = KEYS[1], ARGV[1], tonumber (ARGV[2]), ARGV[3]
local there = redis.call ('EXISTS', key)
local reply

for i = 4, #ARGV, most do
  reply = redis.pcall (command, key, unpack (ARGV, i, math.min (i + most - 1, #ARGV)))
  if type (reply) == 'table' and reply.err then break end
end
return { there, redis.call ('PEXPIRE', key, msec), reply }
