-- restore.lua: a job put back as it was captured, when it is still as the action left it.
--
-- KEYS: P:job:ID
-- ARGV: prefix, now, id (empty: it is not about one), the hint as in photograph.lua,
--       n, what guard.lua returned,
--       n, what capture.lua returned
-- Returns: { 'ok' }, { 'same' } when it is as it was already, { 'changed', state } when somebody else has changed it since,
--          { 'other' } when this is another database now.
--
-- Impossible: half of a job put back, since what may be refused (RESTORE) comes first and is taken back; a job waiting without
-- a token, or a token that wakes for nothing; what others have changed in the meantime written over.

local id, at = ARGV[3] ~= '' and ARGV[3] or nil, 4
local hint, before, after = nil, nil, nil
hint, at = read_hint (ARGV, at)
after, at = read_list (ARGV, at)
before, at = read_list (ARGV, at)

local old = read_capture (before)
look_also (hint, old)
local is = photograph (id, hint)
if not is then return { 'changed', '' } end
if is.fingerprint == old.fingerprint then return { 'same' } end
if is.fingerprint ~= after[1] then return { 'changed', is.S or '' } end
if is_elsewhere (id, old) then return { 'other' } end

local bad = cannot_put_back (old)
if bad then return bad end
local had, comes, goes = count_tokens (old), nil, nil
bad, comes, goes = put_back (old, is)
if bad then return bad end
settle_tokens (id, old, comes, goes, had, after)
return { 'ok' }
