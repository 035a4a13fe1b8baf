#!lua flags=no-writes
-- inspect.lua: what a key is. Changes nothing; the server is told so.
--
-- KEYS: the key. Returns { type } when there is none, else { type, ms to live (-1 for ever), size, encoding or '',
-- bytes of memory or -1 }. The size is in elements, of a string in bytes, and of a type that is not known here that of
-- its DUMP, unless that would take long (-1).

local key = KEYS[1]
local COUNTS = { string = 'STRLEN', list = 'LLEN', hash = 'HLEN', set = 'SCARD', zset = 'ZCARD', stream = 'XLEN' }
local SHORT = 8 * 1024 * 1024

local t = redis.call ('TYPE', key).ok
if t == 'none' then return { t } end

local encoding = redis.pcall ('OBJECT', 'ENCODING', key)
local memory = redis.pcall ('MEMORY', 'USAGE', key)
if type (encoding) ~= 'string' then encoding = '' end
if type (memory) ~= 'number' then memory = -1 end

local size = -1
if COUNTS[t] then
  size = redis.call (COUNTS[t], key)
elseif memory >= 0 and memory <= SHORT then
  local dump = redis.pcall ('DUMP', key)
  if type (dump) == 'string' then size = #dump end
end

return { t, redis.call ('PTTL', key), size, encoding, memory }
