-- Exchange an entry for the time in the store, once.
-- KEYS: facts, admissions, claims, inside, deciding.  ARGV: person, position, now in ms, expiry in ms.
-- Returns nothing for an unknown drop, otherwise {admission, 1 if this call made it}.
if redis.call('EXISTS', KEYS[1]) == 0 then
  return false
end
local admission = redis.call('HGET', KEYS[2], ARGV[1])
if admission then
  return {admission, 0}
end
admission = ARGV[3] .. ':' .. ARGV[4]
redis.call('HSET', KEYS[2], ARGV[1], admission)
redis.call('ZADD', KEYS[3], ARGV[2], ARGV[1])
redis.call('ZADD', KEYS[4], ARGV[4], ARGV[1])
redis.call('ZADD', KEYS[5], ARGV[3], ARGV[1])
return {admission, 1}
