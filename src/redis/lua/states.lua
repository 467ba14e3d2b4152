#!lua flags=no-writes
-- How leases of one partition stand.
--
-- KEYS[1] reads (names the partition; nothing is there)
-- ARGV[1] prefix of the partition's keys
-- ARGV[2] now of the caller, ms
-- ARGV[3...] ids
--
-- Returns LeaseStates as JSON texts, in the order asked.

local now = later_of(ARGV[2])
local states = {}
for i = 3, #ARGV do
  local state = ended(ARGV[1], chain_of(ARGV[1], ARGV[i]), now)
  states[#states + 1] = cjson.encode(state or { kind = 'active' })
end
return states
