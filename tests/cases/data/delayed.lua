-- delayed.lua   2,000 jobs due in one week, then one (id 2001) that is due now
local t = redis.call('TIME'); local now = tonumber(t[1]) * 1000
redis.call('SADD', 'q:job:types', 'email')
for id = 1, 2001 do
  redis.call('SET', 'q:ids', id)
  local due = (id == 2001) and (now - 1000) or (now + 604800000)
  local z = string.format('%02d|%d', #tostring(id), id)
  redis.call('HSET', 'q:job:' .. id, 'type', 'email', 'state', 'delayed', 'priority', '0', 'max_attempts', '1',
    'created_at', string.format('%.0f', now - 2000), 'delay', string.format('%.0f', due - now + 2000),
    'promote_at', string.format('%.0f', due), 'data', '{"title":"d' .. id .. '"}')
  redis.call('ZADD', 'q:jobs', 0, z); redis.call('ZADD', 'q:jobs:delayed', due, z); redis.call('ZADD', 'q:jobs:email:delayed', 0, z)
end
return redis.call('ZCARD', 'q:jobs:delayed')
