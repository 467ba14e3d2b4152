-- Put in front of the scripts that ask whether an agent is held.
--
--   hold:<agent>  hash  by, reason, at, until: nothing is given to this agent before; until '' is until somebody releases it. Written
--                       by the broker alone
--   holds         zset  agents that are held, by end, to be shown

-- {agent, by, reason, at, until} of the hold that binds the agent, nil when there is none. It is over when both clocks say so; what is no
-- number is not over.
local function hold_of(prefix, agent, now)
  local key = prefix .. 'hold:' .. agent
  if redis.call('EXISTS', key) == 0 then
    return nil
  end
  local facts = redis.call('HMGET', key, 'by', 'reason', 'at', 'until')
  local ends_at = tonumber(facts[4] or '')
  if ends_at and not (now < ends_at) then
    return nil
  end
  return { agent, facts[1] or '', facts[2] or '', facts[3] or '', facts[4] or '' }
end
