-- phantoms.lua   20 failed "email" jobs; the hashes of 8 of them are gone (ids 3,6,9,12,15,18 and 19,20);
-- ids 19 and 20 are also gone from q:jobs; ten more stale members sit only in the per-type set
local n = 20
redis.call('SET', 'q:ids', n)
redis.call('SADD', 'q:job:types', 'email')
for id = 1, n do
  local z = string.format('%02d|%d', #tostring(id), id)
  if not (id % 3 == 0 or id >= 19) then
    redis.call('HSET', 'q:job:' .. id, 'type', 'email', 'state', 'failed', 'priority', '0', 'created_at',
      string.format('%.0f', 1700000000000 + id * 1000), 'error', 'Error: boom', 'data', '{"title":"n' .. id .. '"}')
  end
  if id < 19 then redis.call('ZADD', 'q:jobs', 0, z) end
  redis.call('ZADD', 'q:jobs:failed', 0, z)
  redis.call('ZADD', 'q:jobs:email:failed', 0, z)
end
for id = 101, 110 do redis.call('ZADD', 'q:jobs:email:failed', 0, '03|' .. id) end
redis.call('RPUSH', 'q:job:3:log', 'left over log line')
return {redis.call('ZCARD', 'q:jobs'), redis.call('ZCARD', 'q:jobs:failed'), redis.call('ZCARD', 'q:jobs:email:failed')}
