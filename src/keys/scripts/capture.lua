#!lua flags=no-writes
-- capture.lua: what one of many keys is, before something is done to it. Changes nothing; the server is told so.
--
-- KEYS: the key. ARGV: how much memory it may have to be dumped; 0: no dump is wanted.
-- Returns { type, ms since 1970 when it ends (as text, -1 never), DUMP }, with the bytes of memory as the third, a number,
-- when they are more; or { 'none' }.

local key, most = KEYS[1], tonumber (ARGV[1])
local t = redis.call ('TYPE', key).ok
if t == 'none' then return { t } end
local at = string.format ('%.0f', redis.call ('PEXPIRETIME', key))
if most == 0 then return { t, at, '' } end

-- Who may not ask for it, or whose server can't tell, does without.
local memory = redis.pcall ('MEMORY', 'USAGE', key, 'SAMPLES', '5')
if type (memory) == 'number' and memory > most then return { t, at, memory } end
return { t, at, redis.call ('DUMP', key) or '' }
