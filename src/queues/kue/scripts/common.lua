-- common.lua: what every script of this folder begins with.
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

local P, now = ARGV[1], tonumber (ARGV[2])
local STATES = { 'inactive', 'active', 'complete', 'failed', 'delayed' }

-- The delays a retry may get, in ms: whatever Kue computes below, a year by doubling, a century if told so.
local LONGEST_DOUBLED, LONGEST_DELAY = 31536000000, 3155760000000

-- What Kue gets out of Number (text), but false for everything that is no finite decimal number.
local NUMBERS = { ['0'] = 0, ['1'] = 1, ['-5'] = -5, ['-10'] = -10, ['-15'] = -15, ['10'] = 10 }  -- the usual ones
local function number (text)
  if NUMBERS[text] then return NUMBERS[text] end
  if not text or not string.find (text, '^[+-]?%.?%d[%d.eE+-]*$') then return false end
  local n = tonumber (text)
  return n and n - n == 0 and n or false
end

-- Decimal text without exponent for whole numbers; Lua's own tostring () gives 1.7e+12.
local function decimal (n)
  if n ~= math.floor (n) then return string.format ('%.17g', n) end
  return string.format (n < 1e15 and n > -1e15 and '%d' or '%.0f', n)
end

-- An id as a member of Kue's sets: two digits of length, so that equal scores sort first in, first out.
local LENGTHS = '01|02|03|04|05|06|07|08|09|10|11|12|13|14|15|16|17|18|19|'
local function zid_of (id)
  return string.sub (LENGTHS, 3 * #id - 2, 3 * #id) .. id
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
local ESCAPES = { ['"'] = '\\"', ['\\'] = '\\\\', ['\b'] = '\\b', ['\f'] = '\\f',
                  ['\n'] = '\\n', ['\r'] = '\\r', ['\t'] = '\\t' }
local function quote (text)
  return '"' .. string.gsub (text, '[%z\1-\31"\\]', function (c)
    return ESCAPES[c] or string.format ('\\u%04x', string.byte (c))
  end) .. '"'
end

-- An event in exactly Kue's form. The id must be a JSON number: a message that Kue cannot parse ends every
-- process that hears it. Not being allowed to publish must not stop a change in the middle.
local function emit (id, event, ...)
  local args = { '"' .. event .. '"', ... }
  redis.pcall ('PUBLISH', P .. ':events',
               '{"id":' .. id .. ',"event":"' .. event .. '","args":[' .. table.concat (args, ',') .. ']}')
end

local function misfit (key, kind)
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

-- Out of the sets of all states but S, whichever the hash names: a change made from an old memory of the job
-- leaves ids in two states.
local function leave (id, T, S)
  local zid = zid_of (id)
  for _, state in ipairs (STATES) do
    if state ~= S then
      redis.pcall ('ZREM', P .. ':jobs:' .. state, zid)
      redis.pcall ('ZREM', P .. ':jobs:' .. T .. ':' .. state, zid)
    end
  end
end

-- The state change: hash, sets, token, in Kue's end state. Fields are pairs that go into the hash with it.
-- The caller has asked cannot_enter (). Score: of the set of all types, where it is not the priority.
local function move (id, T, S, priority, score, ...)
  local zid = zid_of (id)
  redis.call ('HSET', P .. ':job:' .. id, 'state', S, 'updated_at', decimal (now), ...)
  redis.call ('ZADD', P .. ':jobs', priority, zid)
  redis.call ('ZADD', P .. ':jobs:' .. S, score or priority, zid)
  redis.call ('ZADD', P .. ':jobs:' .. T .. ':' .. S, priority, zid)
  leave (id, T, S)
  if S == 'inactive' then
    redis.call ('LPUSH', P .. ':' .. T .. ':jobs', '1')
  end
end

-- Kue's search index, which a producer keeps that was told to (6.18): how often a word is in a job, and the words of the job.
-- It is only good for finding: what stands in its way does not stop a change. Words: lines `COUNT CODE`.
local function unindex (id)
  local object = P .. ':search:object:' .. id
  local codes = redis.pcall ('ZRANGE', object, 0, -1)
  if codes.err or #codes == 0 then return end
  for _, code in ipairs (codes) do redis.pcall ('ZREM', P .. ':search:word:' .. code, id) end
  redis.call ('DEL', object)
end

local function index (id, words)
  for count, code in string.gmatch (words, '(%d+) ([^\n]*)\n') do
    redis.pcall ('ZADD', P .. ':search:word:' .. code, count, id)
    redis.pcall ('ZADD', P .. ':search:object:' .. id, count, code)
  end
end

-- Fewer jobs of type T wait than before: no more tokens than there are such jobs, so that nobody is woken for nothing. A worker
-- of Kue that has its token already is not concerned; there are then fewer than jobs.
local function settle (T)
  local tokens = P .. ':' .. T .. ':jobs'
  local has, wait = redis.pcall ('LLEN', tokens), redis.pcall ('ZCARD', P .. ':jobs:' .. T .. ':inactive')
  if type (has) == 'number' and type (wait) == 'number' and has > wait then
    redis.call ('LTRIM', tokens, has - wait, -1)
  end
end

-- The claim of a worker as a member of the set of leases: `ID WORKER STARTED_AT`.
local LEASES = P .. ':callboard:leases'
local function lease_of (id, worker, started)
  return id .. ' ' .. (worker or '') .. ' ' .. (started or '')
end

-- A claim ahead (turn.lua): its job was not begun as long as it has no `callboard_deaths`.
local function is_ahead (worker)
  return worker and string.sub (worker, -6) == ':ahead'
end

-- Who ran it, without that: what is written when it is over.
local function without_ahead (worker)
  return is_ahead (worker) and string.sub (worker, 1, -7) or worker
end

-- How many workers have died with the job in hand, now that one more has. One that had it ahead and had not begun it does not count,
-- but as nobody can tell for sure, the job is not taken ahead any more.
local function deaths_with (worker, deaths)
  if is_ahead (worker) and not deaths then return 0 end
  return (number (deaths) or 0) + 1
end

-- The server's own clock, in ms; nil and the refusal where this user may not ask for it. Its commands are logged by their
-- effects, so that a script may.
local function server_time ()
  local t = redis.pcall ('TIME')
  if t.err then return nil, redis.error_reply ('NOPERM the server does not tell this user what time it is (TIME)') end
  return tonumber (t[1]) * 1000 + math.floor (tonumber (t[2]) / 1000)
end

-- How often workers may die while they run a job before the job is what is to blame. A worker that is killed for other
-- reasons takes down what it happens to run, so that long jobs on a machine in trouble collect some deaths of others.
local function deaths_allowed (max_attempts)
  return math.max (5, number (max_attempts) or 1)
end

-- Nil when the job is active under exactly this claim; else what to answer. A worker that comes back late
-- (stopped, cut off, its lease over) finds another claim, or another state, and changes nothing.
local function not_owned (id, worker, started)
  local h = redis.call ('HMGET', P .. ':job:' .. id, 'type', 'state', 'workerId', 'started_at')
  if not h[1] then return { 'gone' } end
  if h[2] ~= 'active' or h[3] ~= worker or h[4] ~= started then return { 'owner', h[2] or '', h[3] or '' } end
end

-- How long a retry waits, in ms, or nil for at once: Job.backoff () of Kue. Kue evaluates the field as JavaScript;
-- here `true`, anything that is no JSON object of the two known kinds, and so every function, means the job's
-- own delay. Second result: whether there is a backoff at all.
local function next_delay (backoff, delay, made)
  if not backoff or backoff == '' or backoff == 'false' or backoff == 'null' or backoff == '0'
     or backoff == 'undefined' or backoff == '""' then
    return nil, false
  end
  local own = number (delay)
  local wait = own
  local ok, b = pcall (cjson.decode, backoff)
  if ok and type (b) == 'table' then
    local d = type (b.delay) == 'number' and b.delay ~= 0 and b.delay or own
    if d and b.type == 'fixed' then
      wait = d
    elseif d and b.type == 'exponential' then
      local most = type (b.maxDelay) == 'number' and b.maxDelay ~= 0 and b.maxDelay or math.huge
      wait = math.floor (math.min (most - d / 2, d / 2 * (2 ^ made - 1), LONGEST_DOUBLED) + 0.5)
    end
  end
  if not (wait and wait > 0) then wait = own end
  if not (wait and wait >= 1) then return nil, true end
  return math.floor (math.min (wait, LONGEST_DELAY)), true
end

-- A failed run, in one step: error, log line, attempt, and the retry when attempts are left. Kue counts the
-- attempt after the change to `failed` and makes the retry after that; a crash in between leaves a failed job
-- with attempts left that nobody tries again.
-- After: in ms, that it is not to be tried again before; it may only make the wait longer, and is not the job's own delay.
-- Unheard: that it was begun was not told yet.
local function fail (id, T, text, line, message, final, after, unheard)
  local job = P .. ':job:' .. id
  local h = redis.call ('HMGET', job, 'attempts', 'max_attempts', 'backoff', 'delay', 'priority', 'promote_at')
  local made, most = number (h[1]) or 0, number (h[2])
  local remaining = 0
  local fields = { 'error', text, 'failed_at', decimal (now) }
  if most and made < most then
    made = made + 1
    remaining = math.max (0, most - made)
    table.insert (fields, 'attempts')
    table.insert (fields, decimal (made))
  end

  local S, score = 'failed', nil
  if remaining > 0 and not final then
    local wait, has_backoff = next_delay (h[3], h[4], made)
    S = (has_backoff or after) and 'delayed' or 'inactive'
    if S == 'delayed' then
      local due = has_backoff and (wait and now + wait or number (h[6])) or now
      score = decimal (after and math.max (due, now + math.floor (after)) or due)
      if wait then
        table.insert (fields, 'delay')
        table.insert (fields, decimal (wait))
      end
      table.insert (fields, 'promote_at')
      table.insert (fields, score)
    end
  end

  local bad = cannot_enter (T, S)
  if bad then return bad end

  move (id, T, S, priority_of (id, h[5]), score, unpack (fields))
  redis.pcall ('RPUSH', job .. ':log', line)
  if unheard then emit (id, 'start', quote (T), 'null') end
  emit (id, 'error', quote (text))
  if S == 'failed' then
    emit (id, 'failed', quote (message), 'null')
  else
    if S == 'inactive' then emit (id, 'enqueue', quote (T)) end
    emit (id, 'failed attempt', quote (message), decimal (made))
  end
  return { 'ok', S, decimal (made) }
end

