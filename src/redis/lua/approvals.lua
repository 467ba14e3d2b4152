#!lua flags=no-writes
-- Approvals of one partition, to be shown.
--
-- KEYS[1] reads (names the partition; nothing is there)
-- ARGV[1] prefix of the partition's keys
-- ARGV[2] now of the caller, ms
-- ARGV[3...] ids
--
-- Returns for each id, in the order asked: {} when it is not there, or {'live' or 'over' as its lease is, field, value, ...}.

local now = later_of(ARGV[2])
local approvals = {}
for i = 3, #ARGV do
  local approval = redis.call('HGETALL', ARGV[1] .. 'approval:' .. ARGV[i])
  if #approval > 0 then
    local lease = redis.call('HGET', ARGV[1] .. 'approval:' .. ARGV[i], 'lease') or ''
    table.insert(approval, 1, ended(ARGV[1], chain_of(ARGV[1], lease), now) and 'over' or 'live')
  end
  approvals[#approvals + 1] = approval
end
return approvals
