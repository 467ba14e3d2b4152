#!lua flags=no-writes
-- Holds of one partition.
--
-- KEYS[1] reads (names the partition; nothing is there)
-- ARGV[1] prefix of the partition's keys
-- ARGV[2] now of the caller, ms
-- ARGV[3...] agents that are asked about; none: all that are held
--
-- Returns {agent, by, reason, at, until} for each that is held.

local now = earlier_of(ARGV[2])
local agents = { unpack(ARGV, 3) }
if #agents == 0 then
  agents = redis.call('ZRANGE', ARGV[1] .. 'holds', 0, -1)
end
local holds = {}
for _, agent in ipairs(agents) do
  holds[#holds + 1] = hold_of(ARGV[1], agent, now)
end
return holds
