-- claim.lua: takes the next waiting job of a type and makes it active, under a lease.
--
-- KEYS: P:jobs:T:inactive, P:T:jobs (the tokens), P:jobs:inactive, P:jobs:active, P:jobs:T:active, P:callboard:leases
-- ARGV: prefix, now, type, worker, end of the lease (ms), then the fields of the hash to return
-- Returns: {} when nothing waits, { 'again' } when much had to be cleared away first, else { id, value of each field }.
--
-- Kue pops the id, reads the hash and then changes the state, each on its own (6.3, 6.4). Impossible here: a job
-- popped by a worker that dies, waiting in no set that anybody takes from (H1); two workers with one job; a job that
-- was removed while it was being taken (H7, H17); an active job without a lease.
--
-- What stands in the set and can't be run does not stop the queue and is not run:
--   * an id without a hash or type, or whose hash names another state: the entry is taken out of the two inactive
--     sets, the only thing a claim ever clears away, as nobody could ever run it from there;
--   * a member that is no id, a hash of another type, a key that is no hash: left as it is and passed over.
-- A bounded number of members is looked at; unreadable ones at the head don't hide the jobs behind them.
--
-- Tokens: one more than there are waiting jobs is one too many, as every job that comes brings its own. So the
-- list is cut to the length of the set, and a token that led to nothing is used up: no worker is woken twice for it.

local T, worker, lease = ARGV[3], ARGV[4], ARGV[5]
local waiting, tokens = KEYS[1], KEYS[2]
local bad = misfit (waiting, 'zset') or misfit (tokens, 'list') or misfit (KEYS[6], 'zset') or cannot_enter (T, 'active')
if bad then return bad end

local function settle_tokens (took)
  local surplus = redis.call ('LLEN', tokens) - redis.call ('ZCARD', waiting)
  if surplus > 0 then
    redis.call ('LTRIM', tokens, surplus, -1)
  elseif not took then
    redis.call ('LPOP', tokens)
  end
end

local WINDOW, WINDOWS = 100, 10
local passed, seen = 0, 0
for _ = 1, WINDOWS do
  local members = redis.call ('ZRANGE', waiting, passed, passed + WINDOW - 1)
  for _, member in ipairs (members) do
    seen = seen + 1
    local id = id_of (member)
    local job = id and P .. ':job:' .. id
    local h = job and redis.pcall ('HMGET', job, 'type', 'state', 'priority', 'ttl')
    if not h or h.err then
      passed = passed + 1
    elseif not h[1] or h[2] and h[2] ~= 'inactive' then
      redis.call ('ZREM', waiting, member)
      redis.pcall ('ZREM', KEYS[3], member)
    elseif h[1] ~= T then
      passed = passed + 1
    else
      local priority, ttl, score = priority_of (id, h[3]), number (h[4]), nil
      if ttl and ttl > 0 then
        score = decimal (now + math.floor (ttl))
      else
        score = decimal (0 - math.abs (tonumber (priority)))
      end
      local started = decimal (now)
      move (id, T, 'active', priority, score, 'started_at', started, 'workerId', worker)
      redis.call ('ZADD', KEYS[6], lease, lease_of (id, worker, started))
      if member ~= zid_of (id) then -- spelled in another way than Kue does: leave () did not know it
        redis.call ('ZREM', waiting, member)
        redis.pcall ('ZREM', KEYS[3], member)
        redis.pcall ('ZREM', P .. ':jobs', member)
      end
      settle_tokens (true)
      emit (id, 'start', quote (T), 'null')
      local reply = redis.call ('HMGET', job, unpack (ARGV, 6))
      table.insert (reply, 1, id)
      return reply
    end
  end
  if #members < WINDOW then
    settle_tokens (false)
    return {}
  end
end
if seen > passed then return { 'again' } end
settle_tokens (false)
return {}
