-- basics.lua: what every script of this folder begins with; nearly all go on with common.lua.
--
-- Each script is one atomic change of one job (or of a few, where it says so): nothing else runs on the
-- server meanwhile, so no reader and no crash can see half of it. Three rules keep that true when the
-- server itself objects, since Redis undoes nothing of a script that stops:
--
--   1. Before the first write, every key that will be written *to* is known to be of its type (misfit).
--      Taking an id out of a set is allowed to fail: a key of another type cannot hold the id.
--   2. The first write is HSET or another command that asks for memory: a server that refuses writes
--      (OOM, READONLY, MISCONF, NOREPLICAS) refuses there, when nothing has happened yet.
--   3. What is told and not kept (PUBLISH, the sum of working times) may fail without harm.
--
-- All scripts take the prefix as ARGV[1] and the time as ARGV[2], in ms since 1970 UTC by the server's
-- clock as the caller's connection knows it: one clock stamps jobs, promotes them and counts down.
--
-- KEYS holds what is known beforehand. The type of a job stands in its hash, so the keys of the type are
-- made from the prefix here, undeclared: right for a single server, and for a cluster only with a hash tag
-- as the prefix.
--
-- A script is read from its first line at each call, and each function of it is made anew. That is a good part of what a short one
-- costs, so that what somebody waits for, a job that is made and the claim of it, begins with nothing but this.

local P, now = ARGV[1], tonumber (ARGV[2])

-- What Kue gets out of Number (text), but false for everything that is no finite decimal number.
local function number (text)
  if text == '0' then return 0 end -- the usual ones
  if text == '1' then return 1 end
  if not text or not string.find (text, '^[+-]?%.?%d[%d.eE+-]*$') then return false end
  local n = tonumber (text)
  return n and n - n == 0 and n or false
end

-- Decimal text without exponent for whole numbers; Lua's own tostring () gives 1.7e+12.
local floor, format, sub = math.floor, string.format, string.sub
local function decimal (n)
  if n ~= floor (n) then return format ('%.17g', n) end
  return format (n < 1e15 and n > -1e15 and '%d' or '%.0f', n)
end

-- An id as a member of Kue's sets: two digits of length, so that equal scores sort first in, first out.
local LENGTHS = '01|02|03|04|05|06|07|08|09|10|11|12|13|14|15|16|17|18|19|'
local function zid_of (id)
  local n = 3 * #id
  return sub (LENGTHS, n - 2, n) .. id
end

-- And back, as Kue reads it: what follows the first bar, or all of it, as a number. Nil when that is none.
local function id_of (member)
  local plain = string.match (member, '^%d%d|([1-9]%d*)$')
  if plain and #plain < 19 then return plain end
  local digits = string.match (member, '^[^|]*|(%d+)$') or string.match (member, '^(%d+)$')
  if digits and #digits < 19 then
    return string.match (digits, '^0*(%d+)$')
  end
end

-- As JSON.stringify writes strings. cjson.encode would escape '/' as well.
local function quote (text)
  if not string.find (text, '[%z\1-\31"\\]') then return '"' .. text .. '"' end
  local escapes = { ['"'] = '\\"', ['\\'] = '\\\\', ['\b'] = '\\b', ['\f'] = '\\f',
                    ['\n'] = '\\n', ['\r'] = '\\r', ['\t'] = '\\t' }
  return '"' .. string.gsub (text, '[%z\1-\31"\\]', function (c)
    return escapes[c] or string.format ('\\u%04x', string.byte (c))
  end) .. '"'
end

-- Nil when a key is of its kind or is not there. How many it has is a shorter answer than its type, and as good.
local function misfit (key, kind)
  local count = kind == 'zset' and 'ZCARD' or kind == 'list' and 'LLEN' or kind == 'set' and 'SCARD'
  if count and type (redis.pcall (count, key)) == 'number' then return nil end
  local found = redis.call ('TYPE', key).ok
  if found ~= 'none' and found ~= kind then
    return redis.error_reply ('WRONGTYPE ' .. key .. ' is a ' .. found .. ' where Kue keeps a ' .. kind)
  end
end

-- The reason why a job of type T cannot be put into state S, or nil.
local function cannot_enter (T, S)
  return misfit (P .. ':jobs', 'zset')
      or misfit (P .. ':jobs:' .. S, 'zset')
      or misfit (P .. ':jobs:' .. T .. ':' .. S, 'zset')
      or S == 'inactive' and misfit (P .. ':' .. T .. ':jobs', 'list')
      or nil
end

-- The priority as text. A hash without a usable one keeps the score it has, so that it stays in the sets.
local function priority_of (id, text)
  if number (text) then return text end
  local score = redis.pcall ('ZSCORE', P .. ':jobs', zid_of (id))
  return type (score) == 'string' and score or '0'
end

-- Into the search index of Kue, of which common.lua tells. Words: lines `COUNT CODE`.
local function index (id, words)
  for count, code in string.gmatch (words, '(%d+) ([^\n]*)\n') do
    redis.pcall ('ZADD', P .. ':search:word:' .. code, count, id)
    redis.pcall ('ZADD', P .. ':search:object:' .. id, count, code)
  end
end

-- The claim of a worker as a member of the set of leases: `ID WORKER STARTED_AT`.
local LEASES = P .. ':callboard:leases'
local function lease_of (id, worker, started)
  return id .. ' ' .. (worker or '') .. ' ' .. (started or '')
end

-- The server's own clock, in ms; nil and the refusal where this user may not ask for it. Its commands are logged by their
-- effects, so that a script may.
local function server_time ()
  local t = redis.pcall ('TIME')
  if t.err then return nil, redis.error_reply ('NOPERM the server does not tell this user what time it is (TIME)') end
  return tonumber (t[1]) * 1000 + math.floor (tonumber (t[2]) / 1000)
end
