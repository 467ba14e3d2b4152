#!lua flags=no-writes
-- Leases of one partition, to be shown.
--
-- KEYS[1] reads (names the partition; nothing is there)
-- ARGV[1] prefix of the partition's keys
-- ARGV[2] now of the caller, ms
-- ARGV[3...] ids
--
-- Returns for each id, in the order asked: {} when it is not there, or {contract, LeaseState as JSON, budget, taken, ...}.

local now = later_of(ARGV[2])
local records = {}
for i = 3, #ARGV do
  local id = ARGV[i]
  local contract = redis.call('HGET', ARGV[1] .. 'lease:' .. id, 'contract')
  local record = {}
  if contract then
    local state = ended(ARGV[1], chain_of(ARGV[1], id), now) or { kind = 'active' }
    record = redis.call('HGETALL', ARGV[1] .. 'taken:' .. id)
    record[#record + 1] = 'questions'
    record[#record + 1] = redis.call('GET', ARGV[1] .. 'asks:' .. id) or '0'
    table.insert(record, 1, cjson.encode(state))
    table.insert(record, 1, contract)
  end
  records[#records + 1] = record
end
return records
