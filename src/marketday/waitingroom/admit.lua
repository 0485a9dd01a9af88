-- Exchange each person's entry for the time in the store, once.
-- KEYS: facts, admissions, claims, inside, deciding.  ARGV: for each person, the person, position, now in ms, expiry in ms.
-- Returns nothing for an unknown drop, otherwise {admission, 1 if this call made it, admission, ...}.
if redis.call('EXISTS', KEYS[1]) == 0 then
  return false
end
local answer = {}
for each = 1, #ARGV, 4 do
  local person, position, now, expiry = ARGV[each], ARGV[each + 1], ARGV[each + 2], ARGV[each + 3]
  local admission = now .. ':' .. expiry
  local new = redis.call('HSETNX', KEYS[2], person, admission)
  if new == 1 then
    redis.call('ZADD', KEYS[3], position, person)
    redis.call('ZADD', KEYS[4], expiry, person)
    redis.call('ZADD', KEYS[5], now, person)
  else
    admission = redis.call('HGET', KEYS[2], person)
  end
  answer[#answer + 1] = admission
  answer[#answer + 1] = new
end
return answer
