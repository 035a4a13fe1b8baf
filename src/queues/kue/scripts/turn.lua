-- turn.lua: what a worker has to tell and what it asks for, in one call: runs that are over, and the next jobs.
--
-- KEYS: P:jobs:T:inactive, P:T:jobs (the tokens), P:jobs:inactive, P:jobs:active, P:jobs:T:active, P:callboard:leases,
--       P:stats:work-time
-- ARGV: prefix, now, type T, end of the new leases (ms), then for each slot of the worker
--         `n`, `+`, worker                                    it is free
--         `c`, `+` or `-`, worker, id, started_at of the claim, result to store (JSON, empty for none), result to tell (JSON)
--         `f`, `+` or `-`, worker, id, started_at of the claim, text of the error, line for the log, message,
--              `final` for no retry whatever is left, ms before which it is not to be tried again (empty: as the job says)
--       and `+` asks for the next job of T, which it gets when what is told is written (or there is nothing to tell).
-- Returns: { what is left, answers, claims }
--   what is left: `some` when it is worth asking again, else `none`
--   answers: one for each slot: { 'none' } when it was free, { 'ok' }, for a failure { 'ok', state now, attempts made }; { 'gone' }
--     or { 'owner', state, worker } when it is no longer this claim's job; or an error about its keys
--   claims: an error about the keys of the queue, or { slot counted from 1, id, { field, value, … } } for each job taken; where a
--     field comes twice the second counts
--
-- Each run is judged alone, and what is asked for is never in the way of what is told. The jobs of one call share the changes
-- of the sets, which is where the time went.
--
-- Kue completes a job by some fifteen commands, pops the next id, reads its hash and changes its state, each on its own
-- (6.3, 6.4, 6.7, 6.8). Impossible here: a job popped by a worker that dies, waiting in no set that anybody takes from
-- (H1); two workers with one job; a job that was removed while it was being taken or run, born again without type and data
-- (H7, H17); an active job without a lease; a late worker telling of what another runs or has finished (H6); a crash
-- between the result, the state, the attempt and the removal; a failed job with attempts left and no retry (H28);
-- JavaScript out of the `backoff` field being run (H10).
--
-- What stands in the set and can't be run does not stop the queue and is not run:
--   * an id without a hash or type, or whose hash names another state: the entry is taken out of the two inactive
--     sets, the only thing a claim ever clears away, as nobody could ever run it from there;
--   * a member that is no id, a hash of another type, a key that is no hash: left as it is and passed over.
-- A bounded number of members is looked at; unreadable ones at the head don't hide the jobs behind them.
--
-- Tokens: one more than there are waiting jobs is one too many, as every job that comes brings its own. So the
-- list is cut to the length of the set, and a token that led to nothing is used up: no worker is woken twice for it.

local call, try = redis.call, redis.pcall
local stamp, T = ARGV[2], ARGV[3]
local EVENTS = P .. ':events'

local function event (id, rest)
  return '{"id":' .. id .. ',"event":' .. rest
end

-- What is told -----------------------------------------------------------------------------------------------------

local batches, order = {}, {}         -- of completed jobs, by type: in practice there is one
local over, told, spent = {}, {}, 0   -- leases that end, messages, ms

