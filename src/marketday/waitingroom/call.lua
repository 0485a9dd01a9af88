-- Raise the serving number, never lower it, and remove expired admissions from the people inside.
-- KEYS: facts, serving, calls, inside.  ARGV: serving number, now in ms.
-- Returns nothing for an unknown drop, otherwise the serving number that is valid now.
if redis.call('EXISTS', KEYS[1]) == 0 then
  return false
end
redis.call('ZREMRANGEBYSCORE', KEYS[4], '-inf', ARGV[2])
local standing = tonumber(redis.call('GET', KEYS[2]) or '0')
if tonumber(ARGV[1]) > standing then
  redis.call('SET', KEYS[2], ARGV[1])
  redis.call('ZADD', KEYS[3], ARGV[2], ARGV[1])
  standing = tonumber(ARGV[1])
end
return standing
