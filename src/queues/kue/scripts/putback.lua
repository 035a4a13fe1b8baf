-- putback.lua: a job made what it was, key by key.
--
-- guard.lua and restore.lua begin with it (behind photograph.lua).

-- What capture.lua returned, as it stands in the arguments.
local function read_capture (list)
  local old = { fingerprint = list[1], flags = list[2], T = list[3], S = list[4], tokens = tonumber (list[7]),
                waiting = tonumber (list[8]), whole = {}, scores = {} }
  if not string.find (old.flags, 't') then old.T = nil end
  if not string.find (old.flags, 's') then old.S = nil end
  local at = 9
  for _ = 1, tonumber (list[at]) do
    table.insert (old.whole, { list[at + 1], list[at + 2], list[at + 3] })
    at = at + 3
  end
  at = at + 1
  for _ = 1, tonumber (list[at]) do
    table.insert (old.scores, { list[at + 1], list[at + 2], list[at + 3] })
    at = at + 3
  end
  return old
end

-- Where the job was, one looks also when it is somewhere else now.
local function look_also (hint, old)
  if old.T then hint.types = { old.T } end
  if old.S then table.insert (hint.states, old.S) end
  hint.more, hint.facts = {}, {}
  for _, entry in ipairs (old.scores) do
    local fact = string.match (entry[3], '^(%a+):')
    if fact then
      table.insert (hint.facts, { fact, entry[1], entry[2] })
      if fact == 'list' then old.counts_tokens = true end
    else
      table.insert (hint.more, entry)
    end
  end
end

-- The queues were emptied or replaced since: the id would be given out once more.
local function is_elsewhere (id, old)
  local counter = redis.pcall ('GET', IDS)
  local n = type (counter) == 'string' and number (counter)
  return string.find (old.flags, 'c') ~= nil and not (n and n >= tonumber (id))
end

local function tokens_and_waiting (old)
  if old.T then return P .. ':' .. old.T .. ':jobs', P .. ':jobs:' .. old.T .. ':inactive' end
end

-- The reason why something can't be put back, or nil: everything that will be written to is what it must be.
local function cannot_put_back (old)
  for _, entry in ipairs (old.scores) do
    local fact = string.match (entry[3], '^(%a+):')
    local bad = misfit (entry[1], not fact and 'zset' or fact == 'counter' and 'string' or fact)
    if bad then return bad end
  end
  local tokens, waiting = tokens_and_waiting (old)
  return tokens and (misfit (tokens, 'list') or misfit (waiting, 'zset')) or misfit (TYPES, 'set')
end

-- So many tokens more, or fewer.
local function give_tokens (tokens, n)
  for _ = 1, math.min (n, 10000) do redis.call ('LPUSH', tokens, '1') end
  for _ = 1, math.min (-n, 10000) do redis.call ('LPOP', tokens) end
end

-- Makes the job as in `old` what it is by the photograph `is`. The caller has asked cannot_put_back (). What may be refused comes
-- first and is taken back. Returns: an error, or nil, and whether it comes to wait, or goes from there, by this.
local function put_back (old, is)
  local there, was, done = {}, {}, {}
  for _, key in ipairs (is.whole) do there[key[1]] = key end
  for _, key in ipairs (old.whole) do
    local name, expires, dump = key[1], key[2], key[3]
    local present = there[name] and redis.call ('DUMP', name)
    was[name] = true
    if present ~= dump or there[name][2] ~= expires then
      local ttl = expires == '-1' and '0' or expires
      local answer = redis.pcall ('RESTORE', name, ttl, dump, 'REPLACE', 'ABSTTL')
      if type (answer) == 'table' and answer.err then
        for _, undone in ipairs (done) do
          if undone[2] then
            redis.call ('RESTORE', undone[1], undone[3], undone[2], 'REPLACE', 'ABSTTL')
          else
            redis.call ('DEL', undone[1])
          end
        end
        return answer
      end
      table.insert (done, { name, present, there[name] and there[name][2] ~= '-1' and there[name][2] or '0' })
      -- A hash table comes back with what shares a place in it the other way round; twice is as it was.
      if #dump < 65536 then
        local again = redis.call ('DUMP', name)
        if again and again ~= dump then redis.call ('RESTORE', name, ttl, again, 'REPLACE', 'ABSTTL') end
      end
    end
  end

  local _, waiting = tokens_and_waiting (old)
  local entries, comes, goes = {}, false, false
  for _, entry in ipairs (is.scores) do entries[framed (entry[1]) .. entry[2]] = entry end
  for _, entry in ipairs (old.scores) do
    local name = framed (entry[1]) .. entry[2]
    local fact, value = string.match (entry[3], '^(%a+):(.*)$')
    if fact == 'list' then
      give_tokens (entry[1], tonumber (value) - redis.call ('LLEN', entry[1]))
    elseif fact == 'set' then
      redis.call (value == '1' and 'SADD' or 'SREM', entry[1], entry[2])
    elseif not fact and (not entries[name] or entries[name][3] ~= entry[3]) then
      redis.call ('ZADD', entry[1], entry[3], entry[2])
      if not entries[name] and entry[1] == waiting then comes = true end
    end
    entries[name] = nil
  end
  for _, entry in pairs (entries) do
    if not string.find (entry[3], ':', 1, true) then redis.call ('ZREM', entry[1], entry[2]) end
    if entry[1] == waiting then goes = true end
  end
  for _, key in ipairs (is.whole) do
    if not was[key[1]] then redis.call ('DEL', key[1]) end
  end
  if old.T and string.find (old.flags, 'r') then redis.call ('SADD', TYPES, old.T) end
  return nil, comes, goes
end

-- The job's token when it has come back to wait, or has gone from there: exactly what the action took or gave when nothing else
-- has come or gone since, otherwise so that there is one for each that waits. Had: how things stood before it was put back.
-- Left: what guard.lua returned.
local function settle_tokens (id, old, comes, goes, had, left)
  local tokens, waiting = tokens_and_waiting (old)
  if not tokens or old.counts_tokens then return end
  local give, known = 0, false
  for i = 3, 2 + 4 * tonumber (left[2] or 0), 4 do
    if left[i] == old.T and tonumber (left[i + 2]) == had[1] and tonumber (left[i + 3]) == had[2] then
      known, give = true, tonumber (left[i + 1]) - had[1]
    end
  end
  if not known then
    local n = redis.call ('ZCARD', waiting)
    if comes and had[1] < n then give = 1 end
    if goes and had[1] > n then give = -1 end
  end
  give_tokens (tokens, give)
  if comes and id then emit (id, 'enqueue', quote (old.T)) end
end

local function count_tokens (old)
  local tokens, waiting = tokens_and_waiting (old)
  if not tokens then return { 0, 0 } end
  return { redis.call ('LLEN', tokens), redis.call ('ZCARD', waiting) }
end