local function batch_of (type)
  local batch = batches[type]
  if not batch then
    batch = { type = type, bad = cannot_enter (type, 'complete') or false, scored = {}, zids = {}, n = 0 }
    batches[type] = batch
    order[#order + 1] = batch
  end
  return batch
end

local function complete (worker, id, started, stored, result)
  local job = P .. ':job:' .. id
  local h = try ('HMGET', job, 'type', 'state', 'workerId', 'started_at', 'priority', 'attempts', 'max_attempts',
                 'removeOnComplete', 'callboard_deaths')
  if h.err then return h end
  if not h[1] then return { 'gone' } end
  if h[2] ~= 'active' or h[3] ~= worker or h[4] ~= started then return { 'owner', h[2] or '', h[3] or '' } end

  local duration = math.max (0, now - tonumber (started))
  if h[8] then
    -- Removed at once, so the sets of complete jobs are never entered. DEL and ZREM need no memory and no types.
    call ('DEL', job, job .. ':log')
    leave (id, h[1])
    try ('ZREM', P .. ':jobs', zid_of (id))
    unindex (id)
  else
    local batch = batch_of (h[1])
    if batch.bad then return batch.bad end
    local fields = { 'state', 'complete', 'updated_at', stamp, 'duration', decimal (duration), 'progress', '100' }
    local made, most = number (h[6]) or 0, number (h[7])
    if most and made < most then
      fields[9], fields[10] = 'attempts', decimal (made + 1)
    end
    if stored ~= '' then
      local n = #fields
      fields[n + 1], fields[n + 2] = 'result', stored
    end
    call ('HSET', job, unpack (fields))
    if h[9] then call ('HDEL', job, 'callboard_deaths') end
    local zid, n = zid_of (id), batch.n + 1
    batch.n, batch.zids[n] = n, zid
    batch.scored[2 * n - 1], batch.scored[2 * n] = priority_of (id, h[5]), zid
  end
  over[#over + 1] = lease_of (id, worker, started)
  told[#told + 1] = event (id, '"complete","args":["complete",' .. result .. ',null]}')
  if h[8] then told[#told + 1] = event (id, '"remove","args":["remove",' .. quote (h[1]) .. ']}') end
  spent = spent + duration
  return { 'ok' }
end

local function settle_completed ()
  for _, batch in ipairs (order) do
    if batch.n > 0 then
      local name = batch.type
      call ('ZADD', P .. ':jobs:complete', unpack (batch.scored))
      call ('ZADD', P .. ':jobs:' .. name .. ':complete', unpack (batch.scored))
      try ('ZREM', P .. ':jobs:active', unpack (batch.zids))
      try ('ZREM', P .. ':jobs:' .. name .. ':active', unpack (batch.zids))
    end
  end
  if #over > 0 then
    try ('ZREM', KEYS[6], unpack (over))
    try ('INCRBY', KEYS[7], decimal (spent))
    for i = 1, #told do
      try ('PUBLISH', EVENTS, told[i])
    end
  end
end

local function failed (worker, id, started, ...)
  local job = P .. ':job:' .. id
  local h = try ('HMGET', job, 'type', 'state', 'workerId', 'started_at')
  if h.err then return h end
  if not h[1] then return { 'gone' } end
  if h[2] ~= 'active' or h[3] ~= worker or h[4] ~= started then return { 'owner', h[2] or '', h[3] or '' } end
  local text, line, message, final, after = ...
  local answer = fail (id, h[1], text, line, message, final == 'final', number (after))
  if not answer.err then try ('ZREM', KEYS[6], lease_of (id, worker, started)) end
  return answer
end

local answers, takers = {}, {}
do
  local i, last = 5, #ARGV
  while i <= last do
    local kind, worker, answer = ARGV[i], ARGV[i + 2], nil
    local slot = #answers + 1
    local takes = ARGV[i + 1] == '+'
    if kind == 'c' then
      answer = complete (worker, unpack (ARGV, i + 3, i + 6))
      i = i + 7
    elseif kind == 'f' then
      answer = failed (worker, unpack (ARGV, i + 3, i + 9))
      i = i + 10
    else
      answer = { 'none' }
      i = i + 3
    end
    answers[slot] = answer
    if takes and (answer[1] == 'ok' or answer[1] == 'none') then
      takers[#takers + 1] = slot
      takers[-slot] = worker
    end
  end
end
settle_completed ()

-- What is asked for ------------------------------------------------------------------------------------------------

local waiting, tokens = KEYS[1], KEYS[2]
local claims, n_claims, want = {}, 0, #takers

local function settle_tokens (n_tokens, took)
  local surplus = n_tokens - call ('ZCARD', waiting)
  if surplus > 0 then
    call ('LTRIM', tokens, surplus, -1)
  elseif n_tokens > 0 and not took then
    call ('LPOP', tokens)
  end
end

local function claim ()
  local size, passed, seen = want, 0, 0
  local members = try ('ZRANGE', waiting, 0, size - 1)
  if members.err then return misfit (waiting, 'zset') or members end
  if #members == 0 then
    -- All tokens are too many. It is a change also where there are none, so that a worker that may change nothing hears of it
    -- now and not with the next job.
    local cleared = try ('LTRIM', tokens, 1, 0)
    if cleared.err then return misfit (tokens, 'list') or cleared end
    return 'none'
  end
  local n_tokens = try ('LLEN', tokens)
  if type (n_tokens) == 'table' then return misfit (tokens, 'list') or n_tokens end
  local bad = misfit (KEYS[6], 'zset') or cannot_enter (T, 'active')
  if bad then return bad end

  -- As long as was asked for by the server's own clock, so that a clock that was set takes no job from the living.
  local lease = decimal ((server_time () or now) + tonumber (ARGV[4]) - now)
  local taken, odd = {}, nil
  local leases, active, typed = {}, {}, {}
  local left = 'some'
  local windows = 0
  while true do
    for _, member in ipairs (members) do
      if n_claims == want then break end
      seen = seen + 1
      local id = id_of (member)
      local job = id and P .. ':job:' .. id
      local flat = job and try ('HGETALL', job)
      local h = {}
      if flat and not flat.err then
        for i = 1, #flat, 2 do h[flat[i]] = flat[i + 1] end
      end
      if not flat or flat.err then
        passed = passed + 1
      elseif not h.type or h.state and h.state ~= 'inactive' then
        call ('ZREM', waiting, member)
        try ('ZREM', KEYS[3], member)
      elseif h.type ~= T then
        passed = passed + 1
      else
        n_claims = n_claims + 1
        local slot = takers[n_claims]
        local worker = takers[-slot]
        local priority, ttl = priority_of (id, h.priority), number (h.ttl)
        local zid, score = zid_of (id), nil
        if ttl and ttl > 0 then
          score = decimal (now + math.floor (ttl))
        else
          score = decimal (0 - math.abs (tonumber (priority)))
        end
        call ('HSET', job, 'state', 'active', 'updated_at', stamp, 'started_at', stamp, 'workerId', worker)
        local m = #flat
        flat[m + 1], flat[m + 2], flat[m + 3], flat[m + 4] = 'state', 'active', 'updated_at', stamp
        flat[m + 5], flat[m + 6], flat[m + 7], flat[m + 8] = 'started_at', stamp, 'workerId', worker
        local n = 2 * n_claims
        taken[n_claims] = member
        leases[n - 1], leases[n] = lease, lease_of (id, worker, stamp)
        active[n - 1], active[n] = score, zid
        typed[n - 1], typed[n] = priority, zid
        if member ~= zid then -- spelled in another way than Kue does
          odd = odd or {}
          odd[#odd + 1] = { member, priority, zid }
        end
        claims[n_claims] = { slot, id, flat }
      end
    end
    windows = windows + 1
    if n_claims == want then break end
    if #members < size then
      left = 'none'
      break
    end
    if windows > 10 then
      if seen == passed then left = 'none' end
      break
    end
    size = 100
    members = call ('ZRANGE', waiting, passed + n_claims, passed + n_claims + size - 1)
  end

  if n_claims > 0 then
    call ('ZADD', KEYS[6], unpack (leases))
    call ('ZADD', KEYS[4], unpack (active))
    call ('ZADD', KEYS[5], unpack (typed))
    call ('ZREM', waiting, unpack (taken))
    try ('ZREM', KEYS[3], unpack (taken))
    for _, o in ipairs (odd or {}) do
      call ('ZADD', P .. ':jobs', o[2], o[3])
      try ('ZREM', P .. ':jobs', o[1])
      try ('ZREM', waiting, o[3])
      try ('ZREM', KEYS[3], o[3])
    end
  end
  if n_claims > 0 or left == 'none' then settle_tokens (n_tokens, n_claims > 0) end
  local start = '"start","args":["start",' .. quote (T) .. ',null]}'
  for i = 1, n_claims do
    try ('PUBLISH', EVENTS, event (claims[i][2], start))
  end
  return left
end

local left = 'none'
if want > 0 then
  left = claim ()
  if type (left) == 'table' then return { 'none', answers, left } end
end
return { left, answers, claims }
