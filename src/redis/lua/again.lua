-- Put in front of the scripts that ask a question: what people said before of the same, however it is written and with whatever it comes.

-- The approval by which somebody said no to what a request comes down to; nil where nobody did, or its time is over.
local function refused_before(prefix, chain, agent, subject, now)
  local no = redis.call('GET', prefix .. 'no:' .. first_agent(prefix, chain, agent) .. ':' .. subject)
  local approval, holds_until = string.match(no or '', '^(%S+) (%S+)$')
  return approval and now < (tonumber(holds_until) or 0) and approval or nil
end

-- So many other questions about the same verb on the same object follow a no: a body can say the same in ways without end, and what an
-- approver wanted otherwise has to be asked about.
local FOLLOW_A_NO = 2

-- What is known of questions about the same verb on the same object: `before`, the last one; `no`, the last no that still holds, with how many
-- `followed` it and until when it `holds`. No no where a yes came since.
local function said_before(prefix, agent, about, now)
  local said = { key = prefix .. 'asked:about:' .. agent .. ':' .. about, tries = prefix .. 'asked:tries:' .. agent .. ':' .. about }
  said.before = redis.call('GET', said.key)
  if not said.before then
    return said
  end
  local last = redis.call('HMGET', prefix .. 'approval:' .. said.before, 'state', 'endsAt')
  if last[1] == 'approved' or last[1] == 'used' then
    redis.call('DEL', said.tries)
    return said
  end
  local no, followed, holds = string.match(redis.call('GET', said.tries) or '', '^(%S+) (%d+) (%d+)$')
  if now < tonumber(holds or 0) then
    said.no, said.followed, said.holds = no, tonumber(followed), holds
  end
  if last[1] == 'rejected' and now < (tonumber(last[2] or 0) or 0) then
    said.no, said.followed, said.holds = said.before, said.followed or 0, last[2]
  end
  return said
end

-- The no that lets nobody be asked any more; nil where somebody may.
local function no_more_after(said)
  return said.no and said.followed >= FOLLOW_A_NO and said.no or nil
end

-- Notes that a question about it is asked. Several that are asked as one follow a no as one.
local function note_asked(said, id, until_ms)
  redis.call('SET', said.key, id, 'PXAT', until_ms)
  if said.no then
    redis.call('SET', said.tries, said.no .. ' ' .. said.followed + 1 .. ' ' .. said.holds, 'PXAT', said.holds)
  end
end

-- Why the answer to the last question about it does not hold for one of these parts, as in Again; nil where there was none. Parts: those of
-- the digest, policy, lease, line and body, separated by spaces.
local function again_after(prefix, before, parts, now)
  local last = before and redis.call('HMGET', prefix .. 'approval:' .. before, 'state', 'parts', 'endsAt')
  if not last then
    return nil
  end
  local over = not (now < (tonumber(last[3] or 0) or 0))
  if last[1] == 'rejected' and not over then
    return { before = before, why = { 'refused' } }
  end
  if not last[2] or last[1] == 'rejected' or last[1] == 'withdrawn' or (last[1] == 'pending' and over) then
    return nil
  end
  local moved, theirs = {}, words(last[2])
  for at, part in ipairs(words(parts)) do
    if part ~= theirs[at] then
      moved[#moved + 1] = ({ 'policy', 'lease', 'line', 'body' })[at]
    end
  end
  if last[1] == 'pending' and moved[1] ~= 'policy' and moved[1] ~= 'lease' then
    return nil
  end
  if last[1] == 'used' or #moved == 0 then
    -- Another request about the same is nothing that a used yes was ever for.
    return #moved == 0 and { before = before, why = { last[1] == 'used' and 'used' or 'expired' } } or nil
  end
  return { before = before, why = moved }
end
