-- Publish the draw: the seed, and everyone who has joined by now. The first call is final.
-- KEYS: facts, entries, draw.  ARGV: seed in hex, now in ms, a cohort on record or ''.
-- Returns nothing for an unknown drop, otherwise {seed, cohort, published at}.
if redis.call('EXISTS', KEYS[1]) == 0 then
  return false
end
if redis.call('EXISTS', KEYS[3]) == 0 then
  local cohort = ARGV[3]
  if cohort == '' then
    cohort = redis.call('HLEN', KEYS[2])
  end
  redis.call('HSET', KEYS[3], 'seed', ARGV[1], 'cohort', cohort, 'published_at', ARGV[2])
end
return redis.call('HMGET', KEYS[3], 'seed', 'cohort', 'published_at')
