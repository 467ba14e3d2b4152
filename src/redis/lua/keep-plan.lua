#!lua
-- Keeps what the broker found out about a question, for as long as the question is kept and no longer.
--
-- KEYS[1] approval:<id>
-- ARGV[1] key of the plan, of the same partition
-- ARGV[2] the plan, signed by the broker
--
-- Returns 1, or 0 when the question is gone.

local left = redis.call('PTTL', KEYS[1])
if left <= 0 then
  return 0
end
redis.call('SET', ARGV[1], ARGV[2], 'PX', left)
return 1
