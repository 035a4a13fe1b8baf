-- turn.lua: what a worker has to tell and what it asks for, in one call: runs that are over, and the next jobs.
--
-- claim.lua stands behind it.
--
-- KEYS: P:jobs:T:inactive, P:T:jobs (the tokens), P:jobs:inactive, P:jobs:active, P:jobs:T:active, P:callboard:leases,
--       P:stats:work-time
-- ARGV: prefix, now, type T, end of the new leases (ms), name for claims ahead, then for each place
--         `n`, `+`, worker                 a slot that is free
--         `a`                              asks for a job ahead
--         `c`, what it asks for, worker, id, started_at of the claim, when it was begun (ms, empty: when it was claimed),
--              result to store (JSON, empty for none), result to tell (JSON)
--         `f`, what it asks for, worker, id, started_at of the claim, when it was begun (the same), text of the error, line for the log,
--              message, `final` for no retry whatever is left, `asked` because it is over its time to live and somebody asked, ms before which it is not to be tried again (empty: as the job says)
--       What it asks for, when what is told is written: `+` the next job of T for the slot that had the claim, `*` a job ahead, `-` nothing.
-- Returns: { what is left, answers, claims, now }
--   what is left: `some` when it is worth asking again, else `none`
--   answers: one for each slot: { 'none' } when it was free, { 'ok' }, for a failure { 'ok', state now, attempts made }; { 'gone' }
--     or { 'owner', state, worker } when it is no longer this claim's job; or an error about its keys
--   claims: an error about the keys of the queue, or { place counted from 1, id, { field, value, … } } for each job taken, with
--     the fields as they were before: by the claim state, updated_at, started_at and workerId are what the caller knows
--
-- A job ahead is for a worker whose jobs are over at once: it is begun some milliseconds later without another call, or put
-- back. It is active and under a lease like any, but its claim has a name that ends in `:ahead`, nobody is told that it started,
-- and that its worker died is not held against it (recover.lua), until it is known to have been begun: begin.lua says so, or what it came to
-- is told here, and `start` goes before that. A job with a time to live, or one whose worker died once, is given to slots only.
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

local call, try = redis.call, redis.pcall
local tonumber, max, ARGV = tonumber, math.max, ARGV
local stamp, T, length = ARGV[2], ARGV[3], tonumber (ARGV[4]) - now
local clock = nil
local EVENTS, JOBS = P .. ':events', P .. ':job:'

-- What is told -----------------------------------------------------------------------------------------------------

local batches, order = {}, {}         -- of completed jobs, by type: in practice there is one
local over, told, spent = {}, {}, 0   -- leases that end, messages, ms
local n_over, n_told = 0, 0
local OK, NONE = { 'ok' }, { 'none' } -- the same for all of them

-- Whether nobody can hear what is told: no subscriber here, and no other server that passes it on to its own. A turn is atomic, so that
-- nobody comes meanwhile. Telling was a sixth of what a job costs; finding this out costs as much as telling of four.
local MANY = 8
local deaf = false
if #ARGV > 5 + 8 * MANY then
  local heard = try ('PUBSUB', 'NUMSUB', EVENTS)
  -- A replica that is away for a moment is given what it missed out of the backlog.
  local info = not heard.err and heard[2] == 0 and try ('PUBSUB', 'NUMPAT') == 0 and try ('INFO', 'replication')
  local cluster = type (info) == 'string' and string.find (info, 'connected_slaves:0\r', 1, true)
                  and string.find (info, 'repl_backlog_active:0', 1, true) and try ('INFO', 'cluster')
  deaf = type (cluster) == 'string' and string.find (cluster, 'cluster_enabled:0', 1, true) and true
end

local function tell (message)
  n_told = n_told + 1
  told[n_told] = message
end

