-- guarded.lua: stands before the script of an action and takes off the arguments that are for guard.lua.
--
-- ARGV: those of the action (prefix, now, id, …), then `full` or `light`, the fingerprint that the job must have, the hint as
--       in photograph.lua, and how many these are.

local guarded = {}
local ARGV = (function (all)
  local n = #all - 1 - tonumber (all[#all])
  guarded.id = all[3]
  guarded.light = all[n + 1] == 'light'
  guarded.fingerprint = all[n + 2]
  guarded.hint = read_hint (all, n + 3)
  return { unpack (all, 1, n) }
end) (ARGV)
