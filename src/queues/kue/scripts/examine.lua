-- examine.lua: looks for what is wrong. Changes nothing; the server is told so and would refuse a write.
--
-- KEYS: P:job:types
-- ARGV: prefix, now, ms after which an active job is suspect, then one of
--   `ids`, ids                              Returns: { ids with something wrong }, { type, id… } of types that are not registered,
--                                                    { id, field, length… } of fields that are too long to be parsed here
--   `set`, key, type (`=T`, `*` for all types), state (`*` for all), members
--                                           Returns: those members that may not belong there
--   `look`, subjects as diagnose () reads   Returns: { number of the subject, finding }…
--
-- A bounded number of jobs at a time: the caller sees to that.

if ARGV[4] == 'ids' then
  local ids, types, known = {}, {}, {}
  for i = 5, #ARGV do
    findings = {}
    diagnose_job (ARGV[i], {})
    if #findings > 0 then table.insert (ids, ARGV[i]) end
    local T = look ('HGET', P .. ':job:' .. ARGV[i], 'type')
    if type (T) == 'string' and not known[T] then
      known[T] = true
      if look ('SISMEMBER', KEYS[1], T) ~= 1 then
        table.insert (types, T)
        table.insert (types, ARGV[i])
      end
    end
  end
  return { ids, types, longs }
end

if ARGV[4] == 'set' then
  local key, T, S = ARGV[5], ARGV[6], ARGV[7]
  local found = {}
  for i = 8, #ARGV do
    local member = ARGV[i]
    local id = id_of (member)
    local h = id and look ('HMGET', P .. ':job:' .. id, 'type', 'state')
    local right = h and not h.err and h[1] and member == zid_of (id)
                  and (T == '*' or h[1] == string.sub (T, 2)) and (S == '*' or h[2] == S)
    if not right and score_in (key, member) then table.insert (found, member) end
  end
  return found
end

local answer, at, n = {}, 5, 0
while at <= #ARGV do
  n = n + 1
  findings = {}
  at = diagnose (at)
  for _, finding in ipairs (findings) do
    table.insert (answer, n)
    table.insert (answer, finding)
  end
end
return answer
