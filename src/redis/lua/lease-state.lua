-- Put in front of the scripts that ask whether a lease is live.
--
-- One partition's keys, all under one hash tag, so that a script sees them together on whichever node holds them:
--   lease:<id>     hash  contract, agent, template, expiresAt, ancestors, limit:<budget>, taken:<budget>
--   end:<id>       hash  by, reason, at: the lease was revoked. Outlives lease:<id>, so that writing the lease again
--                        (a retry, a restored key) does not bring it back
--   under:<id>     set   leases narrowed from it, at any depth
--   agent:<name>   zset  leases of the agent, by end
--   leases         zset  every lease, by end
--   ends           stream of revoked leases, for those who hold open streams
--   once:<id>      string  result of a request that was committed before
--   asked:<lease>:<digest>  string  approval that is open for exactly this request
--   approval:<id>  hash  lease, agent, digest, question, state, askedAt, endsAt, useMs, decidedBy
--   pending        zset  unanswered approvals, by end
--   journal        stream of decisions and events
-- Only the first keys of each script are declared; the others follow from the prefix and share its slot.

local function redis_now()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- The authorizer's clock and this one both count: whichever says that a lease has ended is believed.
local function later_of(now)
  return math.max(tonumber(now), redis_now())
end

-- Why the first of these leases that is not live is not: {kind = ...} as in LeaseState; nil when all are live.
local function ended(prefix, ids, now)
  for _, id in ipairs(ids) do
    local expires_at = redis.call('HGET', prefix .. 'lease:' .. id, 'expiresAt')
    if redis.call('EXISTS', prefix .. 'end:' .. id) == 1 then
      local early = redis.call('HMGET', prefix .. 'end:' .. id, 'by', 'reason', 'at')
      return { kind = 'revoked', by = early[1], reason = early[2], at = tonumber(early[3]) }
    end
    if not expires_at then
      return { kind = 'unknown' }
    end
    -- Written so that anything that is not a number counts as over.
    if not (now < (tonumber(expires_at) or 0)) then
      return { kind = 'expired' }
    end
  end
  return nil
end

local function words(text)
  local list = {}
  for word in string.gmatch(text or '', '%S+') do
    list[#list + 1] = word
  end
  return list
end

-- The lease itself and the leases it was narrowed from, as they were stored with it.
local function chain_of(prefix, id)
  local chain = words(redis.call('HGET', prefix .. 'lease:' .. id, 'ancestors'))
  table.insert(chain, 1, id)
  return chain
end
