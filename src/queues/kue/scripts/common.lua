-- common.lua: what most scripts of this folder have in common, behind basics.lua.

local STATES = { 'inactive', 'active', 'complete', 'failed', 'delayed' }

-- An event in exactly Kue's form. The id must be a JSON number: a message that Kue cannot parse ends every
-- process that hears it. Not being allowed to publish must not stop a change in the middle.
local function emit (id, event, ...)
  local args = { '"' .. event .. '"', ... }
  redis.pcall ('PUBLISH', P .. ':events',
               '{"id":' .. id .. ',"event":"' .. event .. '","args":[' .. table.concat (args, ',') .. ']}')
end

-- Of a job whose type can't be had: whether it is gone, or a hash without one is there, which nobody can run.
local function absent (job)
  return { redis.call ('EXISTS', job) == 1 and 'untyped' or 'gone' }
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

-- The delays a retry may get, in ms: whatever Kue computes below, a year by doubling, a century if told so.
local LONGEST_DOUBLED, LONGEST_DELAY = 31536000000, 3155760000000

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
-- It is only good for finding: what stands in its way does not stop a change.
local function unindex (id)
  local object = P .. ':search:object:' .. id
  local codes = redis.pcall ('ZRANGE', object, 0, -1)
  if codes.err or #codes == 0 then return end
  for _, code in ipairs (codes) do redis.pcall ('ZREM', P .. ':search:word:' .. code, id) end
  redis.call ('DEL', object)
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

-- Over its time to live. Whoever looks for such jobs asks for each on the channel of events and fails it a second later when nobody has
-- answered; Kue then does not look what has become of the job since, and fails one that is complete, waits or is run again.
-- So whatever takes such a job out of the active ones answers for it in the same step. By the server's clock: the caller's idea of it was
-- made before the question.
local function is_late (id)
  local due = redis.pcall ('ZSCORE', P .. ':jobs:active', zid_of (id))
  due = type (due) == 'string' and tonumber (due)
  return due and due >= 100000 and due <= (server_time () or now)
end

local function answer_for (id)
  emit (id, 'ttl exceeded ack')
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
