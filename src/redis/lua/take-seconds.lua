#!lua
-- Takes further seconds of a session that runs, before the last ones are used: a slice, or what every one of its leases has left.
-- Refused as a whole at the memory limit, before anything is written (no allow-oom flag): the session then ends.
--
-- KEYS[1] once:<audit id>/<n>: the same seconds are taken once, however often they are asked for
-- ARGV[1] prefix of the partition's keys
-- ARGV[2] ids of the lease and of those it was narrowed from, the lease first, separated by spaces
-- ARGV[3] what each has of execSeconds, by the signed contracts and the policy of today, '-' for no limit
-- ARGV[4] how long it is remembered, ms
--
-- Returns how many; 0 where none are left, or one of the leases is not live, and then nothing is remembered.

local prefix = ARGV[1]
local before = redis.call('GET', KEYS[1])
if before then
  return tonumber(before)
end

local chain, limits = words(ARGV[2]), words(ARGV[3])
if ended(prefix, chain, redis_now()) then
  return 0
end
local seconds = SLICE
for at, id in ipairs(chain) do
  if limits[at] ~= '-' then
    local taken = tonumber(redis.call('HGET', prefix .. 'taken:' .. id, 'execSeconds') or 0) or math.huge
    -- One that is missing counts as none at all.
    seconds = math.min(seconds, (tonumber(limits[at]) or 0) - taken)
  end
end
if not (seconds >= 1) then
  return 0
end

for _, id in ipairs(chain) do
  count_taken(prefix, id, 'execSeconds', seconds)
end
redis.call('SET', KEYS[1], seconds, 'PX', ARGV[4])
return seconds
