-- Put in front of the scripts that ask whether a lease is live.
--
-- One partition's keys, all under one hash tag, so that a script sees them together on whichever node holds them:
--   lease:<id>     hash  contract, agent, template, expiresAt, ancestors, subjects, turn, epoch; giver of one that was handed to its
--                        agent; endedBy, endedWhy, endedAt once revoked.
--                        Written by the broker alone
--   taken:<id>     hash  <budget>: so many, of execSeconds those of sessions that run too; second, inSecond: requests of the last second in which there was one. Written by the
--                        authorizer alone
--   taken:objects:<id>   hash  objects that were changed under it, hashed, where a budget counts them. Written by the authorizer alone
--   end:<id>       hash  by, reason, at: the lease was revoked; over: when its time was over already. Outlives lease:<id>, so that writing the lease again
--                        (a retry, a restored key) does not bring it back
--   end:<id>/<n>   hash  by, reason, at: the lease as it was when it had been narrowed n times has ended, and a narrower one stands in its
--                        place. Outlives what it was, so that putting that back does not widen the lease
--   stop:<subject> string  JSON of what people did to all leases of a subject (agent:NAME, all:, lease:<id> …): ended, stopped, frozen,
--                        each by, reason, at; ended with the turn before which
--   stops          zset  subjects of the same, by when they are forgotten. Where it is not there nothing was done to any
--   turn           string  counts such acts. A lease has the turn in which it was made: clocks have no say in which came first
--   epoch          hash  n, at: leases of another n than this have ended, since the store had lost something (look.lua). Not there: 0
--   seen, seen:<process>  string  when anybody looked last; a number that a process left
--   leases         zset  "<id> <agent>" of each live lease, by end; "<id> <giver> <agent>" of one that was handed to its agent
--   listed         zset  ids of the same, in their own order, to be shown in pages; listed:<agent> those that one agent made,
--                        listed:to:<agent> those that were handed to it
--   held:<agent>:<template>  zset  root leases that count against maxLeases, by end
--   under:<root>   zset  leases narrowed from a root, at any depth, by end; under:handed:<root> those of them that were handed to another agent
--   kept:<agent>   zset  leases that have ended and are still shown, by end
--   made:<agent>:<minute>    string  leases made in that minute
--   ends           stream of revoked leases, for those who hold open streams
--   cuts           zset  audit ids of streams that people ended, by when nobody is told of them any more
--   cut:<audit id> string  an authorizer had that stream, and cut it. Written by the authorizer alone
--   watch:<lease> hash  by who watches its sessions: end by this clock, mark that the broker signed, event for when nothing is heard of it.
--                        Written by the broker alone
--   once:<id>      string  result of a request that was committed before; once:<id>/<n> the seconds that its session took next,
--                        once:<id>/back that it gave some back
--   asked:<lease>:<digest>   string  approval that is open for exactly this request
--   asked:about:<agent>:<hash>   string  last approval that was asked for about this object
--   asked:tries:<agent>:<hash>   string  questions about it after a no that holds, until its end
--   approval:<id>  hash  lease, agent, digest, parts, subject, question, again, state, askedAt, endsAt, askMs, useMs, decidedBy, answer, why;
--                        of one that is for several requests: members; of each of those: batch;
--                        of a used one: usedBy (of an eviction), times; version and start of the last page of a list
--   asked:lasting:<lease>:<hash>   string  approval that is for this verb on this object until the lease ends
--   asked:pages:<lease>:<digest>   string  used approval that is for the pages of a list
--   waits          zset  unanswered approvals, by end; waits:<agent or lease> those of one; waits:batch:<agent> those for several requests
--   open           zset  ids of the same, in their own order, to be shown in pages
--   asks:<agent>:<minute>    string  questions asked in that minute; asks:<lease> those asked under a lease
--   no:<agent>:<subject>     string  approval by which a person said no to this, and until when; the agent that the root was given to
--   journal        stream of decisions and events
-- Only the first keys of each script are declared; the others follow from the prefix and share its slot.
-- No script walks over more than a handful of keys, however many leases or questions there are.

local function redis_now()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- The authorizer's clock and this one both count: whichever says that a lease has ended is believed.
local function later_of(now)
  return math.max(tonumber(now), redis_now())
end

-- Taking away is never put off by a clock that is ahead: what either of them calls live is ended.
local function earlier_of(now)
  return math.min(tonumber(now), redis_now())
end

