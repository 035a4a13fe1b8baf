-- edit.lua: one change of one key, when it is still as it was shown.
--
-- KEYS: the key, and for rename, copy, land and land-dump the other one.
-- ARGV: what to do; the type the key had ('none': it must not be there); the element (field, member, index, id); the new
-- value (or score, or time, or the new name); what the element was: '*' whatever, '-' not there, '=' and the SHA-1 of its bytes;
-- of list-insert a text that is in no list, of stream-add the other fields and values, of string-splice two numbers; of what takes an
-- element out, how many bytes of it may be kept where it is the only one.
--
-- Returns { 'OK', … } (of the only element that was taken out: the DUMP of the key that went with it, and when it would have ended); or, when nothing was done: { 'TYPE', type now }, { 'CHANGED', the first of the bytes it has now
-- (nothing: it is not there), their number }, { 'EXISTS' }, { 'LARGE', bytes }, { 'LONG', bytes }.
--
-- Everything is looked at before the first write, and the first write is one that a full or read-only server refuses.

local key, other = KEYS[1], KEYS[2]
local op, shown, element, value, expected = unpack (ARGV)
local SAMPLE = 2048

local t = redis.call ('TYPE', key).ok
if t ~= shown then return { 'TYPE', t } end

-- Whether the element is not as it was shown: then what to return.
local function differs (now)
  if expected == '*' or (expected == '-' and not now) then return nil end
  if not now then return { 'CHANGED' } end
  if expected == '=' .. redis.sha1hex (now) then return nil end
  return { 'CHANGED', string.sub (now, 1, SAMPLE), #now }
end

local ops = {}

ops['string-set'] = function ()
  local wrong = differs (redis.call ('GET', key))
  if wrong then return wrong end
  redis.call ('SET', key, value, 'KEEPTTL')
end

-- A part of it: the element is where it begins, the sixth how long it was. Only that part is looked at: what stands before and behind it
-- may be another by now, and stays. Of another length all of it is written anew, so that is bounded by the seventh.
ops['string-splice'] = function ()
  local at, length = tonumber (element), tonumber (ARGV[6])
  local wrong = differs (redis.call ('GETRANGE', key, at, at + length - 1))
  if wrong then return wrong end
  if #value == length then
    redis.call ('SETRANGE', key, at, value)
    return
  end
  local size = redis.call ('STRLEN', key)
  if size - length + #value > tonumber (ARGV[7]) then return { 'LONG', size } end
  local before = at > 0 and redis.call ('GETRANGE', key, 0, at - 1) or ''
  redis.call ('SET', key, before .. value .. redis.call ('GETRANGE', key, at + length, -1), 'KEEPTTL')
end

-- A document as JSON.GET writes it. JSON.SET makes a new value, which would not end any more.
ops['json-set'] = function ()
  local wrong = differs (redis.call ('JSON.GET', key))
  if wrong then return wrong end
  local at = redis.call ('PEXPIRETIME', key)
  redis.call ('JSON.SET', key, '.', value)
  if at >= 0 then redis.call ('PEXPIREAT', key, at) end
end

ops['hash-set'] = function ()
  local wrong = differs (redis.call ('HGET', key, element))
  if wrong then return wrong end
  redis.call ('HSET', key, element, value)
end

ops['hash-delete'] = function ()
  local wrong = differs (redis.call ('HGET', key, element))
  if wrong then return wrong end
  redis.call ('HDEL', key, element)
end

ops['list-set'] = function ()
  local wrong = differs (redis.call ('LINDEX', key, element))
  if wrong then return wrong end
  redis.call ('LSET', key, element, value)
end

-- By its place, whatever equal ones there are: it becomes something that no other is, and that is taken out.
ops['list-delete'] = function ()
  local wrong = differs (redis.call ('LINDEX', key, element))
  if wrong then return wrong end
  redis.call ('LSET', key, element, value)
  redis.call ('LREM', key, tonumber (element) < 0 and -1 or 1, value)
end

-- Behind the last one, or where the one that is there now moves on from: the way back of list-delete.
ops['list-insert'] = function ()
  local at, length = tonumber (element), redis.call ('LLEN', key)
  if at > length then return { 'CHANGED' } end
  if at == length then
    redis.call ('RPUSH', key, value)
    return
  end
  -- A mark that no other is takes its place for the moment that LINSERT needs to find it.
  local there, mark = redis.call ('LINDEX', key, at), ARGV[6]
  redis.call ('LSET', key, at, mark)
  redis.call ('LINSERT', key, 'BEFORE', mark, value)
  redis.call ('LSET', key, at + 1, there)
end

ops['list-push'] = function ()
  redis.call (element == 'head' and 'LPUSH' or 'RPUSH', key, value)
end

-- Another name for a field, another member: never over one that is there.
ops['hash-rename'] = function ()
  local now = redis.call ('HGET', key, element)
  if not now then return { 'CHANGED' } end
  local wrong = differs (now)
  if wrong then return wrong end
  if redis.call ('HEXISTS', key, value) == 1 then return { 'EXISTS' } end
  redis.call ('HSET', key, value, now)
  redis.call ('HDEL', key, element)
end

ops['set-change'] = function ()
  if redis.call ('SISMEMBER', key, element) == 0 then return { 'CHANGED' } end
  if redis.call ('SISMEMBER', key, value) == 1 then return { 'EXISTS' } end
  redis.call ('SADD', key, value)
  redis.call ('SREM', key, element)
end

ops['zset-change'] = function ()
  local now = redis.call ('ZSCORE', key, element)
  if not now then return { 'CHANGED' } end
  local wrong = differs (now)
  if wrong then return wrong end
  if redis.call ('ZSCORE', key, value) then return { 'EXISTS' } end
  redis.call ('ZADD', key, now, value)
  redis.call ('ZREM', key, element)
end

ops['set-add'] = function ()
  if redis.call ('SISMEMBER', key, element) == 1 then return { 'EXISTS' } end
  redis.call ('SADD', key, element)
end

ops['set-delete'] = function ()
  if redis.call ('SISMEMBER', key, element) == 0 then return { 'CHANGED' } end
  redis.call ('SREM', key, element)
end

ops['zset-set'] = function ()
  local wrong = differs (redis.call ('ZSCORE', key, element))
  if wrong then return wrong end
  redis.call ('ZADD', key, value, element)
end

ops['zset-delete'] = function ()
  local wrong = differs (redis.call ('ZSCORE', key, element))
  if wrong then return wrong end
  redis.call ('ZREM', key, element)
end

ops['stream-add'] = function ()
  return { 'OK', redis.call ('XADD', key, '*', element, value, unpack (ARGV, 6)) }
end

ops['stream-delete'] = function ()
  if #redis.call ('XRANGE', key, element, element) == 0 then return { 'CHANGED' } end
  redis.call ('XDEL', key, element)
end

ops['expire'] = function () redis.call ('PEXPIRE', key, value) end
ops['persist'] = function () redis.call ('PERSIST', key) end

ops['rename'] = function ()
  if redis.call ('RENAMENX', key, other) == 0 then return { 'EXISTS' } end
end

-- What was put together under a name of its own takes its place in one step; the value is the ms since 1970 when it ends, 0 never.
ops['land'] = function ()
  redis.call ('RENAME', other, key)
  if value == '0' then
    redis.call ('PERSIST', key)
  else
    redis.call ('PEXPIREAT', key, value)
  end
end

-- The same for a DUMP that came in parts.
ops['land-dump'] = function ()
  redis.call ('RESTORE', key, value, redis.call ('GET', other) or '', 'ABSTTL')
  redis.call ('UNLINK', other)
end

ops['copy'] = function ()
  if redis.call ('COPY', key, other) == 0 then return { 'EXISTS' } end
end

-- The value is how long a DUMP may be that is kept to put the key back; '-' for none. Who has kept one already expects
-- the key to be the same still.
ops['delete'] = function ()
  local dump, at = false, -1
  if value ~= '-' then
    dump, at = redis.call ('DUMP', key), redis.call ('PEXPIRETIME', key)
    if #dump > tonumber (value) then return { 'LARGE', #dump } end
  elseif expected ~= '*' and differs (redis.call ('DUMP', key)) then
    return { 'CHANGED' }
  end
  redis.call ('UNLINK', key)
  return { 'OK', dump, at }
end

-- The value is a DUMP, the element the ms since 1970 when it ends, 0 for never.
ops['restore'] = function ()
  redis.call ('RESTORE', key, element, value, 'ABSTTL')
end

-- With its only element a key goes. What puts it back is the whole of it, with its end: kept in the same step, so that it holds nothing
-- that others have put there or taken meanwhile.
local size = ({ ['hash-delete'] = 'HLEN', ['list-delete'] = 'LLEN', ['set-delete'] = 'SCARD', ['zset-delete'] = 'ZCARD' })[op]
if not size or redis.call (size, key) ~= 1 then return ops[op] () or { 'OK' } end

local bytes = #element
if op == 'hash-delete' then bytes = bytes + redis.call ('HSTRLEN', key, element) end
if op == 'list-delete' then bytes = #(redis.call ('LINDEX', key, element) or '') end
if bytes > tonumber (ARGV[6]) then return { 'LARGE', bytes } end
local dump, at = redis.call ('DUMP', key), redis.call ('PEXPIRETIME', key)
return ops[op] () or { 'OK', dump, at }
