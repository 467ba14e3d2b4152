#!lua
-- Writes a new lease, unless its agent holds as many of that template as it may. The same lease written twice (a retry)
-- counts once; one that was revoked stays revoked.
--
-- KEYS[1] lease:<id>
-- KEYS[2] journal
-- ARGV[1] prefix of the partition's keys
-- ARGV[2] now of the caller, ms
-- ARGV[3] id
-- ARGV[4] agent
-- ARGV[5] template
-- ARGV[6] signed contract
-- ARGV[7] end, ms
-- ARGV[8] most leases of this template the agent may hold
-- ARGV[9] ids of the leases it is narrowed from, root first, separated by spaces
-- ARGV[10] event for the journal, JSON
-- ARGV[11] hard limit of the journal, entries
-- ARGV[12] ms the lease is kept after its end, to be shown
-- ARGV[13...] budget, limit, budget, limit ...
--
-- Returns {'created'}, {'too-many', id, ...}, {'journal-full'}, {'ended'} (it or a lease above it is not live any more),
-- {'taken'} (another contract has this id).

local prefix, id, agent, expires_at = ARGV[1], ARGV[3], ARGV[4], tonumber(ARGV[7])
local above = words(ARGV[9])
local now = later_of(ARGV[2])

if redis.call('EXISTS', prefix .. 'end:' .. id) == 1 or not (now < expires_at) or ended(prefix, above, now) then
  return { 'ended' }
end
local contract = redis.call('HGET', KEYS[1], 'contract')
if contract then
  return { contract == ARGV[6] and 'created' or 'taken' }
end
if redis.call('XLEN', KEYS[2]) >= tonumber(ARGV[11]) then
  return { 'journal-full' }
end

-- Children narrow what is held already, so only roots are counted.
local by_agent = prefix .. 'agent:' .. agent
if #above == 0 then
  local held = { 'too-many' }
  for _, other in ipairs(redis.call('ZRANGE', by_agent, now + 1, '+inf', 'BYSCORE')) do
    local facts = redis.call('HMGET', prefix .. 'lease:' .. other, 'template', 'ancestors')
    if facts[1] == ARGV[5] and facts[2] == '' then
      held[#held + 1] = other
    end
  end
  if #held - 1 >= tonumber(ARGV[8]) then
    return held
  end
end

redis.call('HSET', KEYS[1], 'contract', ARGV[6], 'agent', agent, 'template', ARGV[5], 'expiresAt', ARGV[7],
  'ancestors', ARGV[9])
for i = 13, #ARGV, 2 do
  redis.call('HSET', KEYS[1], 'limit:' .. ARGV[i], ARGV[i + 1])
end
redis.call('PEXPIREAT', KEYS[1], expires_at + tonumber(ARGV[12]))

for _, key in ipairs({ by_agent, prefix .. 'leases' }) do
  redis.call('ZREMRANGEBYSCORE', key, '-inf', now)
  redis.call('ZADD', key, expires_at, id)
end
for _, ancestor in ipairs(above) do
  local under = prefix .. 'under:' .. ancestor
  redis.call('SADD', under, id)
  redis.call('PEXPIREAT', under, redis.call('HGET', prefix .. 'lease:' .. ancestor, 'expiresAt'))
end
redis.call('XADD', KEYS[2], '*', 'e', ARGV[10])
return { 'created' }