-- What this lease comes under, as it was written with it; of one from before that was written, as much as is known.
local function subjects_of(id, facts)
  local subjects = facts[4] and cjson.decode(facts[4]) or { 'agent:' .. (facts[5] or ''), 'template:' .. (facts[6] or '') }
  subjects[#subjects + 1] = 'lease:' .. id
  subjects[#subjects + 1] = 'all:'
  return subjects
end

local function stop_keys(prefix, subjects)
  local keys = {}
  for at, subject in ipairs(subjects) do
    keys[at] = prefix .. 'stop:' .. subject
  end
  return keys
end

local function state_by(kind, act)
  return { kind = kind, by = act.by, reason = act.reason, at = act.at }
end

-- What an act on one of its subjects makes of a lease that is live by itself: nil, or {kind = 'revoked' or 'frozen', ...}. Read by
-- subject, so it takes no longer for there being more leases.
local function stopped_by(prefix, id, facts)
  local frozen
  local turn = tonumber(facts[3] or 0) or 0
  for _, text in ipairs(redis.call('MGET', unpack(stop_keys(prefix, subjects_of(id, facts))))) do
    if text then
      local stop = cjson.decode(text)
      if stop.stopped then
        return state_by('revoked', stop.stopped)
      end
      if stop.ended and not (turn >= stop.ended.turn) then
        return state_by('revoked', stop.ended)
      end
      frozen = frozen or stop.frozen
    end
  end
  return frozen and state_by('frozen', frozen)
end

local function are_stops(prefix)
  return redis.call('EXISTS', prefix .. 'stops', prefix .. 'epoch') > 0
end

-- The same for a lease of an epoch in which the store had lost something.
local function outlived(prefix, facts)
  local epoch = redis.call('HMGET', prefix .. 'epoch', 'n', 'at')
  if (facts[7] or '0') == (epoch[1] or '0') then
    return nil
  end
  return { kind = 'revoked', by = 'leasegate', reason = 'the store had lost something; ask for a new lease', at = tonumber(epoch[2] or 0) or 0 }
end

local STATE_FACTS = { 'expiresAt', 'endedAt', 'turn', 'subjects', 'agent', 'template', 'epoch' }

-- Why the first of these leases that is not live is not: {kind = ...} as in LeaseState; nil when all are live. A revocation
-- stands in two places, and either is enough. One that is frozen may come back, so any other end comes before that.
local function ended(prefix, ids, now)
  local frozen
  local stops = are_stops(prefix)
  for _, id in ipairs(ids) do
    local key = prefix .. 'lease:' .. id
    local facts = stops and redis.call('HMGET', key, unpack(STATE_FACTS)) or redis.call('HMGET', key, 'expiresAt', 'endedAt')
    if facts[2] or redis.call('EXISTS', prefix .. 'end:' .. id) == 1 then
      local early = redis.call('HMGET', prefix .. 'end:' .. id, 'by', 'reason', 'at', 'over')
      if early[4] and not (now < (tonumber(facts[1]) or 0)) then
        return { kind = 'expired' }
      end
      if not early[1] then
        early = redis.call('HMGET', key, 'endedBy', 'endedWhy', 'endedAt')
      end
      return { kind = 'revoked', by = early[1] or '', reason = early[2] or '', at = tonumber(early[3] or 0) or 0 }
    end
    if not facts[1] then
      return { kind = 'unknown' }
    end
    -- Written so that anything that is not a number counts as over.
    if not (now < (tonumber(facts[1]) or 0)) then
      return { kind = 'expired' }
    end
    local stopped = stops and (outlived(prefix, facts) or stopped_by(prefix, id, facts))
    if stopped and stopped.kind == 'revoked' then
      return stopped
    end
    frozen = frozen or stopped or nil
  end
  return frozen
end

local function words(text)
  local list = {}
  for word in string.gmatch(text or '', '%S+') do
    list[#list + 1] = word
  end
  return list
end

-- The first of these leases that is narrower by now than when it had been narrowed so many times, nil for none; no times are none at all.
local function outdated(prefix, ids, times)
  local marks = {}
  for at, id in ipairs(ids) do
    marks[at] = prefix .. 'end:' .. id .. '/' .. (times[at] or '0')
  end
  if redis.call('EXISTS', unpack(marks)) == 0 then
    return nil
  end
  for at, mark in ipairs(marks) do
    if redis.call('EXISTS', mark) == 1 then
      return ids[at]
    end
  end
end

-- The lease itself and the leases it was narrowed from, as they were stored with it.
local function chain_of(prefix, id)
  local chain = words(redis.call('HGET', prefix .. 'lease:' .. id, 'ancestors'))
  table.insert(chain, 1, id)
  return chain
end

-- For whom a no holds: the agent that the first of these leases was given to, with everybody whom it handed others to.
local function first_agent(prefix, chain, agent)
  return chain[2] and redis.call('HGET', prefix .. 'lease:' .. chain[2], 'agent') or agent
end

local MINUTE = 60000

-- Counts one more in this minute of the caller's clock, unless there were as many as may be.
local function counted(key, now, most)
  local minute = key .. ':' .. math.floor(now / MINUTE)
  if (tonumber(redis.call('GET', minute) or 0) or 0) >= most then
    return false
  end
  redis.call('INCR', minute)
  redis.call('PEXPIRE', minute, 2 * MINUTE)
  return true
end
