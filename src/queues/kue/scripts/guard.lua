-- guard.lua: the end of a script that acts on a job only when it is as it was captured, and says what it has left.
--
-- In front of it stand the script of the action, made a function act (), and guarded.lua, which has taken off the arguments
-- that are not the action's.
-- Returns: what the action answers when it was not done; { 'changed', state }; else
--          { 'ok', fingerprint of what is left, n, (type, tokens before, tokens after, waiting after)… };
--          to replay, as restore.lua
--
-- Impossible: anything destroyed that has not been captured, and written down, before.
--
-- Replay: Callboard has died between the act and writing down what is left, and now the job is to be put back. Whether it is still as
-- the action left it is found out by doing the action once more, on the job as it was captured, at the time at which it was
-- done: nothing else goes into it. What comes of that is the same as what is there now, or somebody has touched it. All of
-- this is one step, of which nobody hears or sees more than its end.

if guarded.replay then
  local id, hint, old = guarded.id, guarded.hint, read_capture (guarded.before)
  look_also (hint, old)
  local is = photograph (id, hint)
  if not is then return { 'changed', '' } end
  if is.fingerprint == old.fingerprint then return { 'same' } end
  -- Every action stamps the job with the time, or takes it away, so that in most cases nothing need be tried.
  -- (Repairs don't.)
  local there = id and is.whole[1] and is.whole[1][1] == P .. ':job:' .. id
  if there and not guarded.repairs and is.updated ~= decimal (now) then return { 'changed', is.S or '' } end
  if is_elsewhere (id, old) then return { 'other' } end

  local kept = { T = is.T, S = is.S, flags = '', whole = {}, scores = is.scores }
  for i, key in ipairs (is.whole) do kept.whole[i] = { key[1], key[2], redis.call ('DUMP', key[1]) } end
  local bad = cannot_put_back (old) or cannot_put_back (kept)
  if bad then return bad end

  local tell, had, tokens = emit, count_tokens (old), tokens_and_waiting (old)
  emit = function () end
  bad = put_back (old, is)
  if bad then return bad end
  -- The tokens, too, if they were as they are now: then it is known how many there were.
  local between = count_tokens (old)
  local quiet = tokens and old.tokens and old.tokens <= 10000 and between[1] <= 10000 and between[2] == old.waiting
  if quiet then give_tokens (tokens, old.tokens - between[1]) end
  local answer = act ()
  local again = photograph (id, hint)
  local same = again and not answer.err and answer[1] == 'ok' and again.fingerprint == is.fingerprint
  if tokens then
    local left = count_tokens (old)
    quiet = quiet and left[1] == had[1] and left[2] == had[2]
    give_tokens (tokens, had[1] - left[1])
  end
  emit = tell

  again = again or photograph (id, hint, true)
  if not same then
    put_back (kept, again)
    return { 'changed', is.S or '' }
  end
  local _, comes, goes = put_back (old, again)
  settle_tokens (id, old, comes, goes, had, quiet and { '', '1', old.T, old.tokens, had[1], had[2] } or {})
  return { 'ok' }
end

if #guarded.before > 0 then look_also (guarded.hint, read_capture (guarded.before)) end
local before = photograph (guarded.id, guarded.hint, guarded.light)
if not before or before.fingerprint ~= guarded.fingerprint then
  return { 'changed', before and before.S or '' }
end

local function count (command, key)
  local n = redis.pcall (command, key)
  return type (n) == 'number' and n or 0
end

local had = {}
for i, T in ipairs (before.types) do had[i] = count ('LLEN', P .. ':' .. T .. ':jobs') end
local answer = act ()
if answer.err or answer[1] ~= 'ok' then return answer end

guarded.hint.types = #before.types > 0 and before.types or guarded.hint.types
if #guarded.before == 0 then guarded.hint.more = before.scores end
if before.S then table.insert (guarded.hint.states, before.S) end
-- A job of which nothing is left of all that was seen looks as one that never was: no need to look everywhere again.
local function is_gone ()
  for _, key in ipairs (before.whole) do
    if redis.call ('EXISTS', key[1]) == 1 then return false end
  end
  for _, entry in ipairs (before.scores) do
    if redis.pcall ('ZSCORE', entry[1], entry[2]) then return false end
  end
  return true
end
local left
if guarded.id and not guarded.repairs and is_gone () then
  left = fingerprint_of ({}, {})
else
  local after = photograph (guarded.id, guarded.hint, guarded.light)
  left = after and after.fingerprint or ''
end
local reply = { 'ok', left, 0 }
for i, T in ipairs (before.types) do
  local has = count ('LLEN', P .. ':' .. T .. ':jobs')
  if before.T or has ~= had[i] or guarded.repairs then
    reply[3] = reply[3] + 1
    table.insert (reply, T)
    table.insert (reply, decimal (had[i]))
    table.insert (reply, decimal (has))
    table.insert (reply, decimal (count ('ZCARD', P .. ':jobs:' .. T .. ':inactive')))
  end
end
reply[3] = decimal (reply[3])
return reply
