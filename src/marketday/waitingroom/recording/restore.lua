-- Put a room that was written under other names in the place of the old one, at once. The board stays: it is written again soon.
-- KEYS: the mark of this restoring, the set of drops, the log, run; then pairs: a part of the room, and the same part under
-- its other name.
-- ARGV: the word in the mark, the drop, the server's run.
-- Returns 1, or 0 if the mark has another word: somebody else restores it, or it was removed.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
redis.call('DEL', KEYS[1], KEYS[3])
for part = 5, #KEYS, 2 do
  redis.call('DEL', KEYS[part])
  if redis.call('EXISTS', KEYS[part + 1]) == 1 then
    redis.call('RENAME', KEYS[part + 1], KEYS[part])
  end
end
redis.call('SADD', KEYS[2], ARGV[2])
redis.call('SET', KEYS[4], ARGV[3])
return 1
