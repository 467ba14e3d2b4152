#!lua flags=allow-oom
-- Ends a lease, and with it every lease narrowed from it: whoever asks for one of those asks for this one as well. Allowed at
-- the memory limit and past the journal's: taking access away must never fail for want of room.
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
-- ARGV[9] ms that a lease is still shown under which nothing ran
-- ARGV[10] ended leases of the agent that are kept
--
-- Returns 1, or 0 when the lease is unknown or had ended before. One that has ended by the time is marked all the same, and not on record: a
-- clock that is ahead, and is put right later, must not bring back what somebody wanted ended.

local prefix, id = ARGV[1], ARGV[3]
local now = later_of(ARGV[2])
local state = ended(prefix, { id }, -math.huge)
if state and state.kind ~= 'frozen' then
  return 0
end
local is_over = not (earlier_of(ARGV[2]) < (tonumber(redis.call('HGET', prefix .. 'lease:' .. id, 'expiresAt')) or 0))

local key = prefix .. 'lease:' .. id
local facts = redis.call('HMGET', key, 'expiresAt', 'template', 'ancestors')
local expires_at = facts[1]
local agent, to = made_by(key)
redis.call('HSET', KEYS[1], 'by', ARGV[4], 'reason', ARGV[5], 'at', ARGV[2])
if is_over then
  redis.call('HSET', KEYS[1], 'over', 1)
end
redis.call('PEXPIREAT', KEYS[1], tonumber(expires_at) + tonumber(ARGV[7]))
if not is_over then
  redis.call('HSET', key, 'endedBy', ARGV[4], 'endedWhy', ARGV[5], 'endedAt', ARGV[2])
end

unlist(prefix, id, agent, to)
local root = string.match(facts[3] or '', '^%S+')
if root then
  redis.call('ZREM', prefix .. 'under:' .. root, id)
  redis.call('ZREM', prefix .. 'under:handed:' .. root, id)
else
  redis.call('ZREM', prefix .. 'held:' .. agent .. ':' .. (facts[2] or ''), id)
end
if redis.call('EXISTS', prefix .. 'taken:' .. id) == 1 then
  keep(prefix, id, agent, now, tonumber(ARGV[10]))
else
  redis.call('PEXPIRE', key, ARGV[9])
end
redis.call('XADD', prefix .. 'ends', 'MAXLEN', '~', ARGV[8], '*', 'lease', id, 'until', expires_at)
if is_over then
  return 0
end
journal_add(KEYS[2], { 'e', ARGV[6] })
return 1
