#!lua
-- Records a human's yes or no: only the first, only while the question is open and the lease it was asked for is live.
--
-- KEYS[1] approval:<id>
-- KEYS[2] journal
-- ARGV[1] prefix of the partition's keys
-- ARGV[2] now of the caller, ms
-- ARGV[3] id
-- ARGV[4] who answered
-- ARGV[5] approved or rejected
-- ARGV[6] event for the journal, JSON
-- ARGV[7] ms the approval is kept after its end, to be shown
--
-- Returns {'answered'}, {'unknown'} or {'closed', state}.

local prefix, id = ARGV[1], ARGV[3]
local now = later_of(ARGV[2])
local facts = redis.call('HMGET', KEYS[1], 'state', 'endsAt', 'lease', 'digest', 'useMs')
if not facts[1] then
  return { 'unknown' }
end
local over = not (now < (tonumber(facts[2] or 0) or 0))
if facts[1] ~= 'pending' then
  return { 'closed', facts[1] == 'approved' and over and 'expired' or facts[1] }
end
if over or ended(prefix, chain_of(prefix, facts[3]), now) then
  return { 'closed', 'expired' }
end

redis.call('ZREM', prefix .. 'pending', id)
redis.call('HSET', KEYS[1], 'state', ARGV[5], 'decidedBy', ARGV[4])
-- A no holds until the question would have ended; a yes from now on, but never longer than the lease.
if ARGV[5] == 'approved' then
  local lease_end = tonumber(redis.call('HGET', prefix .. 'lease:' .. facts[3], 'expiresAt'))
  local ends_at = math.min(now + tonumber(facts[5]), lease_end)
  redis.call('HSET', KEYS[1], 'endsAt', ends_at)
  redis.call('PEXPIREAT', KEYS[1], ends_at + tonumber(ARGV[7]))
  redis.call('PEXPIREAT', prefix .. 'asked:' .. facts[3] .. ':' .. facts[4], ends_at)
end
redis.call('XADD', KEYS[2], '*', 'e', ARGV[6])
return { 'answered' }
