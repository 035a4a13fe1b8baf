#!lua flags=no-writes
-- pending.lua: what a group of a stream has delivered and not heard of. Changes nothing; the server is told so.
--
-- KEYS: the stream. ARGV: the group, from which id, how many at most.
-- Returns { { id, consumer, idle ms, deliveries, 1 when the entry is still in the stream, else 0 }, … }.

local result = redis.call ('XPENDING', KEYS[1], ARGV[1], ARGV[2], '+', ARGV[3])
for _, entry in ipairs (result) do
  entry[5] = #redis.call ('XRANGE', KEYS[1], entry[1], entry[1])
end
return result
