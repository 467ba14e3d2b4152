#!lua flags=allow-oom
-- Records a human's yes or no: only while the question is open and the lease it was asked for is live. Where several must say yes, each
-- but the last leaves it open. A no ends it, and also takes back a yes that was not used yet. A question about several requests is answered
-- with each of them, or not at all. Also at the memory limit: a no must not wait for room, and there are few answers to each open
-- question, which are limited.
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
-- ARGV[12] the verb on the object that a yes is to until the lease ends, '' for one that is used once
-- ARGV[13...] of each request of a batch: id, the answer to it, event
--
-- Returns {'answered'}, {'unknown'}, {'closed', state}, or {'moved'} when somebody else said yes meanwhile.

local prefix, id, verdict = ARGV[1], ARGV[3], ARGV[5]
local now = later_of(ARGV[2])
local judged_at = verdict == 'rejected' and earlier_of(ARGV[2]) or now
local facts = redis.call('HMGET', KEYS[1], 'state', 'endsAt', 'lease', 'digest', 'agent', 'subject', 'askMs', 'answer')
if not facts[1] then
  return { 'unknown' }
end
local over = not (judged_at < (tonumber(facts[2] or 0) or 0))
local is_withdrawn = facts[1] == 'approved' and verdict == 'rejected' and not over
if facts[1] ~= 'pending' and not is_withdrawn then
  return { 'closed', facts[1] == 'approved' and over and 'expired' or facts[1] }
end
local chain = chain_of(prefix, facts[3])
if over or ended(prefix, chain, judged_at) then
  return { 'closed', 'expired' }
end

if verdict ~= 'rejected' and (facts[8] or '') ~= ARGV[11] then
  return { 'moved' }
end
local asked = { { key = KEYS[1], digest = facts[4], subject = facts[6], answer = ARGV[6], event = ARGV[8] } }
for at = 13, #ARGV, 3 do
  local key = prefix .. 'approval:' .. ARGV[at]
  local of = redis.call('HMGET', key, 'state', 'digest', 'subject', 'batch', 'lease')
  local is_theirs = of[4] == id and of[5] == facts[3]
  -- A no ends all that did not run yet, and passes over the rest: whatever is in the store, nothing makes it impossible.
  if is_theirs and (of[1] == 'pending' or (verdict == 'rejected' and of[1] == 'approved')) then
    asked[#asked + 1] = { key = key, digest = of[2], subject = of[3], answer = ARGV[at + 1], event = ARGV[at + 2] }
  elseif verdict ~= 'rejected' then
    return { 'moved' }
  end
end

local lists = { 'waits', 'open', 'waits:' .. facts[3], 'waits:' .. (facts[5] or ''), 'waits:batch:' .. (facts[5] or '') }
if verdict ~= 'pending' then
  for _, zset in ipairs(lists) do
    redis.call('ZREM', prefix .. zset, id)
  end
end
-- A no holds for as long as a question is open, for what was asked however it is written, for every lease of the agent that the root was given to,
-- and for all that was handed on out of them. A yes never longer than the lease.
local ends_at = now + (tonumber(facts[7] or 0) or 0)
if verdict == 'approved' then
  ends_at = math.min(tonumber(ARGV[7]), tonumber(redis.call('HGET', prefix .. 'lease:' .. facts[3], 'expiresAt')))
end
for _, one in ipairs(asked) do
  if verdict == 'pending' then
    redis.call('HSET', one.key, 'answer', one.answer)
  else
    if verdict == 'approved' and ARGV[12] ~= '' then
      redis.call('DEL', prefix .. 'asked:' .. facts[3] .. ':' .. one.digest)
      redis.call('SET', prefix .. 'asked:lasting:' .. facts[3] .. ':' .. ARGV[12], id, 'PXAT', ends_at)
      redis.call('HSET', one.key, 'lasting', ARGV[12])
    elseif verdict == 'approved' then
      redis.call('PEXPIREAT', prefix .. 'asked:' .. facts[3] .. ':' .. one.digest, ends_at)
    else
      local whose = first_agent(prefix, chain, facts[5] or '')
      redis.call('SET', prefix .. 'no:' .. whose .. ':' .. (one.subject or ''), id .. ' ' .. ends_at, 'PXAT', ends_at)
    end
    redis.call('HSET', one.key, 'state', verdict, 'decidedBy', ARGV[4], 'answer', one.answer, 'why', ARGV[10], 'endsAt', ends_at)
    redis.call('PEXPIREAT', one.key, ends_at + tonumber(ARGV[9]))
  end
  journal_add(KEYS[2], { 'e', one.event })
end
return { 'answered' }