local function batch_of (type)
  local batch = batches[type]
  if not batch then
    batch = { type = type, bad = cannot_enter (type, 'complete') or false, scored = {}, zids = {}, n = 0 }
    batches[type] = batch
    order[#order + 1] = batch
  end
  return batch
end

-- When a job was really begun.
local function begun_at (begun, started)
  local at, claimed = tonumber (begun), tonumber (started)
  return at and max (claimed, at > now and now or at) or claimed
end

local function complete (worker, id, started, begun, stored, result)
  local job = JOBS .. id
  local h = try ('HMGET', job, 'type', 'state', 'workerId', 'started_at', 'priority', 'attempts', 'max_attempts',
                 'removeOnComplete', 'callboard_deaths', 'ttl')
  if h.err then return h end
  if not h[1] then return { 'gone' } end
  if h[2] ~= 'active' or h[3] ~= worker or h[4] ~= started then return { 'owner', h[2] or '', h[3] or '' } end

  local from = begun_at (begun, started)
  local duration = max (0, now - from)
  local by = without_ahead (worker)
  local unheard = by ~= worker and not h[9]
  local late = h[10] and is_late (id)
  if h[8] then
    -- Removed at once, so the sets of complete jobs are never entered. DEL and ZREM need no memory and no types.
    call ('DEL', job, job .. ':log')
    leave (id, h[1])
    try ('ZREM', P .. ':jobs', zid_of (id))
    unindex (id)
  else
    local batch = batch_of (h[1])
    if batch.bad then return batch.bad end
    -- Spelled out, as tables that grow were a good part of what a job costs.
    local made, most = number (h[6]) or 0, number (h[7])
    local since = begun ~= '' and decimal (from) or started
    if not most or made >= most then
      call ('HSET', job, 'state', 'complete', 'updated_at', stamp, 'duration', decimal (duration), 'progress', '100',
            'started_at', since, 'workerId', by)
    else
      call ('HSET', job, 'state', 'complete', 'updated_at', stamp, 'duration', decimal (duration), 'progress', '100',
            'started_at', since, 'workerId', by, 'attempts', decimal (made + 1))
    end
    if stored ~= '' then call ('HSET', job, 'result', stored) end
    if h[9] then call ('HDEL', job, 'callboard_deaths') end
    local zid, n = zid_of (id), batch.n + 1
    batch.n, batch.zids[n] = n, zid
    batch.scored[2 * n - 1], batch.scored[2 * n] = priority_of (id, h[5]), zid
  end
  n_over = n_over + 1
  over[n_over] = lease_of (id, worker, started)
  if not deaf then
    -- In one go each: what is put together in steps is made, and cleared away, in steps.
    if unheard then tell ('{"id":' .. id .. ',"event":"start","args":["start",' .. quote (h[1]) .. ',null]}') end
    tell ('{"id":' .. id .. ',"event":"complete","args":["complete",' .. result .. ',null]}')
    if h[8] then tell ('{"id":' .. id .. ',"event":"remove","args":["remove",' .. quote (h[1]) .. ']}') end
    if late then tell ('{"id":' .. id .. ',"event":"ttl exceeded ack","args":["ttl exceeded ack"]}') end
  end
  spent = spent + duration
  return OK
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
  if n_over > 0 then
    try ('ZREM', KEYS[6], unpack (over))
    try ('INCRBY', KEYS[7], decimal (spent))
    for i = 1, n_told do
      try ('PUBLISH', EVENTS, told[i])
    end
  end
end

local function failed (worker, id, started, begun, ...)
  local job = P .. ':job:' .. id
  local h = try ('HMGET', job, 'type', 'state', 'workerId', 'started_at', 'callboard_deaths')
  if h.err then return h end
  if not h[1] then return { 'gone' } end
  if h[2] ~= 'active' or h[3] ~= worker or h[4] ~= started then return { 'owner', h[2] or '', h[3] or '' } end
  local text, line, message, how, after = ...
  local late = how == 'asked' or is_late (id)
  local answer = fail (id, h[1], text, line, message, how == 'final', number (after), is_ahead (worker) and not h[5])
  if not answer.err then
    if is_ahead (worker) then
      call ('HSET', job, 'started_at', decimal (begun_at (begun, started)), 'workerId', without_ahead (worker))
      if h[5] == '0' then call ('HDEL', job, 'callboard_deaths') end
    end
    try ('ZREM', KEYS[6], lease_of (id, worker, started))
    if late then answer_for (id) end
  end
  return answer
end

local answers, takers, ahead = {}, {}, {}
local ahead_name = ARGV[5]
do
  local i, last = 6, #ARGV
  while i <= last do
    local kind, asks, worker = ARGV[i], ARGV[i + 1], ARGV[i + 2]
    local slot, answer = #answers + 1, nil
    if kind == 'c' then
      answer = complete (worker, unpack (ARGV, i + 3, i + 7))
      i = i + 8
    elseif kind == 'f' then
      answer = failed (worker, unpack (ARGV, i + 3, i + 10))
      i = i + 11
    elseif kind == 'n' then
      answer = NONE
      i = i + 3
    else
      answer, asks = NONE, '*'
      i = i + 1
    end
    answers[slot] = answer
    if answer[1] == 'ok' or answer[1] == 'none' then
      if asks == '+' then
        takers[#takers + 1] = slot
        takers[-slot] = worker
      elseif asks == '*' then
        ahead[#ahead + 1] = slot
      end
    end
  end
end
settle_completed ()
