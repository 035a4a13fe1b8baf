-- claim.lua: what turn.lua and wake.lua end with: the next jobs of T, each under a lease.
--
-- Behind: call, try; stamp, T, length (ms, of the leases); clock (ms, the server's own, nil: not asked yet); deaf (nobody can hear
-- events); answers; takers (the slots that ask, counted from 1, and who each is under the same number below 0), ahead (the slots that ask ahead), ahead_name (who those are).
--
-- What stands in the set and can't be run does not stop the queue and is not run:
--   * an id without a hash or type, or whose hash names another state: the entry is taken out of the two inactive
--     sets, the only thing a claim ever clears away, as nobody could ever run it from there;
--   * a member that is no id, a hash of another type, a key that is no hash: left as it is and passed over.
-- A bounded number of members is looked at; unreadable ones at the head don't hide the jobs behind them.
--
-- Tokens: one more than there are waiting jobs is one too many, as every job that comes brings its own. So the
-- list is cut to the length of the set, and a token that led to nothing is used up: no worker is woken twice for it.

local waiting, tokens = KEYS[1], KEYS[2]
local events, JOB = P .. ':events', P .. ':job:'
local claims, n_claims, want = {}, 0, #takers + #ahead

-- What is looked at of a hash. Of a dozen fields most are not, which one look tells.
local WHICH = { type = 1, state = 2, priority = 3, ttl = 4, callboard_deaths = 5 }

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
  local lease = decimal ((clock or server_time () or now) + length)
  local taken, odd = {}, nil
  local leases, active, typed = {}, {}, {}
  local left = 'some'
  local windows = 0
  while true do
    for _, member in ipairs (members) do
      if n_claims == want then break end
      seen = seen + 1
      local id = id_of (member)
      local job = id and JOB .. id
      local flat = job and try ('HGETALL', job)
      local kind, state, rank, limit, died
      if flat and not flat.err then
        for i = 1, #flat, 2 do
          local which = WHICH[flat[i]]
          if which then
            if which == 1 then kind = flat[i + 1]
            elseif which == 2 then state = flat[i + 1]
            elseif which == 3 then rank = flat[i + 1]
            elseif which == 4 then limit = flat[i + 1]
            else died = true end
          end
        end
      end
      if not flat or flat.err then
        passed = passed + 1
      elseif not kind or state and state ~= 'inactive' then
        call ('ZREM', waiting, member)
        try ('ZREM', KEYS[3], member)
      elseif kind ~= T then
        passed = passed + 1
      elseif n_claims >= #takers and (died or limit) then
        -- What stands behind it has to wait until a slot takes it, for the sake of the order.
        want = n_claims
      else
        n_claims = n_claims + 1
        local slot = takers[n_claims] or ahead[n_claims - #takers]
        local worker = takers[-slot] or ahead_name
        local priority, ttl = priority_of (id, rank), limit and number (limit)
        local zid, score = zid_of (id), nil
        if ttl and ttl > 0 then
          score = decimal (now + math.floor (ttl))
        else
          score = priority == '0' and '0' or decimal (0 - math.abs (tonumber (priority)))
        end
        call ('HSET', job, 'state', 'active', 'updated_at', stamp, 'started_at', stamp, 'workerId', worker)
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
  local start = ',"event":"start","args":["start",' .. quote (T) .. ',null]}'
  for i = 1, deaf and 0 or math.min (n_claims, #takers) do
    try ('PUBLISH', events, '{"id":' .. claims[i][2] .. start)
  end
  return left
end

local left = 'none'
if want > 0 then
  left = claim ()
  if type (left) == 'table' then return { 'none', answers, left } end
end
return { left, answers, claims, stamp }
