-- guarded.lua: stands before the script of an action and takes off the arguments that are for guard.lua.
--
-- ARGV: those of the action, then `full`, `light` or `replay`, the fingerprint that the job must have, its id (empty: it is not
--       about one), the hint as in photograph.lua, n, what capture.lua returned (to replay, and for a repair), and how many
--       these are.

local guarded = {}
local ARGV = (function (all)
  local n = #all - 1 - tonumber (all[#all])
  local at
  guarded.light, guarded.replay = all[n + 1] == 'light', all[n + 1] == 'replay'
  guarded.fingerprint = all[n + 2]
  guarded.id = all[n + 3] ~= '' and all[n + 3] or nil
  guarded.hint, at = read_hint (all, n + 4)
  guarded.before = read_list (all, at)
  return { unpack (all, 1, n) }
end) (ARGV)
