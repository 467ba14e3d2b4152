#!lua
-- A session has ended before the seconds that were taken for it: gives those back that it did not use. Once a session, so that an answer that
-- was lost gives nothing twice. Refused as a whole at the memory limit, before anything is written (no allow-oom flag): then they stay taken.
--
-- KEYS[1] once:<audit id>/back
-- ARGV[1] prefix of the partition's keys
-- ARGV[2] ids of the lease and of those it was narrowed from, separated by spaces
-- ARGV[3] seconds
-- ARGV[4] how long it is remembered, ms
--
-- Returns 1, or 0 where it was done before.

if not redis.call('SET', KEYS[1], ARGV[3], 'NX', 'PX', ARGV[4]) then
  return 0
end
for _, id in ipairs(words(ARGV[2])) do
  local key = ARGV[1] .. 'taken:' .. id
  local taken = tonumber(redis.call('HGET', key, 'execSeconds') or 0) or 0
  -- What is not there any more is not given back.
  local back = math.min(tonumber(ARGV[3]), taken)
  if back > 0 then
    redis.call('HINCRBY', key, 'execSeconds', -back)
  end
end
return 1
