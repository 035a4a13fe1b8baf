-- remove.lua: a job, its log and its id in every set of whatever state, gone.
--
-- KEYS: P:job:ID, P:job:ID:log, P:jobs, P:job:types, P:callboard:leases
-- ARGV: prefix, now, id, then other spellings of the id that old programs left in the sets
-- Returns: { 'ok' } or { 'gone' } when there was nothing of it anywhere.
--
-- Its words leave the search index with it, where it is in one.
--
-- Impossible: an id left in the sets of the state the job is really in (H6, H17). What has no type is not told, like
-- Kue's own removal of bad jobs; its sets are looked for under every type that is registered.

local id = ARGV[3]
local h = redis.pcall ('HMGET', KEYS[1], 'type', 'workerId', 'started_at', 'state')
if h.err then h = {} end
local T = h[1]

local members = { unpack (ARGV, 4) }
table.insert (members, zid_of (id))

local types = { T }
if not T then
  local n = redis.pcall ('SCARD', KEYS[4])
  types = type (n) == 'number' and n <= 1000 and redis.call ('SMEMBERS', KEYS[4]) or {}
end

local gone = redis.call ('DEL', KEYS[1], KEYS[2])
local function take (key)
  local n = redis.pcall ('ZREM', key, unpack (members))
  if type (n) == 'number' then gone = gone + n end
end
take (KEYS[3])
for _, S in ipairs (STATES) do
  take (P .. ':jobs:' .. S)
  for _, name in ipairs (types) do take (P .. ':jobs:' .. name .. ':' .. S) end
end
if T and h[4] then -- it may be in a state that Kue has no word for
  take (P .. ':jobs:' .. h[4])
  take (P .. ':jobs:' .. T .. ':' .. h[4])
end
redis.pcall ('ZREM', KEYS[5], lease_of (id, h[2], h[3]))
unindex (id)
if T then settle (T) end
if gone == 0 then return { 'gone' } end
if T then emit (id, 'remove', quote (T)) end
return { 'ok' }
