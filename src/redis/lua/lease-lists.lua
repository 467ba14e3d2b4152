-- Put in front of the scripts that make and end leases: what keeps the lists of them as short as what is live.

-- So many are taken off the lists for each that is put on.
local SWEPT = 8

-- In the list of live ones; `to` is the agent that it was handed to by `agent`, '' for none.
local function member_of(id, agent, to)
  return id .. ' ' .. agent .. (to ~= '' and ' ' .. to or '')
end

local function unlist(prefix, id, agent, to)
  redis.call('ZREM', prefix .. 'leases', member_of(id, agent, to))
  redis.call('ZREM', prefix .. 'listed', id)
  redis.call('ZREM', prefix .. 'listed:' .. agent, id)
  if to ~= '' then
    redis.call('ZREM', prefix .. 'listed:to:' .. to, id)
  end
end

-- Who made it, which is whose it counts for, and to whom it was handed, '' for nobody.
local function made_by(key)
  local facts = redis.call('HMGET', key, 'agent', 'giver')
  if facts[2] then
    return facts[2], facts[1] or ''
  end
  return facts[1] or '', ''
end

-- An ended lease can be shown for a while, but no agent fills the store with them: the one that ended first goes.
local function keep(prefix, id, agent, now, most)
  local kept = prefix .. 'kept:' .. agent
  redis.call('ZADD', kept, now, id)
  redis.call('PEXPIRE', kept, 2 * 86400000)
  if redis.call('ZCARD', kept) <= most then
    return
  end
  for _, oldest in ipairs(redis.call('ZRANGE', kept, 0, 0)) do
    redis.call('ZREM', kept, oldest)
    redis.call('DEL', prefix .. 'lease:' .. oldest)
  end
end

local function sweep(prefix, now, most_kept)
  for _, member in ipairs(redis.call('ZRANGE', prefix .. 'leases', '-inf', now, 'BYSCORE', 'LIMIT', 0, SWEPT)) do
    local id, agent, to = string.match(member, '^(%S+) (%S+) ?(%S*)$')
    if id then
      unlist(prefix, id, agent, to)
      keep(prefix, id, agent, now, most_kept)
    else
      redis.call('ZREM', prefix .. 'leases', member)
    end
  end
end

-- Of leases that ended by an act on a subject nobody was told, so they stand in the lists until their own end: when a list is full,
-- some of them are taken off.
local REAPED = 32

local function reap(prefix, list, agent, now, most_kept)
  for _, id in ipairs(redis.call('ZRANGE', list, 0, REAPED - 1)) do
    local state = ended(prefix, { id }, now)
    if state and state.kind ~= 'frozen' then
      local _, to = made_by(prefix .. 'lease:' .. id)
      redis.call('ZREM', list, id)
      unlist(prefix, id, agent, to)
      keep(prefix, id, agent, now, most_kept)
    end
  end
end
