#!lua flags=allow-oom
-- Puts a narrower contract in the place of a lease's. What it was before has ended, as a revoked lease has: a mark of its own says so, and
-- whoever judged by it is told. Allowed at the memory limit, as what takes access away, and past the journal's for those who do not hold the
-- lease: agents do it at will, and what is left stands in the journal each time.
--
-- KEYS[1] end:<id>/<n>, n: how often it had been narrowed before
-- KEYS[2] journal
-- ARGV[1] prefix of the partition's keys
-- ARGV[2] now of the caller, ms
-- ARGV[3] id
-- ARGV[4] n
-- ARGV[5] narrower signed contract
-- ARGV[6] its end, ms
-- ARGV[7] when it would have ended as it was, ms
-- ARGV[8] who narrowed it
-- ARGV[9] why
-- ARGV[10] event for the journal, JSON
-- ARGV[11] ms the mark is kept after the end that the lease had
-- ARGV[12] about how many ends are kept for followers
-- ARGV[13] most bytes of the contract
-- ARGV[14] entries, ARGV[15] bytes that the journal may have, '' for any
--
-- Returns {'narrowed'}, {'ended'} (it or one above it is not live), {'moved'} (somebody else has narrowed it), {'too-long'} (the contract),
-- {'journal-full'}.

local prefix, id, expires_at = ARGV[1], ARGV[3], tonumber(ARGV[6])
local now = later_of(ARGV[2])
local state = ended(prefix, chain_of(prefix, id), now)
if (state and state.kind ~= 'frozen') or not (now < expires_at) then
  return { 'ended' }
end
if redis.call('EXISTS', KEYS[1]) == 1 then
  return { 'moved' }
end
if #ARGV[5] > tonumber(ARGV[13]) then
  return { 'too-long' }
end
if ARGV[14] ~= '' and journal_holds(KEYS[2], ARGV[14], ARGV[15]) then
  return { 'journal-full' }
end

local key = prefix .. 'lease:' .. id
local facts = redis.call('HMGET', key, 'expiresAt', 'agent', 'template', 'ancestors', 'giver')
local agent = facts[2] or ''
expires_at = math.min(expires_at, tonumber(facts[1]) or 0)
redis.call('HSET', KEYS[1], 'by', ARGV[8], 'reason', ARGV[9], 'at', ARGV[2])
redis.call('PEXPIREAT', KEYS[1], tonumber(ARGV[7]) + tonumber(ARGV[11]))
redis.call('HSET', key, 'contract', ARGV[5], 'expiresAt', expires_at)
redis.call('ZADD', prefix .. 'leases', 'XX', expires_at, id .. ' ' .. (facts[5] and facts[5] .. ' ' or '') .. agent)
local root = string.match(facts[4] or '', '^%S+')
if root and facts[5] then
  redis.call('ZADD', prefix .. 'under:handed:' .. root, 'XX', expires_at, id)
end
redis.call('ZADD', prefix .. (root and 'under:' .. root or 'held:' .. agent .. ':' .. (facts[3] or '')), 'XX', expires_at, id)
redis.call('XADD', prefix .. 'ends', 'MAXLEN', '~', ARGV[12], '*', 'narrowed', id, 'was', ARGV[4], 'until', ARGV[7])
journal_add(KEYS[2], { 'e', ARGV[10] })
return { 'narrowed' }
