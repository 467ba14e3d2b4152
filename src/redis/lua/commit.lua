#!lua
-- Settles one judged request against live state and journals it: all or nothing, once per request id.
-- Refused as a whole at the memory limit, before anything is written (no allow-oom flag).
--
-- KEYS[1] journal
-- KEYS[2] once:<request id>
-- ARGV[1] prefix of the partition's keys
-- ARGV[2] now of the caller, ms
-- ARGV[3] ids of the lease and of those it was narrowed from, the lease first, separated by spaces
-- ARGV[4] end of the lease by its signed contract, ms
-- ARGV[5] intent: allow, deny or approval
-- ARGV[6] budgets to take one from, separated by spaces
-- ARGV[7] '1' when the request is one of those refused past the journal's high mark
-- ARGV[8] high mark, ARGV[9] hard limit of the journal, entries
-- ARGV[10] how long the request id is remembered, ms
-- ARGV[11] fingerprint of what was asked: the same id must not bring the result of another question
-- ARGV[12] entry, JSON
-- With intent approval also: ARGV[13] digest, ARGV[14] id for a new approval, ARGV[15] question, JSON, ARGV[16] ms the
-- question stays open, ARGV[17] ms a yes can be used, ARGV[18] agent, ARGV[19] ms an ended approval is kept
--
-- Returns what was settled as JSON (Committed), or an error when the request id was used for something else.

local journal, once = KEYS[1], KEYS[2]
local prefix, intent, take = ARGV[1], ARGV[5], words(ARGV[6])
local chain = words(ARGV[3])

local earlier = redis.call('GET', once)
if earlier then
  local fingerprint, result = string.match(earlier, '^([^\n]*)\n(.*)$')
  if fingerprint ~= ARGV[11] then
    return redis.error_reply('REUSED request id')
  end
  return result
end

local now = later_of(ARGV[2])
local length = redis.call('XLEN', journal)
if length >= tonumber(ARGV[9]) then
  return '{"kind":"journal-full"}'
end

local function settle(decision, reason, approval, result)
  local settled = '{"decision":"' .. decision .. '","reason":"' .. reason .. '","approval":"' .. approval .. '"}'
  redis.call('XADD', journal, '*', 'e', ARGV[12], 's', settled)
  redis.call('SET', once, ARGV[11] .. '\n' .. result, 'PX', ARGV[10])
  return result
end

local state = ended(prefix, chain, now)
if not state and not (now < tonumber(ARGV[4])) then
  state = { kind = 'expired' }
end
if state then
  local reasons = { revoked = 'lease-revoked', expired = 'lease-expired', unknown = 'unknown-lease' }
  return settle('deny', reasons[state.kind], '', cjson.encode({ kind = 'ended', state = state }))
end

if intent == 'deny' then
  return settle('deny', '', '', '{"kind":"denied"}')
end

if ARGV[7] == '1' and length >= tonumber(ARGV[8]) then
  return settle('deny', 'journal-full', '', '{"kind":"journal-full"}')
end

-- A child's requests count against the budgets of every lease above it too.
for _, id in ipairs(chain) do
  for _, budget in ipairs(take) do
    local both = redis.call('HMGET', prefix .. 'lease:' .. id, 'limit:' .. budget, 'taken:' .. budget)
    if both[1] and tonumber(both[2] or 0) >= tonumber(both[1]) then
      return settle('deny', 'budget-spent', '', '{"kind":"budget-spent","budget":"' .. budget .. '"}')
    end
  end
end

local function allow(approval)
  for _, id in ipairs(chain) do
    for _, budget in ipairs(take) do
      redis.call('HINCRBY', prefix .. 'lease:' .. id, 'taken:' .. budget, 1)
    end
  end
  if approval == '' then
    return settle('allow', '', '', '{"kind":"allowed","approval":null}')
  end
  return settle('allow', '', approval, '{"kind":"allowed","approval":"' .. approval .. '"}')
end

if intent == 'allow' then
  return allow('')
end

local asked = prefix .. 'asked:' .. chain[1] .. ':' .. ARGV[13]

local function pending(id)
  return settle('pending', 'approval-pending', id, '{"kind":"pending","approval":"' .. id .. '"}')
end

local function ask()
  local id = ARGV[14]
  local key = prefix .. 'approval:' .. id
  local ends_at = now + tonumber(ARGV[16])
  redis.call('HSET', key, 'lease', chain[1], 'agent', ARGV[18], 'digest', ARGV[13], 'question', ARGV[15],
    'state', 'pending', 'askedAt', now, 'endsAt', ends_at, 'useMs', ARGV[17], 'decidedBy', '')
  redis.call('PEXPIREAT', key, ends_at + tonumber(ARGV[19]))
  redis.call('SET', asked, id, 'PXAT', ends_at)
  redis.call('ZREMRANGEBYSCORE', prefix .. 'pending', '-inf', now)
  redis.call('ZADD', prefix .. 'pending', ends_at, id)
  return pending(id)
end

local id = redis.call('GET', asked)
if not id then
  return ask()
end
local answer = redis.call('HMGET', prefix .. 'approval:' .. id, 'state', 'endsAt')
if not (now < (tonumber(answer[2] or 0) or 0)) then
  return ask()
end
if answer[1] == 'pending' then
  return pending(id)
end
if answer[1] == 'rejected' then
  return settle('deny', 'approval-rejected', id, '{"kind":"rejected","approval":"' .. id .. '"}')
end
if answer[1] ~= 'approved' then
  return ask()
end
redis.call('HSET', prefix .. 'approval:' .. id, 'state', 'used')
redis.call('DEL', asked)
return allow(id)
