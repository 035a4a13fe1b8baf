-- unlock.lua: gives back one of Kue's locks, if it still is ours.
--
-- KEYS: the lock
-- ARGV: prefix, now, the text it was taken with
-- Returns: 1 or 0.
--
-- Impossible: deleting the lock of another scanner that took it when ours had run out (H13).

if redis.call ('GET', KEYS[1]) == ARGV[3] then return redis.call ('DEL', KEYS[1]) end
return 0
