#!lua
-- Writes a new lease, unless its agent has as many as it may. The same lease written twice (a retry) counts once; one that
-- was revoked stays revoked.
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
-- ARGV[8] ids of the leases it is narrowed from, root first, separated by spaces
-- ARGV[9] event for the journal, JSON
-- ARGV[10] entries, ARGV[11] bytes that the journal may have
-- ARGV[12] ms the lease is kept after its end, to be shown
-- Most that there may be:
-- ARGV[13] root leases of this template held by the agent
-- ARGV[14] leases of the agent, ARGV[15] those it makes in a minute, ARGV[16] leases under one root, ARGV[17] levels below a root
-- ARGV[18] bytes of a contract
-- ARGV[19] ended leases of the agent that are kept
-- ARGV[20] what it comes under beside its own id, as a JSON list: agent:NAME and so on
-- ARGV[21] who hands it to the agent, '' where the agent asks for it itself: who makes a lease is whose limits it counts against
-- ARGV[22] most leases handed on under one root
-- ARGV[23] epoch and ARGV[24] turn that its contract says; '' where it says none
--
-- Returns {'created'}, {'journal-full'}, {'ended'} (it or a lease above it is not live any more), {'taken'} (another contract
-- has this id), {'held', agent, by, reason, at, until} (the agent, or who hands it on; holds of agents of other partitions are looked for elsewhere), {'stopped', subject, kind, by, reason} (what it comes under),
-- {'moved', epoch, turn} (it is another turn by now: this one),
-- {'too-many', id, ...} (of this template), {'limit', which}.

local prefix, id, agent, expires_at = ARGV[1], ARGV[3], ARGV[4], tonumber(ARGV[7])
local above = words(ARGV[8])
local now = later_of(ARGV[2])

local giver = ARGV[21] ~= '' and ARGV[21] or nil
local maker, to = giver or agent, giver and agent or ''
local hold = hold_of(prefix, agent, earlier_of(ARGV[2])) or (giver and hold_of(prefix, giver, earlier_of(ARGV[2])))
if hold then
  table.insert(hold, 1, 'held')
  return hold
end
if redis.call('EXISTS', prefix .. 'end:' .. id) == 1 or not (now < expires_at) or ended(prefix, above, now) then
  return { 'ended' }
end
local epoch = redis.call('HGET', prefix .. 'epoch', 'n') or '0'
local turn = redis.call('GET', prefix .. 'turn') or '0'
-- What was ended while it was made does not come with it. Of a lease that says no turn: what was ended no earlier than it says that it was made, for
-- whoever remembers that end by its time would refuse it.
local function ended_meanwhile(act)
  if ARGV[24] == '' then
    return tonumber(ARGV[2]) <= act.at
  end
  return ARGV[23] == epoch and (tonumber(act.turn) or 0) > tonumber(ARGV[24])
end
local stops = are_stops(prefix)
if stops then
  local subjects = cjson.decode(ARGV[20])
  subjects[#subjects + 1] = 'all:'
  for at, text in ipairs(redis.call('MGET', unpack(stop_keys(prefix, subjects)))) do
    local stop = text and cjson.decode(text) or {}
    for _, kind in ipairs({ 'stopped', 'frozen', 'ended' }) do
      if stop[kind] and (kind ~= 'ended' or ended_meanwhile(stop[kind])) then
        return { 'stopped', subjects[at], kind, stop[kind].by, stop[kind].reason }
      end
    end
  end
end
local contract = redis.call('HGET', KEYS[1], 'contract')
if contract then
  if ended(prefix, { id }, now) then
    return { 'ended' }
  end
  return { contract == ARGV[6] and 'created' or 'taken' }
end
if ARGV[24] ~= '' and (ARGV[23] ~= epoch or ARGV[24] ~= turn) then
  return { 'moved', epoch, turn }
end
if journal_holds(KEYS[2], ARGV[10], ARGV[11]) then
  return { 'journal-full' }
end
if #ARGV[6] > tonumber(ARGV[18]) then
  return { 'limit', 'bytes' }
end

sweep(prefix, now, tonumber(ARGV[19]))

-- Children narrow what is held already, so they do not count against the template, but against their root.
local family
if #above == 0 then
  family = prefix .. 'held:' .. agent .. ':' .. ARGV[5]
  redis.call('ZREMRANGEBYSCORE', family, '-inf', now)
  if stops and redis.call('ZCARD', family) >= tonumber(ARGV[13]) then
    reap(prefix, family, agent, now, tonumber(ARGV[19]))
  end
  if redis.call('ZCARD', family) >= tonumber(ARGV[13]) then
    local held = redis.call('ZRANGE', family, 0, 9)
    table.insert(held, 1, 'too-many')
    return held
  end
else
  family = prefix .. 'under:' .. above[1]
  if #above > tonumber(ARGV[17]) then
    return { 'limit', 'levels' }
  end
  redis.call('ZREMRANGEBYSCORE', family, '-inf', now)
  if redis.call('ZCARD', family) >= tonumber(ARGV[16]) then
    return { 'limit', 'children' }
  end
end
local handed = giver and prefix .. 'under:handed:' .. above[1]
if handed then
  redis.call('ZREMRANGEBYSCORE', handed, '-inf', now)
  if redis.call('ZCARD', handed) >= tonumber(ARGV[22]) then
    return { 'limit', 'handed' }
  end
end
if stops and redis.call('ZCARD', prefix .. 'listed:' .. maker) >= tonumber(ARGV[14]) then
  reap(prefix, prefix .. 'listed:' .. maker, maker, now, tonumber(ARGV[19]))
end
if redis.call('ZCARD', prefix .. 'listed:' .. maker) >= tonumber(ARGV[14]) then
  return { 'limit', 'leases' }
end
if not counted(prefix .. 'made:' .. maker, now, tonumber(ARGV[15])) then
  return { 'limit', 'minute' }
end

redis.call('HSET', KEYS[1], 'contract', ARGV[6], 'agent', agent, 'template', ARGV[5], 'expiresAt', ARGV[7],
  'ancestors', ARGV[8], 'subjects', ARGV[20], 'turn', turn, 'epoch', epoch)
if giver then
  redis.call('HSET', KEYS[1], 'giver', giver)
end
redis.call('PEXPIREAT', KEYS[1], expires_at + tonumber(ARGV[12]))
redis.call('ZADD', prefix .. 'leases', expires_at, member_of(id, maker, to))
redis.call('ZADD', prefix .. 'listed', 0, id)
redis.call('ZADD', prefix .. 'listed:' .. maker, 0, id)
if giver then
  redis.call('ZADD', prefix .. 'listed:to:' .. agent, 0, id)
end
for _, set in ipairs({ family, handed }) do
  redis.call('ZADD', set, expires_at, id)
  redis.call('PEXPIREAT', set, expires_at, 'GT')
  if redis.call('PTTL', set) < 0 then
    redis.call('PEXPIREAT', set, expires_at)
  end
end
journal_add(KEYS[2], { 'e', ARGV[9] })
return { 'created' }
