#!lua flags=no-writes
-- What was done to leases by subject, in one partition: as many as people did.
--
-- KEYS[1] reads (names the partition; nothing is there)
-- ARGV[1] prefix of the partition's keys
-- ARGV[2...] subjects that are asked about; none: all
--
-- Returns {subject, JSON as in stop:<subject>} for each that there is.

local subjects = { unpack(ARGV, 2) }
if #subjects == 0 then
  subjects = redis.call('ZRANGE', ARGV[1] .. 'stops', 0, -1)
end
local stops = {}
for _, subject in ipairs(subjects) do
  local text = redis.call('GET', ARGV[1] .. 'stop:' .. subject)
  if text then
    stops[#stops + 1] = { subject, text }
  end
end
return stops
