-- diagnose.lua: what is wrong with a job, an entry of a set, or a type, and the exact commands that repair it.
--
-- examine.lua and repair.lua begin with it (behind common.lua), so what is shown before and what is done after is decided by
-- the same lines. Nothing here writes. Scripts with it take, behind the prefix and the time:
-- ARGV[3]: ms after which an active job without a sign of life is suspect.
--
-- A finding: { kind, id, type, key, mark, facts, commands }; false for what there is none of. The mark is what must be the
-- same when one looks again, so that what is only passing (Kue changes a job by many commands) is told from what stays.
-- The hash is right about the state of a job: it is what every program reads before it does anything.

local SUSPECT_AFTER = tonumber (ARGV[3])
local OVERDUE = 60000                -- ms over its time to live; any living Kue process fails it within two seconds
local LONGEST_JSON = 262144          -- longer fields are not parsed here, for the sake of everybody who waits meanwhile: the caller does

local sure = math.min (now, server_time () or now) -- a user who may only read is not told the time

local findings
local longs = {}                     -- fields that are longer: id, name, length, id…

local function add (kind, id, T, key, mark, facts, commands)
  for i, fact in ipairs (facts) do facts[i] = type (fact) == 'number' and decimal (fact) or fact end
  table.insert (findings, { kind, id or false, T or false, key, mark, facts, commands or {} })
end

-- A key of another type holds nothing of Kue's. What this user may not look at might hold anything, and is the end of it.
local function look (...)
  local answer = redis.pcall (...)
  if type (answer) == 'table' and answer.err and not string.find (answer.err, '^WRONGTYPE') then error (answer) end
  return answer
end

local function score_in (key, member)
  local score = look ('ZSCORE', key, member)
  return type (score) == 'string' and score or nil
end

local function length_of (command, key)
  local n = look (command, key)
  return type (n) == 'number' and n or 0
end

local function set_of (S, T)
  return T and P .. ':jobs:' .. T .. ':' .. S or P .. ':jobs:' .. S
end

local function tokens_of (T)
  return P .. ':' .. T .. ':jobs'
end

-- Whether a key is of its kind or not there. What is in its place nobody can know, so that a person has to look.
local function fits (key, kind, id)
  local found = look ('TYPE', key).ok
  if found == 'none' or found == kind then return true end
  add ('key', id, nil, key, found, { found, kind })
  return false
end

-- Every waiting job has its token; whoever takes an entry out of the waiting ones takes one with it, and the other way round.
local function take_token (commands, T)
  local n = length_of ('LLEN', tokens_of (T))
  if n > 0 and n >= length_of ('ZCARD', set_of ('inactive', T)) then
    table.insert (commands, { 'LPOP', tokens_of (T) })
  end
end

local function give_token (commands, id, T)
  if length_of ('LLEN', tokens_of (T)) <= length_of ('ZCARD', set_of ('inactive', T)) then
    table.insert (commands, { 'LPUSH', tokens_of (T), '1' })
  end
  table.insert (commands, { 'PUBLISH', P .. ':events',
                            '{"id":' .. id .. ',"event":"enqueue","args":["enqueue",' .. quote (T) .. ']}' })
end

