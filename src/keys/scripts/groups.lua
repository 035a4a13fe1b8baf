#!lua flags=no-writes
-- groups.lua: the groups of a stream with their consumers. Changes nothing; the server is told so.
--
-- KEYS: the stream. ARGV: how many groups, and consumers of each, at most.
-- Returns { { name, last id, pending, consumers, { { consumer, pending, idle ms }, … } }, … }.

local function fields (flat)
  local map = {}
  for i = 1, #flat, 2 do map[flat[i]] = flat[i + 1] end
  return map
end

local most = tonumber (ARGV[1])
local result = {}
for i, group in ipairs (redis.call ('XINFO', 'GROUPS', KEYS[1])) do
  if i > most then break end
  local g = fields (group)
  local consumers = {}
  for j, consumer in ipairs (redis.call ('XINFO', 'CONSUMERS', KEYS[1], g.name)) do
    if j > most then break end
    local c = fields (consumer)
    consumers[j] = { c.name, c.pending, c.idle }
  end
  result[i] = { g.name, g['last-delivered-id'], g.pending, g.consumers, consumers }
end
return result
