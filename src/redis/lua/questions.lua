-- Put in front of the scripts that ask a question.

-- What nobody answered leaves the lists, some for each that comes.
local function sweep_questions(prefix, now)
  for _, over in ipairs(redis.call('ZRANGE', prefix .. 'waits', '-inf', now, 'BYSCORE', 'LIMIT', 0, 8)) do
    redis.call('ZREM', prefix .. 'waits', over)
    redis.call('ZREM', prefix .. 'open', over)
  end
end

-- Which limit is in the way of one more question: 'lease', 'agent' or 'minute'; nil when there is room, and then it was counted.
local function no_room(prefix, lease, agent, now, most)
  local of_lease, of_agent = prefix .. 'waits:' .. lease, prefix .. 'waits:' .. agent
  redis.call('ZREMRANGEBYSCORE', of_lease, '-inf', now)
  if redis.call('ZCARD', of_lease) >= tonumber(most.lease) then
    return 'lease'
  end
  redis.call('ZREMRANGEBYSCORE', of_agent, '-inf', now)
  if redis.call('ZCARD', of_agent) >= tonumber(most.agent) then
    return 'agent'
  end
  return not counted(prefix .. 'asks:' .. agent, now, tonumber(most.minute)) and 'minute' or nil
end

-- Whether one of these leases has asked as many questions as it may; `limits` is theirs, '-' for none. A question counts for each of them.
local function questions_spent(prefix, chain, limits)
  for at, id in ipairs(chain) do
    -- A limit that is missing is one of nothing.
    if limits[at] ~= '-' and not ((tonumber(redis.call('GET', prefix .. 'asks:' .. id) or 0) or math.huge) < (tonumber(limits[at]) or 0)) then
      return true
    end
  end
  return false
end

local function count_question(prefix, chain)
  for _, id in ipairs(chain) do
    local key = prefix .. 'asks:' .. id
    if redis.call('INCR', key) == 1 then
      redis.call('PEXPIREAT', key, tonumber(redis.call('HGET', prefix .. 'lease:' .. id, 'expiresAt')) + 86400000)
    end
  end
end

-- Writes a question down, in no list. q: id, lease, agent, digest, subject, question, ask_ms, use_ms, keep_ms, ends_at.
local function keep_question(prefix, q, now)
  local key = prefix .. 'approval:' .. q.id
  redis.call('HSET', key, 'lease', q.lease, 'agent', q.agent, 'digest', q.digest, 'subject', q.subject, 'question', q.question,
    'state', 'pending', 'askedAt', now, 'endsAt', q.ends_at, 'askMs', q.ask_ms, 'useMs', q.use_ms, 'decidedBy', '')
  redis.call('PEXPIREAT', key, q.ends_at + tonumber(q.keep_ms))
  redis.call('SET', prefix .. 'asked:' .. q.lease .. ':' .. q.digest, q.id, 'PXAT', q.ends_at)
  return key
end

-- Into the lists of what waits for an approver.
local function list_question(prefix, q)
  redis.call('ZADD', prefix .. 'open', 0, q.id)
  local of_lease, of_agent = prefix .. 'waits:' .. q.lease, prefix .. 'waits:' .. q.agent
  for _, zset in ipairs({ prefix .. 'waits', of_lease, of_agent }) do
    redis.call('ZADD', zset, q.ends_at, q.id)
  end
  for _, zset in ipairs({ of_lease, of_agent }) do
    redis.call('PEXPIREAT', zset, q.ends_at)
  end
end
