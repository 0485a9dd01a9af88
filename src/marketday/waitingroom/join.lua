-- Give each person one entry, however often asked.
-- KEYS: facts, entries, draw, returned, log.  ARGV: a name for this call in the log; for each person, the person and now in ms.
-- Returns nothing for an unknown drop, otherwise {1 if these places have to be recorded first, seed, cohort, published at,
-- entry, 1 if it is new, entry, ...}.
if redis.call('EXISTS', KEYS[1]) == 0 then
  return false
end
-- Places are never taken back, so their number is the next index.
local index = redis.call('HLEN', KEYS[2]) + (redis.call('GET', KEYS[4]) or 0)
local unrecorded = redis.call('XLEN', KEYS[5]) > 0 -- an entry that exists may be in the log
local draw = redis.call('HMGET', KEYS[3], 'seed', 'cohort', 'published_at')
local answer, places = {0, draw[1], draw[2], draw[3]}, {}
for each = 2, #ARGV, 2 do
  local entry = string.format('%d:%s', index, ARGV[each + 1])
  local new = redis.call('HSETNX', KEYS[2], ARGV[each], entry)
  if new == 1 then
    index = index + 1
  else
    entry = redis.call('HGET', KEYS[2], ARGV[each])
  end
  if new == 1 or unrecorded then
    places[#places + 1] = ARGV[each] .. ':' .. string.match(entry, '[^;]+$') .. ':'
  end
  answer[#answer + 1] = entry
  answer[#answer + 1] = new
end
if #places > 0 then
  redis.call('XADD', KEYS[5], '*', 'name', ARGV[1], 'places', table.concat(places, ','))
  answer[1] = 1
end
return answer
