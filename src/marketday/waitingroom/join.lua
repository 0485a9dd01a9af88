-- Give each person one entry, however often asked.
-- KEYS: facts, entries, draw, returned.  ARGV: for each person, the person and now in ms.
-- Returns nothing for an unknown drop, otherwise {seed, cohort, published at, entry, 1 if it is new, entry, ...}.
if redis.call('EXISTS', KEYS[1]) == 0 then
  return false
end
-- Places are never taken back, so their number is the next index.
local index = redis.call('HLEN', KEYS[2]) + (redis.call('GET', KEYS[4]) or 0)
local answer = redis.call('HMGET', KEYS[3], 'seed', 'cohort', 'published_at')
for each = 1, #ARGV, 2 do
  local entry = string.format('%d:%s', index, ARGV[each + 1])
  local new = redis.call('HSETNX', KEYS[2], ARGV[each], entry)
  if new == 1 then
    index = index + 1
  else
    entry = redis.call('HGET', KEYS[2], ARGV[each])
  end
  answer[#answer + 1] = entry
  answer[#answer + 1] = new
end
return answer
