-- Remove people from those inside, and remember that they have bought.
-- KEYS: facts, inside, deciding, bought.  ARGV: people.
-- Returns nothing for an unknown drop: a removed room keeps nobody.
if redis.call('EXISTS', KEYS[1]) == 0 then
  return false
end
for _, person in ipairs(ARGV) do
  redis.call('ZREM', KEYS[2], person)
  redis.call('ZREM', KEYS[3], person)
  redis.call('SADD', KEYS[4], person)
end
return 1
