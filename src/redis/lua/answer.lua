#!lua flags=allow-oom
-- Records a human's yes or no: only while the question is open and the lease it was asked for is live. Where several must say yes, each
-- but the last leaves it open. A no ends it, and also takes back a yes that was not used yet. Also at the memory limit: a no must not wait
-- for room, and there are few answers to each open question, which are limited.
--
-- KEYS[1] approval:<id>
-- KEYS[2] journal
-- ARGV[1] prefix of the partition's keys
-- ARGV[2] now of the caller, ms
-- ARGV[3] id
-- ARGV[4] who answered, or whose the yes is
-- ARGV[5] approved, rejected, or pending for a yes that is not the last
-- ARGV[6] the answer, signed by the broker, a yes with those before it
-- ARGV[7] end of a yes, ms
-- ARGV[8] event for the journal, JSON
-- ARGV[9] ms the approval is kept after its end, to be shown
-- ARGV[10] why, in the approver's words
-- ARGV[11] what was signed before, of a yes
--
-- Returns {'answered'}, {'unknown'}, {'closed', state}, or {'moved'} when somebody else said yes meanwhile.

local prefix, id = ARGV[1], ARGV[3]
local now = later_of(ARGV[2])
local facts = redis.call('HMGET', KEYS[1], 'state', 'endsAt', 'lease', 'digest', 'agent', 'subject', 'askMs', 'answer')
if not facts[1] then
  return { 'unknown' }
end
local over = not (now < (tonumber(facts[2] or 0) or 0))
local is_withdrawn = facts[1] == 'approved' and ARGV[5] == 'rejected' and not over
if facts[1] ~= 'pending' and not is_withdrawn then
  return { 'closed', facts[1] == 'approved' and over and 'expired' or facts[1] }
end
if over or ended(prefix, chain_of(prefix, facts[3]), now) then
  return { 'closed', 'expired' }
end

if ARGV[5] ~= 'rejected' and (facts[8] or '') ~= ARGV[11] then
  return { 'moved' }
end
if ARGV[5] == 'pending' then
  redis.call('HSET', KEYS[1], 'answer', ARGV[6])
  journal_add(KEYS[2], { 'e', ARGV[8] })
  return { 'answered' }
end

for _, zset in ipairs({ 'waits', 'open', 'waits:' .. facts[3], 'waits:' .. (facts[5] or '') }) do
  redis.call('ZREM', prefix .. zset, id)
end
local ends_at
if ARGV[5] == 'approved' then
  -- Never longer than the lease.
  ends_at = math.min(tonumber(ARGV[7]), tonumber(redis.call('HGET', prefix .. 'lease:' .. facts[3], 'expiresAt')))
  redis.call('PEXPIREAT', prefix .. 'asked:' .. facts[3] .. ':' .. facts[4], ends_at)
else
  -- Holds for as long as a question is open, for what was asked however it is written, and for every lease of the agent.
  ends_at = now + (tonumber(facts[7] or 0) or 0)
  redis.call('SET', prefix .. 'no:' .. (facts[5] or '') .. ':' .. (facts[6] or ''), id .. ' ' .. ends_at, 'PXAT', ends_at)
end
redis.call('HSET', KEYS[1], 'state', ARGV[5], 'decidedBy', ARGV[4], 'answer', ARGV[6], 'why', ARGV[10], 'endsAt', ends_at)
redis.call('PEXPIREAT', KEYS[1], ends_at + tonumber(ARGV[9]))
journal_add(KEYS[2], { 'e', ARGV[8] })
return { 'answered' }
