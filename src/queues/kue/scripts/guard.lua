-- guard.lua: the end of a script that acts on a job only when it is as it was captured, and says what it has left.
--
-- In front of it stand the script of the action, made a function act (), and guarded.lua, which has taken off the arguments
-- that are not the action's.
-- Returns: what the action answers when it was not done; { 'changed', state }; else
--          { 'ok', fingerprint of what is left, n, (type, tokens before, tokens after, waiting after)… }
--
-- Impossible: anything destroyed that has not been captured, and written down, before.

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

guarded.hint.types, guarded.hint.more = before.types, before.scores
if before.S then table.insert (guarded.hint.states, before.S) end
local after = photograph (guarded.id, guarded.hint, guarded.light)
local reply = { 'ok', after and after.fingerprint or '', 0 }
for i, T in ipairs (before.types) do
  local has = count ('LLEN', P .. ':' .. T .. ':jobs')
  if before.T or has ~= had[i] then
    reply[3] = reply[3] + 1
    table.insert (reply, T)
    table.insert (reply, decimal (had[i]))
    table.insert (reply, decimal (has))
    table.insert (reply, decimal (count ('ZCARD', P .. ':jobs:' .. T .. ':inactive')))
  end
end
reply[3] = decimal (reply[3])
return reply
