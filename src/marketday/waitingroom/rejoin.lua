-- Give a person whose admission has expired the next index, behind everyone. The entry keeps the earlier places, each with
-- the moment of its admission: `index:joined:admitted;index:joined`.
-- KEYS: facts, entries, draw, returned, admissions.  ARGV: person, now in ms, the admission that has expired.
-- Returns nothing for an unknown drop, otherwise {seed, cohort, published at, entry, 1 if it is new}. If the person's last
-- admission is another one, the person has joined again already, and nothing changes.
if redis.call('EXISTS', KEYS[1]) == 0 then
  return false
end
local new = 0
local entry = redis.call('HGET', KEYS[2], ARGV[1])
if redis.call('HGET', KEYS[5], ARGV[1]) == ARGV[3] then
  local index = redis.call('HLEN', KEYS[2]) + (redis.call('GET', KEYS[4]) or 0)
  local admitted_at = string.match(ARGV[3], '^(%d+):')
  entry = string.format('%s:%s;%d:%s', entry, admitted_at, index, ARGV[2])
  redis.call('HSET', KEYS[2], ARGV[1], entry)
  redis.call('INCR', KEYS[4])
  redis.call('HDEL', KEYS[5], ARGV[1])
  new = 1
end
local draw = redis.call('HMGET', KEYS[3], 'seed', 'cohort', 'published_at')
return {draw[1], draw[2], draw[3], entry, new}
