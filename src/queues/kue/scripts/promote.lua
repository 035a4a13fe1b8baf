-- promote.lua: a delayed job to waiting.
--
-- KEYS: P:job:ID, P:jobs:delayed
-- ARGV: prefix, now, id, `due` to do it only when its time has come
-- Returns: { 'ok' }, { 'gone' }, { 'state', state }; with `due` also { 'early' } and { 'cleared' }.
--
-- Impossible: a job promoted twice by two scanners, or after somebody else has moved it, with two tokens (H13).
-- An entry of the delayed set without a job, or of a job whose hash names another state, would come up in every scan
-- for ever and in the end fill it; the scan takes it out of that set (`cleared`).

local id, due = ARGV[3], ARGV[4] == 'due'
local h = redis.call ('HMGET', KEYS[1], 'type', 'state', 'priority')
if due and (not h[1] or h[2] ~= 'delayed') then
  redis.call ('ZREM', KEYS[2], zid_of (id))
  return { 'cleared' }
end
if not h[1] then return { 'gone' } end
if h[2] ~= 'delayed' then return { 'state', h[2] or '' } end
if due then
  local score = redis.call ('ZSCORE', KEYS[2], zid_of (id))
  if not score or tonumber (score) > now then return { 'early' } end
end
local bad = cannot_enter (h[1], 'inactive')
if bad then return bad end
emit (id, 'promotion')
move (id, h[1], 'inactive', priority_of (id, h[3]))
emit (id, 'enqueue', quote (h[1]))
return { 'ok' }
