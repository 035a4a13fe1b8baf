-- capture-repair.lua: what the repair of a finding may destroy, as it is now. Read only.
--
-- diagnose.lua and photograph.lua stand before it.
-- KEYS: P:job:types
-- ARGV: prefix, now, ms after which an active job is suspect, kind, key, mark, then its subject as diagnose () reads it
-- Returns: { 'healed' } when it is not so any more, else as capture.lua, with the finding's kind as the state.

local kind, key, mark = ARGV[4], ARGV[5], ARGV[6]

findings = {}
diagnose (7)
for _, finding in ipairs (findings) do
  local same = finding[1] == kind and finding[4] == key and finding[5] == mark
  if finding[1] == kind and (kind == 'tokens' or kind == 'surplus') then same = true end
  if same and #finding[7] > 0 then
    local id, T = finding[2] or nil, finding[3] or nil
    local hint = { states = {}, types = {}, members = {}, more = {}, facts = {} }
    for _, command in ipairs (finding[7]) do
      if command[1] == 'ZADD' then
        table.insert (hint.more, { command[2], command[4] })
      elseif command[1] == 'ZREM' then
        for i = 3, #command do table.insert (hint.more, { command[2], command[i] }) end
        T = T or type_waiting_in (command[2])
      elseif command[1] == 'SADD' then
        table.insert (hint.facts, { 'set', command[2], command[3] })
        table.insert (hint.facts, { 'counter', IDS }) -- of a job that was made since, the type must stay
      end
    end
    if kind == 'tokens' or kind == 'surplus' then table.insert (hint.facts, { 'list', tokens_of (T) }) end
    local photo = photograph (id, hint)
    if not photo then return { 'large' } end
    photo.T, photo.S = photo.T or T, kind
    return captured (id, photo)
  end
end
return { 'healed' }
