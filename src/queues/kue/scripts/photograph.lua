-- photograph.lua: all there is of a job, so that it can be put back; and by what one knows that it is still the same.
--
-- capture.lua, guard.lua and restore.lua begin with it (behind common.lua). Nothing here writes.
--
-- A photograph is of keys that belong to the job alone (`whole`: its hash, its log, its part of the search index) and of its
-- entries in keys of many (`scores`). Its fingerprint is made of what these hold, not of how Redis keeps it: the order of a
-- hash table changes by itself. An entry that is not there is not in it, so one may look in more places than before.
--
-- A hint says where to look: `states` and `types` beside those that the hash names, `members` beside the id as Kue spells it,
-- `more` pairs of key and member; and `facts`, which belong to no job: { 'list', key } how long it is, { 'set', key, member } that it is
-- in it, { 'counter', key } what it says. They stand among the entries, with their kind and a colon before the value. Without an
-- id there are only these two.

local LARGEST = 8388608              -- bytes of a job that is kept; so much takes Redis some 30 ms
local WIDEST = 20000                 -- fields or lines
local IDS, TYPES = P .. ':ids', P .. ':job:types'

local function framed (text)
  return #text .. ':' .. text
end

-- How much a key holds, by an estimate that never is far too small; nil when it has too many elements to look.
local LENGTHS = { hash = 'HLEN', list = 'LLEN', zset = 'ZCARD', set = 'SCARD', stream = 'XLEN' }
local function size_of (key, kind)
  if LENGTHS[kind] and redis.call (LENGTHS[kind], key) > WIDEST then return nil end
  local size = redis.pcall ('MEMORY', 'USAGE', key, 'SAMPLES', '0')
  if type (size) == 'number' then return size end
  size = 0 -- not every user may ask that
  if kind == 'hash' then
    for _, field in ipairs (redis.call ('HKEYS', key)) do size = size + #field + redis.call ('HSTRLEN', key, field) end
  elseif kind == 'string' then
    size = redis.call ('STRLEN', key)
  elseif kind == 'list' then
    local last = redis.call ('LLEN', key) - 1
    for from = 0, last, 20 do
      for _, line in ipairs (redis.call ('LRANGE', key, from, from + 19)) do size = size + #line end
      if size > LARGEST then break end
    end
  end
  return size
end

local function contents_of (key, kind)
  local pieces = {}
  if kind == 'hash' then
    local flat = redis.call ('HGETALL', key)
    for i = 1, #flat, 2 do pieces[(i + 1) / 2] = framed (flat[i]) .. framed (flat[i + 1]) end
    table.sort (pieces)
  elseif kind == 'list' then
    for i, line in ipairs (redis.call ('LRANGE', key, 0, -1)) do pieces[i] = framed (line) end
  elseif kind == 'zset' then
    pieces = redis.call ('ZRANGE', key, 0, -1, 'WITHSCORES')
    for i = 1, #pieces do pieces[i] = framed (pieces[i]) end
  else
    pieces[1] = redis.call ('DUMP', key)
  end
  return table.concat (pieces)
end

-- What changes with every change of a job, where all of it is not to be looked at.
local function sign_of (key, kind)
  if kind ~= 'hash' then return LENGTHS[kind] and decimal (redis.call (LENGTHS[kind], key)) or '' end
  local h = redis.call ('HMGET', key, 'type', 'state', 'priority', 'updated_at', 'started_at', 'failed_at', 'attempts', 'workerId')
  for i = 1, 8 do h[i] = framed (h[i] or '') end
  return table.concat (h) .. redis.call ('HLEN', key)
end

local function fingerprint_of (whole, scores)
  local pieces, entries = {}, {}
  for i, key in ipairs (whole) do pieces[i] = framed (key[1]) .. framed (key[2]) .. framed (key[3]) end
  for i, entry in ipairs (scores) do entries[i] = framed (entry[1]) .. framed (entry[2]) .. framed (entry[3]) end
  table.sort (entries)
  return redis.sha1hex (table.concat (pieces) .. '|' .. table.concat (entries))
end

local function registered_types ()
  local n = redis.pcall ('SCARD', TYPES)
  return type (n) == 'number' and n <= 1000 and redis.call ('SMEMBERS', TYPES) or {}
end

