#!lua
-- Keeps what the broker found out about a question, for as long as the question is kept and no longer.
--
-- KEYS[1] approval:<id>
-- ARGV[1] key of the plan, of the same partition
-- ARGV[2] the plan, signed by the broker
-- ARGV[3] '1' to put it in the place of one that is there: else the first stays, which somebody may be looking at
--
-- Returns 1, or 0 when the question is gone or has a plan.

local left = redis.call('PTTL', KEYS[1])
if left <= 0 then
  return 0
end
if ARGV[3] ~= '1' and redis.call('EXISTS', ARGV[1]) == 1 then
  return 0
end
redis.call('SET', ARGV[1], ARGV[2], 'PX', left)
return 1
