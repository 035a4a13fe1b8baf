-- capture.lua: what an action may destroy of a job, as it is now. Read only.
--
-- KEYS: P:job:ID
-- ARGV: prefix, now, id, `full` or `light` (no dumps, for a change that is not to be undone),
--       states (their number, and those), members (the same): where else to look
-- Returns: { 'gone' } when there is nothing of it anywhere, { 'large' }, { 'unable', why } when it could not be put back, else
--          { 'ok', fingerprint, flags, type, state, updated_at, started_at, tokens of the type, how many of it wait,
--            n, (key, when it expires or -1, dump)…, n, (key, member, score)… }
--          with the flags t has a type, s has a state, r the type is registered, c the counter of ids has passed it.

local id, light = ARGV[3], ARGV[4] == 'light'
local photo = photograph (id, read_hint (ARGV, 5), light)
if not photo then return { 'large' } end
if photo.nothing then return { 'gone' } end
return captured (id, photo, light)
