-- repair.lua: one finding, looked at once more and repaired, in one step.
--
-- KEYS: P:job:types
-- ARGV: prefix, now, ms after which an active job is suspect, kind, key, mark, then its subject as diagnose () reads it
-- Returns: { 'ok' }, { 'healed' } when it is not so any more.
--
-- Impossible: repairing what a worker, or another doctor, has put right or moved on meanwhile; half a repair because a key is
-- of another type. Only the commands of the finding as it is now are done, and nothing else is touched.
--
-- Tokens alone may differ from what was seen: one too many is harmless, and as many as jobs wait are never too few.

local WRITES = { HSET = 'hash', ZADD = 'zset', ZREM = 'zset', LPUSH = 'list', LPOP = 'list', LTRIM = 'list', SADD = 'set' }
local kind, key, mark = ARGV[4], ARGV[5], ARGV[6]

findings = {}
diagnose (7)
for _, finding in ipairs (findings) do
  local same = finding[1] == kind and finding[4] == key and finding[5] == mark
  if finding[1] == kind and (kind == 'tokens' or kind == 'surplus') then same = true end
  if same and #finding[7] > 0 then
    for _, command in ipairs (finding[7]) do
      local bad = WRITES[command[1]] and misfit (command[2], WRITES[command[1]])
      if bad then return bad end
    end
    for _, command in ipairs (finding[7]) do
      if command[1] == 'PUBLISH' then redis.pcall (unpack (command)) else redis.call (unpack (command)) end
    end
    return { 'ok' }
  end
end
return { 'healed' }
