-- Give a person one entry, however often asked.
-- KEYS: facts, entries, draw, returned.  ARGV: person, now in ms.
-- Returns nothing for an unknown drop, otherwise {entry, 1 if it is new, seed, cohort, published at}.
if redis.call('EXISTS', KEYS[1]) == 0 then
  return false
end
local new = 0
local entry = redis.call('HGET', KEYS[2], ARGV[1])
if not entry then
  -- Places are never taken back, so their number is the next index.
  local index = redis.call('HLEN', KEYS[2]) + (redis.call('GET', KEYS[4]) or 0)
  entry = string.format('%d:%s', index, ARGV[2])
  redis.call('HSET', KEYS[2], ARGV[1], entry)
  new = 1
end
local draw = redis.call('HMGET', KEYS[3], 'seed', 'cohort', 'published_at')
return {entry, new, draw[1], draw[2], draw[3]}