local function type_waiting_in (key)
  local head, tail = P .. ':jobs:', ':inactive'
  if #key >= #head + #tail and string.sub (key, 1, #head) == head and string.sub (key, -#tail) == tail then
    return string.sub (key, #head + 1, -#tail - 1)
  end
end

-- JSON as JSON.parse takes it. cjson also takes NaN, infinity and hexadecimal numbers, and not what is nested deeper than a
-- thousand levels or has half a surrogate: the caller looks at what is found here once more.
local function is_broken (text)
  if not text or text == '' then return false end
  if not pcall (cjson.decode, text) then return true end
  local bare = string.gsub (string.gsub (text, '\\.', ''), '"[^"]*"', '')
  return string.find (bare, '[nN][aA][nN]') ~= nil or string.find (bare, '[iI][nN][fF]') ~= nil
      or string.find (bare, '0[xX]') ~= nil
end

-- The commands of a state change, leaving nothing behind in the sets where the id is now.
local function moving (id, T, old, S, priority, score, ...)
  local zid = zid_of (id)
  local commands = { { 'HSET', P .. ':job:' .. id, 'state', S, 'updated_at', decimal (now), ... },
                     { 'ZADD', P .. ':jobs', priority, zid },
                     { 'ZADD', set_of (S), score or priority, zid },
                     { 'ZADD', set_of (S, T), priority, zid } }
  for _, state in ipairs (STATES) do
    if state ~= S then
      if score_in (set_of (state), zid) then table.insert (commands, { 'ZREM', set_of (state), zid }) end
      if score_in (set_of (state, T), zid) then
        if state == 'inactive' then take_token (commands, T) end
        table.insert (commands, { 'ZREM', set_of (state, T), zid })
      end
    end
  end
  if S == 'inactive' then give_token (commands, id, T) end
  return commands
end

-- Of the places where somebody saw the id (key, member, key, member…), those where it still is.
local function still_seen (seen)
  local places, known = {}, {}
  for i = 1, #seen, 2 do
    local key, member = seen[i], seen[i + 1]
    local name = #key .. ' ' .. key .. member
    if not known[name] and score_in (key, member) then
      known[name] = true
      table.insert (places, { key, member })
    end
  end
  return places
end

local function leaving (places)
  local commands = {}
  for _, place in ipairs (places) do
    local T = type_waiting_in (place[1])
    if T then take_token (commands, T) end
    table.insert (commands, { 'ZREM', place[1], place[2] })
  end
  return commands
end

-- A field that is not JSON, and whether the repair moves the job: a worker of Kue takes one that waits, and drops it.
local function add_broken (id, T, S, field, usable)
  local commands
  if S == 'inactive' or S == 'delayed' then
    local text = field .. ' is not JSON'
    commands = moving (id, T, S, 'failed', usable, nil, 'error', text, 'failed_at', decimal (now))
    table.insert (commands, { 'PUBLISH', P .. ':events',
                              '{"id":' .. id .. ',"event":"failed","args":["failed",' .. quote (text) .. ',null]}' })
  end
  add ('json', id, T, P .. ':job:' .. id, field, { field, S or '' }, commands)
  return commands ~= nil
end

local function usable_priority (id, text)
  return number (text) and text or score_in (P .. ':jobs', zid_of (id)) or '0'
end

-- A field that the caller has read and found to be no JSON, if it still holds the same.
local function diagnose_long (id, field, digest)
  local h = look ('HMGET', P .. ':job:' .. id, 'type', 'state', 'priority', field)
  if h.err or not h[1] or not h[4] or #h[4] <= LONGEST_JSON or redis.sha1hex (h[4]) ~= digest then return end
  add_broken (id, h[1], h[2] ~= '' and h[2] or nil, field, usable_priority (id, h[3]))
end

local function diagnose_absent (id, seen)
  local log = P .. ':job:' .. id .. ':log'
  local places, lines = still_seen (seen), length_of ('LLEN', log)
  if #places > 0 then
    local keys = {}
    for _, place in ipairs (places) do table.insert (keys, place[1]) end
    add ('phantom', id, nil, places[1][1], decimal (#places), { table.concat (keys, ', ') }, leaving (places))
  end
  if lines > 0 then add ('log', id, nil, log, '', { lines }, { { 'DEL', log } }) end
end

-- A hash without a type: what a late worker writes about a job that was removed, or a creation that was cut short. No
-- program can run it. With data in it a person might want to keep it.
local function diagnose_untyped (id, seen, state, updated, data)
  local job, log = P .. ':job:' .. id, P .. ':job:' .. id .. ':log'
  local mark = (state or '') .. ' ' .. (updated or '')
  if data then
    add ('untyped', id, nil, job, mark, {})
    return
  end
  local places = still_seen (seen)
  local commands = leaving (places)
  table.insert (commands, { 'DEL', job })
  if length_of ('LLEN', log) > 0 then table.insert (commands, { 'DEL', log }) end
  add ('zombie', id, nil, job, mark, { state or '', #places }, commands)
end

local function diagnose_job (id, seen)
  local job, zid = P .. ':job:' .. id, zid_of (id)
  local kind = redis.call ('TYPE', job).ok
  if kind == 'none' then return diagnose_absent (id, seen) end
  if not fits (job, 'hash', id) then return end

  local h = redis.call ('HMGET', job, 'type', 'state', 'priority', 'updated_at', 'started_at', 'promote_at', 'created_at',
                        'delay', 'ttl', 'workerId', 'callboard_deaths', 'max_attempts', 'data', 'result', 'progress_data')
  local T, S, updated, started, ttl, worker = h[1], h[2] ~= '' and h[2] or nil, h[4], h[5], number (h[9]), h[10]
  if not T then return diagnose_untyped (id, seen, S, updated, h[13]) end

  local priority = number (h[3]) and h[3]
  local usable = usable_priority (id, h[3])
  local mark = (S or '') .. ' ' .. (updated or '') .. ' ' .. (started or '')

  -- Where it waits, an entry that Kue spells otherwise; where another type has it, an entry too many.
  local strange, misspelled = {}, {}
  for _, place in ipairs (still_seen (seen)) do
    table.insert (place[2] == zid and strange or misspelled, place)
  end
  if #misspelled > 0 then
    add ('spelling', id, T, misspelled[1][1], mark .. ' ' .. #misspelled, { misspelled[1][2], #misspelled }, leaving (misspelled))
  end

  if not priority then
    add ('priority', id, T, job, '', { h[3] or '', usable }, { { 'HSET', job, 'priority', usable } })
  end

  for i, field in ipairs ({ 'data', 'result', 'progress_data' }) do
    local text = h[12 + i]
    if text and #text > LONGEST_JSON then
      table.insert (longs, id)
      table.insert (longs, field)
      table.insert (longs, decimal (#text))
    elseif is_broken (text) and add_broken (id, T, S, field, usable) then
      break
    end
  end

  local due = number (h[6]) or (number (h[7]) and number (h[7]) + (number (h[8]) or 0))

  if not S then
    local inside = {}
    for _, state in ipairs (STATES) do
      if score_in (set_of (state), zid) and score_in (set_of (state, T), zid) then table.insert (inside, state) end
    end
    local commands
    if #inside == 1 then
      commands = { { 'HSET', job, 'state', inside[1] } }
    elseif #inside == 0 and h[13] and priority then -- all of it was written but the last step
      local delay = number (h[8])
      local delayed = delay and delay > 0 and due
      commands = moving (id, T, nil, delayed and 'delayed' or 'inactive', priority, delayed and decimal (due))
    end
    add ('stateless', id, T, job, mark, { inside[1] or '' }, commands)
    return
  end

  -- The score in the set of all types: a time where it waits for one, else the priority.
  local score = usable
  if S == 'delayed' then
    score = due and decimal (due) or usable
  elseif S == 'active' then
    score = ttl and ttl > 0 and decimal ((number (updated) or number (started) or now) + math.floor (ttl))
            or decimal (0 - math.abs (tonumber (usable)))
  end
  local own = { { P .. ':jobs', usable }, { set_of (S), score }, { set_of (S, T), usable } }

  local missing, missing_keys, wrong, wrong_facts = {}, {}, {}, {}
  for i, place in ipairs (own) do
    local there = score_in (place[1], zid)
    local is = there and tonumber (there)
    if not there and misfit (place[1], 'zset') then
      -- Nothing can be put there; that is told of the key.
      there = false
    elseif not there then
      table.insert (missing, { 'ZADD', place[1], place[2], zid })
      table.insert (missing_keys, place[1])
    elseif priority then
      local should = tonumber (place[2])
      local fits = is == should
      if i == 2 and S == 'delayed' and not number (h[6]) then fits = is >= 0 end
      if i == 2 and S == 'active' and ttl and ttl > 0 then fits = is >= 100000 end
      if not fits then
        table.insert (wrong, { 'ZADD', place[1], place[2], zid })
        table.insert (wrong_facts, place[1])
        table.insert (wrong_facts, there)
        table.insert (wrong_facts, place[2])
      end
    end
  end
  if #missing > 0 then
    local lost = S == 'inactive' and #missing == 1 and missing_keys[1] == own[3][1]
    if S == 'inactive' and missing_keys[#missing] == own[3][1] then give_token (missing, id, T) end
    add (lost and 'lost' or 'unindexed', id, T, job, mark .. ' ' .. #missing_keys,
         { S, table.concat (missing_keys, ', ') }, missing)
  end
  if #wrong > 0 then
    add ('score', id, T, wrong[1][2], mark, wrong_facts, wrong)
  end

  local extra, extra_keys, mine = {}, {}, {}
  for _, place in ipairs (own) do mine[place[1]] = true end
  for _, state in ipairs (STATES) do
    table.insert (strange, { set_of (state), zid })
    table.insert (strange, { set_of (state, T), zid })
  end
  for _, place in ipairs (strange) do
    if not mine[place[1]] and score_in (place[1], zid) then
      mine[place[1]] = true
      table.insert (extra, place)
      table.insert (extra_keys, place[1])
    end
  end
  if #extra > 0 then
    add ('states', id, T, extra[1][1], mark .. ' ' .. #extra, { S, table.concat (extra_keys, ', ') }, leaving (extra))
  end

  if S == 'active' then
    local claim = lease_of (id, worker, started)
    local lease = score_in (LEASES, claim)
    if lease and tonumber (lease) <= sure then
      local deaths = deaths_with (worker, h[11])
      local commands
      if deaths >= deaths_allowed (h[12]) then
        local text = 'The worker died while running this job, ' .. decimal (deaths) .. ' times'
        commands = moving (id, T, S, 'failed', usable, nil, 'callboard_deaths', decimal (deaths), 'error', text,
                           'failed_at', decimal (now))
        table.insert (commands, { 'PUBLISH', P .. ':events',
                                  '{"id":' .. id .. ',"event":"failed","args":["failed",' .. quote (text) .. ',null]}' })
      else
        commands = moving (id, T, S, 'inactive', usable, nil, 'callboard_deaths', decimal (deaths))
      end
      table.insert (commands, { 'ZREM', LEASES, claim })
      add ('dead', id, T, LEASES, mark .. ' ' .. lease, { worker or '', sure - tonumber (lease) }, commands)
    elseif not lease then
      local last = math.max (number (started) or 0, number (updated) or 0)
      local deadline = tonumber (score_in (own[2][1], zid) or '0')
      local late = deadline >= 100000 and sure - deadline or 0
      if late > OVERDUE or sure - last > SUSPECT_AFTER then
        add ('suspect', id, T, job, mark, { worker or '', last, math.max (late, 0) })
      end
    end
  end
end

-- An entry that stands for no job at all: `|`, an empty text.
local function diagnose_entry (key, member)
  if score_in (key, member) then
    add ('entry', nil, nil, key, member, { member }, leaving ({ { key, member } }))
  end
end

-- A type: that it is registered, if the sample is a job of it; and its tokens, one for each that waits. The first that waits
-- is in the mark: while it stays the same, nobody takes from the queue, and what is counted is not merely under way.
local function diagnose_type (T, sample)
  local waiting, tokens = set_of ('inactive', T), tokens_of (T)
  if sample ~= '' and look ('SISMEMBER', P .. ':job:types', T) == 0 then
    local found = look ('HGET', P .. ':job:' .. sample, 'type')
    if found == T then
      add ('type', nil, T, P .. ':job:types', '', { sample }, { { 'SADD', P .. ':job:types', T } })
    end
  end

  local all_fit = fits (tokens, 'list')
  fits (P .. ':jobs', 'zset')
  fits (P .. ':job:types', 'set')
  for _, state in ipairs (STATES) do
    fits (set_of (state), 'zset')
    all_fit = fits (set_of (state, T), 'zset') and all_fit
  end

  local n, jobs = length_of ('LLEN', tokens), length_of ('ZCARD', waiting)
  if n == jobs or not all_fit then return end
  local head = look ('ZRANGE', waiting, 0, 0)
  head = not head.err and head[1] or ''
  local id = id_of (head)
  local updated = id and look ('HGET', P .. ':job:' .. id, 'updated_at')
  local mark = decimal (n - jobs) .. ' ' .. head .. ' ' .. (type (updated) == 'string' and updated or '')
  if n > jobs then
    add ('surplus', nil, T, tokens, mark, { n, jobs }, { { 'LTRIM', tokens, decimal (n - jobs), '-1' } })
  else
    local commands = {}
    for from = 1, math.min (jobs - n, 100000), 1000 do
      local command = { 'LPUSH', tokens }
      for _ = from, math.min (from + 999, jobs - n) do table.insert (command, '1') end
      table.insert (commands, command)
    end
    add ('tokens', nil, T, tokens, mark, { n, jobs }, commands)
  end
end

-- A subject as it stands in ARGV: what, which, how many more, and those. Returns the place behind it.
local function diagnose (at)
  local what, which, n = ARGV[at], ARGV[at + 1], tonumber (ARGV[at + 2])
  local more = { unpack (ARGV, at + 3, at + 2 + n) }
  if what == 'job' then
    diagnose_job (which, more)
  elseif what == 'entry' then
    diagnose_entry (which, more[1])
  elseif what == 'long' then
    diagnose_long (which, more[1], more[2])
  else
    diagnose_type (which, more[1])
  end
  return at + 3 + n
end

