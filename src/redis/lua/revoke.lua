#!lua flags=allow-oom
-- Ends a lease and every lease narrowed from it. Allowed at the memory limit and past the journal's: taking access away
-- must never fail for want of room.
--
-- KEYS[1] end:<id>
-- KEYS[2] journal
-- ARGV[1] prefix of the partition's keys
-- ARGV[2] now of the caller, ms
-- ARGV[3] id
-- ARGV[4] who revoked it
-- ARGV[5] why
-- ARGV[6] event for the journal, JSON
-- ARGV[7] ms the end is remembered after the lease would have ended
-- ARGV[8] about how many ends are kept for followers
--
-- Returns 1, or 0 when the lease is unknown or had ended before.

local prefix, id = ARGV[1], ARGV[3]
if ended(prefix, { id }, later_of(ARGV[2])) then
  return 0
end

local function end_now(lease)
  local key, at = prefix .. 'end:' .. lease, prefix .. 'lease:' .. lease
  local facts = redis.call('HMGET', at, 'expiresAt', 'agent')
  if not facts[1] or redis.call('EXISTS', key) == 1 then
    return
  end
  redis.call('HSET', key, 'by', ARGV[4], 'reason', ARGV[5], 'at', ARGV[2])
  redis.call('PEXPIREAT', key, tonumber(facts[1]) + tonumber(ARGV[7]))
  redis.call('ZREM', prefix .. 'agent:' .. facts[2], lease)
  redis.call('ZREM', prefix .. 'leases', lease)
  redis.call('XADD', prefix .. 'ends', 'MAXLEN', '~', ARGV[8], '*', 'lease', lease)
end

end_now(id)
for _, lease in ipairs(redis.call('SMEMBERS', prefix .. 'under:' .. id)) do
  end_now(lease)
end
redis.call('XADD', KEYS[2], '*', 'e', ARGV[6])
return 1
