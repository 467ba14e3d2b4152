#!lua flags=allow-oom
-- Takes a consumer out of its group, unless something is still in its hand: whoever takes that over looks for it there.
--
-- KEYS[1] journal or refusals stream
-- ARGV[1] consumer group
-- ARGV[2] consumer
--
-- Returns 1, or 0 when it stays.

local pending = redis.pcall('XPENDING', KEYS[1], ARGV[1], '-', '+', 1, ARGV[2])
if pending.err or #pending > 0 then
  return 0
end
redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], ARGV[2])
return 1