-- Returns: the photograph, or nil when the job is too large to be kept. Light: without looking at all of its bytes.
local function photograph (id, hint, light)
  local job = P .. ':job:' .. (id or '')
  local photo = { whole = {}, scores = {}, types = {}, states = {} }
  local kind_of_job = id and redis.call ('TYPE', job).ok or 'none'

  local room = LARGEST
  local function take_whole (key, kind)
    if kind == 'none' then return true end
    local digest
    if light then
      digest = sign_of (key, kind)
    else
      local size = size_of (key, kind)
      if not size or size > room then return false end
      room = room - size
      digest = redis.sha1hex (contents_of (key, kind))
    end
    local expires = redis.pcall ('PEXPIRETIME', key)
    table.insert (photo.whole, { key, type (expires) == 'number' and decimal (expires) or '-1', digest, kind })
    return true
  end

  local h = {}
  if kind_of_job == 'hash' then
    h = redis.call ('HMGET', job, 'type', 'state', 'updated_at', 'started_at', 'workerId')
  end
  photo.T, photo.S, photo.updated, photo.started = h[1], h[2], h[3], h[4]

  local index = P .. ':search:object:' .. (id or '')
  local kind_of_index = id and redis.call ('TYPE', index).ok or 'none'
  if id and not take_whole (job, kind_of_job)
     or id and not take_whole (job .. ':log', redis.call ('TYPE', job .. ':log').ok)
     or not take_whole (index, kind_of_index) then
    return nil
  end

  local function add_new (list, word)
    for _, known in ipairs (list) do
      if known == word then return end
    end
    table.insert (list, word)
  end
  for _, S in ipairs (STATES) do table.insert (photo.states, S) end
  for _, S in ipairs (hint.states or {}) do add_new (photo.states, S) end
  if h[2] then add_new (photo.states, h[2]) end
  for _, T in ipairs (hint.types or {}) do table.insert (photo.types, T) end
  if h[1] then add_new (photo.types, h[1]) end
  if id and #photo.types == 0 then photo.types = registered_types () end

  local seen = {}
  local function take_score (key, member, score)
    if type (score) == 'string' and not seen[framed (key) .. member] then
      seen[framed (key) .. member] = true
      table.insert (photo.scores, { key, member, string.format ('%.17g', tonumber (score)) })
    end
  end
  local members = { id and zid_of (id), unpack (hint.members or {}) }
  local function look_in (key)
    if #members == 1 then
      take_score (key, members[1], redis.pcall ('ZSCORE', key, members[1]))
      return
    end
    local n = redis.pcall ('ZCARD', key) -- an answer of many nils costs more than a question too many
    if type (n) ~= 'number' or n == 0 then return end
    local scores = redis.pcall ('ZMSCORE', key, unpack (members))
    for i, member in ipairs (members) do take_score (key, member, scores[i]) end
  end

  if id then
    look_in (P .. ':jobs')
    for _, S in ipairs (photo.states) do
      look_in (P .. ':jobs:' .. S)
      for _, T in ipairs (photo.types) do look_in (P .. ':jobs:' .. T .. ':' .. S) end
    end
    local claim = lease_of (id, h[5], h[4])
    take_score (LEASES, claim, redis.pcall ('ZSCORE', LEASES, claim))
  end
  if kind_of_index == 'zset' and not light then
    for _, code in ipairs (redis.call ('ZRANGE', index, 0, -1)) do
      local word = P .. ':search:word:' .. code
      take_score (word, id, redis.pcall ('ZSCORE', word, id))
    end
  end
  for _, pair in ipairs (hint.more or {}) do
    if not seen[framed (pair[1]) .. pair[2]] then
      take_score (pair[1], pair[2], redis.pcall ('ZSCORE', pair[1], pair[2]))
    end
  end

  for _, fact in ipairs (hint.facts or {}) do
    local kind, key, member = fact[1], fact[2], fact[3] or ''
    local value
    if kind == 'list' then
      value = redis.pcall ('LLEN', key)
    elseif kind == 'set' then
      value = redis.pcall ('SISMEMBER', key, member)
    else
      value = redis.pcall ('GET', key)
    end
    if type (value) == 'table' then value = 'none' end
    table.insert (photo.scores, { key, member, kind .. ':' .. tostring (value) })
  end

  photo.fingerprint = fingerprint_of (photo.whole, photo.scores)
  photo.nothing = #photo.whole == 0 and #photo.scores == 0
  return photo
end

-- A list as it stands in the arguments: how many, and those. Returns it and the place behind it.
local function read_list (args, at)
  local list, n = {}, tonumber (args[at])
  for i = 1, n do list[i] = args[at + i] end
  return list, at + 1 + n
end

-- What all of them are told: states and members beside those that can be known.
local function read_hint (args, at)
  local hint = {}
  hint.states, at = read_list (args, at)
  hint.members, at = read_list (args, at)
  return hint, at
end

-- What capture.lua returns, of a photograph that is there.
local function captured (id, photo, light)
  local counter = redis.pcall ('GET', IDS)
  local flags = (photo.T and 't' or '') .. (photo.S and 's' or '')
  if photo.T and redis.pcall ('SISMEMBER', TYPES, photo.T) == 1 then flags = flags .. 'r' end
  if id and type (counter) == 'string' and number (counter) and number (counter) >= tonumber (id) then flags = flags .. 'c' end

  local function count (command, key)
    local n = photo.T and redis.pcall (command, key)
    return type (n) == 'number' and decimal (n) or ''
  end
  local reply = { 'ok', photo.fingerprint, flags, photo.T or '', photo.S or '', photo.updated or '', photo.started or '',
                  count ('LLEN', P .. ':' .. (photo.T or '') .. ':jobs'),
                  count ('ZCARD', P .. ':jobs:' .. (photo.T or '') .. ':inactive') }
  local whole = light and {} or photo.whole
  if not light then
    local function may (...)
      local ok, allowed = pcall (redis.acl_check_cmd, ...)
      return ok and allowed
    end
    local job = P .. ':job:' .. (id or '')
    if not may ('HSET', job, '', '') then return redis.error_reply ('NOPERM this user may not change jobs (HSET)') end
    if not may ('RESTORE', job, '0', '') then return { 'unable', 'this user may not RESTORE keys' } end
  end
  table.insert (reply, decimal (#whole))
  for _, key in ipairs (whole) do
    local dump = redis.pcall ('DUMP', key[1])
    if type (dump) ~= 'string' then return { 'unable', dump and dump.err or 'a key went away' } end
    table.insert (reply, key[1])
    table.insert (reply, key[2])
    table.insert (reply, dump)
  end
  table.insert (reply, decimal (#photo.scores))
  for _, entry in ipairs (photo.scores) do
    for i = 1, 3 do table.insert (reply, entry[i]) end
  end
  return reply
end
