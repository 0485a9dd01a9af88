-- Publish stock and rate for everyone.
-- KEYS: facts, board.  ARGV: stock, left, rate.
-- Returns nothing for an unknown drop: a removed room gets no board.
if redis.call('EXISTS', KEYS[1]) == 0 then
  return false
end
redis.call('HSET', KEYS[2], 'stock', ARGV[1], 'left', ARGV[2], 'rate', ARGV[3])
return 1
