-- make.lua PREFIX TYPE STATE COUNT   make COUNT whole, healthy Kue jobs (ids go on from PREFIX:ids)
-- Times are fixed (base 2023-11-14T22:13:20Z, one second apart) so that results can be compared.
local p, ty, st, n = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local base = 1700000000000
redis.call('SADD', p .. ':job:types', ty)
for _ = 1, n do
  local id = redis.call('INCR', p .. ':ids')
  local z = string.format('%02d|%d', #tostring(id), id)
  local t = string.format('%.0f', base + id * 1000)
  local k = p .. ':job:' .. id
  redis.call('HSET', k, 'type', ty, 'state', st, 'priority', '0', 'max_attempts', '1',
    'created_at', t, 'promote_at', t, 'updated_at', t,
    'data', '{"title":"Notice ' .. id .. '","to":"user' .. id .. '@example.test","body":"Hello"}')
  local score = 0
  if st == 'failed' then
    redis.call('HSET', k, 'failed_at', t, 'attempts', '1', 'started_at', t, 'workerId', 'kue:host-a:4711:' .. ty .. ':1',
      'error', 'Error: mailbox full\n    at send (app/mail.js:10:5)')
  elseif st == 'complete' then
    redis.call('HSET', k, 'progress', '100', 'attempts', '1', 'started_at', t, 'duration', '42')
  elseif st == 'active' then
    redis.call('HSET', k, 'started_at', t, 'workerId', 'kue:host-a:4711:' .. ty .. ':1')
  elseif st == 'delayed' then
    local due = base + id * 1000 + 60000
    redis.call('HSET', k, 'delay', '60000', 'promote_at', string.format('%.0f', due))
    score = due
  end
  redis.call('ZADD', p .. ':jobs', 0, z)
  redis.call('ZADD', p .. ':jobs:' .. st, score, z)
  redis.call('ZADD', p .. ':jobs:' .. ty .. ':' .. st, 0, z)
  if st == 'inactive' then redis.call('LPUSH', p .. ':' .. ty .. ':jobs', 1) end
end
return redis.call('ZCARD', p .. ':jobs:' .. st)
