#!lua
-- Takes a question back, by the agent that asked it, or a yes to it that was not used yet. It leaves the approvers' list and keeps its place among those
-- that an agent may have open: whoever asks and takes back has no more questions by that. Unlike a no it holds for nothing else. A question about
-- several requests is taken back with each of them that did not run yet.
--
-- KEYS[1] approval:<id>
-- KEYS[2] journal
-- ARGV[1] prefix of the partition's keys
-- ARGV[2] now of the caller, ms
-- ARGV[3] id
-- ARGV[4] the agent
-- ARGV[5] event for the journal, JSON
-- ARGV[6] why, in its words
-- ARGV[7...] of each request of a batch: id, event
--
-- Returns {'answered'}, {'unknown'} where it is not there or not the agent's, or {'closed', state}.

local prefix, id, agent = ARGV[1], ARGV[3], ARGV[4]
local now = later_of(ARGV[2])
local facts = redis.call('HMGET', KEYS[1], 'state', 'endsAt', 'lease', 'agent', 'digest')
if not facts[1] or facts[4] ~= agent then
  return { 'unknown' }
end
if facts[1] ~= 'pending' and facts[1] ~= 'approved' then
  return { 'closed', facts[1] }
end
if not (now < (tonumber(facts[2] or 0) or 0)) or ended(prefix, chain_of(prefix, facts[3]), now) then
  return { 'closed', 'expired' }
end

local function take_back(key, digest, event)
  redis.call('HSET', key, 'state', 'withdrawn', 'decidedBy', agent, 'why', ARGV[6], 'answer', '')
  redis.call('DEL', prefix .. 'asked:' .. facts[3] .. ':' .. (digest or ''))
  journal_add(KEYS[2], { 'e', event })
end

for at = 7, #ARGV, 2 do
  local key = prefix .. 'approval:' .. ARGV[at]
  local of = redis.call('HMGET', key, 'state', 'digest', 'batch', 'lease')
  if of[3] == id and of[4] == facts[3] and (of[1] == 'pending' or of[1] == 'approved') then
    take_back(key, of[2], ARGV[at + 1])
  end
end
take_back(KEYS[1], facts[5], ARGV[5])
for _, zset in ipairs({ 'waits', 'open' }) do
  redis.call('ZREM', prefix .. zset, id)
end
return { 'answered' }
