-- Exchange each person's entry for the time in the store, once.
-- KEYS: facts, admissions, claims, inside, deciding, entries, log.  ARGV: a name for this call in the log; for each person,
-- the person, position, now in ms, expiry in ms.
-- Returns nothing for an unknown drop, otherwise {1 if these admissions have to be recorded first, admission ('' without an
-- entry), 1 if this call made it, admission, ...}.
if redis.call('EXISTS', KEYS[1]) == 0 then
  return false
end
local unrecorded = redis.call('XLEN', KEYS[7]) > 0 -- an admission that exists may be in the log
local answer, places = {0}, {}
for each = 2, #ARGV, 4 do
  local person, position, now, expiry = ARGV[each], ARGV[each + 1], ARGV[each + 2], ARGV[each + 3]
  local entry, admission, new = redis.call('HGET', KEYS[6], person), '', 0
  if entry then
    admission = now .. ':' .. expiry
    new = redis.call('HSETNX', KEYS[2], person, admission)
    if new == 1 then
      redis.call('ZADD', KEYS[3], position, person)
      redis.call('ZADD', KEYS[4], expiry, person)
      redis.call('ZADD', KEYS[5], now, person)
    else
      admission = redis.call('HGET', KEYS[2], person)
    end
    if new == 1 or unrecorded then
      places[#places + 1] = table.concat({person, string.match(entry, '[^;]+$'), string.match(admission, '^%d+')}, ':')
    end
  end
  answer[#answer + 1] = admission
  answer[#answer + 1] = new
end
if #places > 0 then
  redis.call('XADD', KEYS[7], '*', 'name', ARGV[1], 'places', table.concat(places, ','))
  answer[1] = 1
end
return answer
