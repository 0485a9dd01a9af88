-- Give a person whose admission has expired the next index, behind everyone. The entry keeps the earlier places, each with
-- the moment of its admission: `index:joined:admitted;index:joined`.
-- KEYS: facts, entries, draw, returned, admissions, log.  ARGV: a name for this call in the log, person, now in ms, the
-- admission that has expired.
-- Returns nothing for an unknown drop, otherwise {1 if the place has to be recorded first, seed, cohort, published at, entry,
-- 1 if it is new}. If the person's last admission is another one, the person has joined again already, and nothing changes.
if redis.call('EXISTS', KEYS[1]) == 0 then
  return false
end
local new = 0
local log = redis.call('XLEN', KEYS[6]) > 0 and 1 or 0
local entry = redis.call('HGET', KEYS[2], ARGV[2])
if redis.call('HGET', KEYS[5], ARGV[2]) == ARGV[4] then
  local index = redis.call('HLEN', KEYS[2]) + (redis.call('GET', KEYS[4]) or 0)
  local admitted_at = string.match(ARGV[4], '^(%d+):')
  entry = string.format('%s:%s;%d:%s', entry, admitted_at, index, ARGV[3])
  redis.call('HSET', KEYS[2], ARGV[2], entry)
  redis.call('INCR', KEYS[4])
  redis.call('HDEL', KEYS[5], ARGV[2])
  new = 1
  log = 1
end
if log == 1 then
  local places = {}
  for place in string.gmatch(entry, '[^;]+') do
    places[#places + 1] = ARGV[2] .. ':' .. place .. (string.match(place, ':.+:') and '' or ':')
  end
  redis.call('XADD', KEYS[6], '*', 'name', ARGV[1], 'places', table.concat(places, ','))
end
local draw = redis.call('HMGET', KEYS[3], 'seed', 'cohort', 'published_at')
return {log, draw[1], draw[2], draw[3], entry, new}
