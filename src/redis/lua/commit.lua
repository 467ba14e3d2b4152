#!lua
-- Settles one judged request against live state and journals it: all or nothing, once per request id.
-- Refused as a whole at the memory limit, before anything is written (no allow-oom flag).
--
-- KEYS[1] journal
-- KEYS[2] once:<request id>
-- ARGV[1] prefix of the partition's keys
-- ARGV[2] now of the caller, ms
-- ARGV[3] ids of the lease and of those it was narrowed from, the lease first, separated by spaces; where one of them was made narrower, a slash
--         and how often each was, by the contracts that the request was judged by
-- ARGV[4] end of the lease by its signed contract, ms
-- ARGV[5] intent: allow, deny or approval
-- ARGV[6] budgets to take one from, of execSeconds a slice, separated by spaces; with objects among them, a slash and the object, '*' for more than can be counted
-- ARGV[7] what those budgets are by the signed contracts, '-' for no limit: lease by lease as in ARGV[3], separated by spaces. With '?' behind it,
--         somebody may be asked for more; with '!', this question is for more of it, and its yes gives that
-- ARGV[8] '1' when the request is one of those refused past the journal's high mark
-- ARGV[9] entries, ARGV[10] bytes of the journal's high mark; ARGV[11], ARGV[12] those of its hard limit
-- ARGV[13] how long the request id is remembered, ms
-- ARGV[14] fingerprint of what was asked: the same id must not bring the result of another question
-- ARGV[15] entry, JSON
-- ARGV[16] what the authorizer itself knows against the request, '' for nothing: reason, line break, result as JSON
-- With intent approval also: ARGV[17] digest, ARGV[18] id for a new approval, ARGV[19] question, JSON, ARGV[20] ms the
-- question stays open, ARGV[21] ms a yes can be used, ARGV[22] agent, ARGV[23] ms an unanswered question is kept,
-- ARGV[24] subject, ARGV[25] the signed yes that the authorizer has verified, '' when it has seen none,
-- ARGV[26] most bytes of a question, ARGV[27] most open questions of a lease, ARGV[28] of an agent, ARGV[29] asked by it in a minute,
-- ARGV[30] what the question is about, ARGV[31] the parts of the digest: policy, lease, line and body, separated by spaces,
-- ARGV[32] the series it belongs to ('pages', 'tries' or ''), ARGV[33] the page of a list, '' for the first: version, space, start;
-- ARGV[34] most requests of a series; ARGV[35] the verb on the object, of which a yes may last as long as the lease, '' where none may,
-- ARGV[36] most questions by the signed contracts, '-' for no limit: lease by lease as in ARGV[3], separated by spaces
--
-- Returns what was settled as JSON (Committed), within a list when that was before this call; or an error when the request id was used
-- for something else. {"kind":"approved"} settles nothing: a yes is there, to be verified and sent along with the same question. Nor
-- does {"kind":"journal-full"} past the hard limit, {"kind":"beyond","budgets":[...]} where more has to be asked for, or {"kind":"outdated","lease":id}: that one is narrower than what the request was judged by.

local journal, once = KEYS[1], KEYS[2]
local prefix, intent = ARGV[1], ARGV[5]
local takes, object = string.match(ARGV[6], '^([^/]*)/?(.*)$')
local take = words(takes)
local ids, narrowed = string.match(ARGV[3], '^([^/]*)/?(.*)$')
local chain = words(ids)

local known = redis.call('MGET', once, journal .. ':bytes')
local earlier = known[1]
if earlier then
  local fingerprint, result = string.match(earlier, '^([^\n]*)\n(.*)$')
  if fingerprint ~= ARGV[14] then
    return redis.error_reply('REUSED request id')
  end
  return { result }
end

local now = later_of(ARGV[2])
local length, bytes = redis.call('XLEN', journal), tonumber(known[2] or 0) or 0
if length >= tonumber(ARGV[11]) or bytes >= tonumber(ARGV[12]) then
  return '{"kind":"journal-full"}'
end

local function settle(decision, reason, approval, result)
  local settled = '{"decision":"' .. decision .. '","reason":"' .. reason .. '","approval":"' .. approval .. '"}'
  journal_add(journal, { 'e', ARGV[15], 's', settled })
  redis.call('SET', once, ARGV[14] .. '\n' .. result, 'PX', ARGV[13])
  return result
end

local state = ended(prefix, chain, now)
if not state and not (now < tonumber(ARGV[4])) then
  state = { kind = 'expired' }
end
if state then
  local reasons = { revoked = 'lease-revoked', expired = 'lease-expired', frozen = 'lease-frozen', unknown = 'unknown-lease' }
  return settle('deny', reasons[state.kind], '', cjson.encode({ kind = 'ended', state = state }))
end
local narrower = outdated(prefix, chain, words(narrowed))
if narrower then
  return '{"kind":"outdated","lease":"' .. narrower .. '"}'
end
if ARGV[16] ~= '' then
  local reason, result = string.match(ARGV[16], '^([^\n]*)\n(.*)$')
  return settle('deny', reason, '', result)
end

if intent == 'deny' then
  return settle('deny', '', '', '{"kind":"denied"}')
end

if ARGV[8] == '1' and (length >= tonumber(ARGV[9]) or bytes >= tonumber(ARGV[10])) then
  return settle('deny', 'journal-full', '', '{"kind":"journal-full"}')
end

-- The second by this clock alone: those of several authorizers are not the same.
local this_second = take[#take] == 'requestsPerSecond' and math.floor(redis_now() / 1000)

-- What was taken of a budget, as far as this request would add to it; nil where it adds nothing.
local function taken_of(id, budget)
  local key = prefix .. 'taken:' .. id
  if budget == 'objects' then
    local known = object ~= '*' and redis.call('HEXISTS', prefix .. 'taken:objects:' .. id, object) == 1
    return not known and (object == '*' and math.huge or redis.call('HLEN', prefix .. 'taken:objects:' .. id)) or nil
  elseif budget == 'requestsPerSecond' then
    local paced = redis.call('HMGET', key, 'second', 'inSecond')
    return tonumber(paced[1] or 0) == this_second and (tonumber(paced[2]) or math.huge) or 0
  end
  return tonumber(redis.call('HGET', key, budget) or 0) or math.huge
end

-- Of the budgets that are nearly spent, the one of which least is left.
local nearly
-- What a session takes for its beginning: a slice, or what every one of its leases has left.
local seconds
-- Those of which somebody has to be asked for more.
local beyond = {}

-- A child's requests count against the budgets of every lease above it too.
local limits = #take > 0 and words(ARGV[7])
if limits then
  local at = 0
  for _, id in ipairs(chain) do
    for _, budget in ipairs(take) do
      at = at + 1
      local taken = limits[at] ~= '-' and taken_of(id, budget)
      if taken then
        local most, more = tonumber(limits[at]), nil
        if not most then
          most, more = string.match(limits[at] or '', '^(%d+)([?!])$')
          -- One that is missing counts as none at all.
          most = tonumber(most) or 0
        end
        local spent = not (taken < most)
        if spent and budget == 'requestsPerSecond' then
          return settle('deny', 'too-fast', '', '{"kind":"too-fast"}')
        elseif spent and more == '?' then
          beyond[budget] = true
        elseif spent and not (more == '!' and intent == 'approval') then
          return settle('deny', 'budget-spent', '', '{"kind":"budget-spent","budget":"' .. budget .. '"}')
        end
        local amount = 1
        if budget == 'execSeconds' then
          amount = math.min(SLICE, most - taken)
          seconds = math.min(seconds or SLICE, amount)
        end
        local left = most - taken - amount
        if not spent and left <= most / 5 and budget ~= 'requestsPerSecond' and (not nearly or left < nearly.count) then
          nearly = { budget = budget, count = left }
        end
      end
    end
  end
end

if next(beyond) then
  local names = {}
  for _, budget in ipairs(take) do
    names[#names + 1] = beyond[budget] and budget or nil
  end
  return cjson.encode({ kind = 'beyond', budgets = names })
end

local function take_from(id, budget)
  local key = prefix .. 'taken:' .. id
  if budget == 'objects' then
    local touched = prefix .. 'taken:objects:' .. id
    if redis.call('HSET', touched, object, 1) == 0 then
      return
    end
    forget_with(prefix, touched, id)
  elseif budget == 'requestsPerSecond' then
    local paced = redis.call('HMGET', key, 'second', 'inSecond')
    local before = tonumber(paced[1] or 0) == this_second and tonumber(paced[2]) or 0
    redis.call('HSET', key, 'second', this_second, 'inSecond', before + 1)
    return
  end
  count_taken(prefix, id, budget, budget == 'execSeconds' and seconds or 1)
end

local function allow(approval, answer)
  local at = 0
  for _, id in ipairs(chain) do
    for _, budget in ipairs(take) do
      at = at + 1
      -- What is kept to count them is not kept where nobody counts.
      if budget ~= 'objects' or limits[at] ~= '-' then
        take_from(id, budget)
      end
    end
  end
  if approval == '' and not nearly and not seconds then
    return settle('allow', '', '', '{"kind":"allowed","approval":null}')
  end
  local allowed = { kind = 'allowed', approval = approval == '' and cjson.null or approval, answer = answer, nearly = nearly,
    seconds = seconds }
  return settle('allow', '', approval, cjson.encode(allowed))
end

if intent == 'allow' then
  return allow('')
end

local asked = prefix .. 'asked:' .. chain[1] .. ':' .. ARGV[17]
local agent = ARGV[22]

local function too_many(limit)
  return settle('deny', 'too-many-questions', '', '{"kind":"too-many-questions","limit":"' .. limit .. '"}')
end

-- How many said yes is for the agent to read: what they signed is verified once there are enough.
local function pending(id, again, said)
  local more = again and ',"again":' .. again or ''
  if said and said > 0 then
    more = more .. ',"said":' .. said
  end
  return settle('pending', 'approval-pending', id, '{"kind":"pending","approval":"' .. id .. '"' .. more .. '}')
end

local function rejected(id)
  local why = redis.call('HGET', prefix .. 'approval:' .. id, 'why') or ''
  return settle('deny', 'approval-rejected', id, cjson.encode({ kind = 'rejected', approval = id, why = why }))
end

local function ask()
  if #ARGV[19] > tonumber(ARGV[26]) then
    return settle('deny', 'question-too-large', '', '{"kind":"question-too-large"}')
  end
  local said = said_before(prefix, agent, ARGV[30], now)
  local no = no_more_after(said)
  if no then
    return rejected(no)
  end
  if questions_spent(prefix, chain, words(ARGV[36])) then
    return settle('deny', 'budget-spent', '', '{"kind":"budget-spent","budget":"questions"}')
  end
  local limit = no_room(prefix, chain[1], agent, now, { lease = ARGV[27], agent = ARGV[28], minute = ARGV[29] })
  if limit then
    return too_many(limit)
  end
  sweep_questions(prefix, now)

  local id = ARGV[18]
  local asking = { id = id, lease = chain[1], agent = agent, digest = ARGV[17], subject = ARGV[24], question = ARGV[19],
    ask_ms = ARGV[20], use_ms = ARGV[21], keep_ms = ARGV[23], ends_at = now + tonumber(ARGV[20]) }
  local key = keep_question(prefix, asking, now)
  local why = again_after(prefix, said.before, ARGV[31], now)
  local again = why and cjson.encode(why)
  redis.call('HSET', key, 'parts', ARGV[31], 'again', again or '')
  note_asked(said, id, asking.ends_at + tonumber(ARGV[23]))
  list_question(prefix, asking)
  count_question(prefix, chain)
  return pending(id, again)
end

local refusal = refused_before(prefix, chain, agent, ARGV[24], now)
if refusal then
  return rejected(refusal)
end

-- Another page of a list that a yes was used for: of the same version, from the beginning to the end, and not without end.
local of_pages = prefix .. 'asked:pages:' .. chain[1] .. ':' .. ARGV[17]
local version, start = string.match(ARGV[33], '^(%d+) (%x+)$')
local list = version and redis.call('GET', of_pages)
if list then
  local key = prefix .. 'approval:' .. list
  local held = redis.call('HMGET', key, 'state', 'endsAt', 'answer', 'times', 'version', 'start')
  local goes_on = not held[5] or (held[5] == version and held[6] <= start)
  local more = (tonumber(held[4] or 0) or math.huge) < tonumber(ARGV[34])
  if held[1] == 'used' and now < (tonumber(held[2] or 0) or 0) and goes_on and more then
    local answer = held[3] or ''
    if ARGV[25] == '' or ARGV[25] ~= answer then
      return cjson.encode({ kind = 'approved', approval = list, answer = answer })
    end
    redis.call('HSET', key, 'version', version, 'start', start)
    redis.call('HINCRBY', key, 'times', 1)
    return allow(list, answer)
  end
end

-- A yes to this verb on this object for as long as the lease lives: it is not used up.
local lasting = ARGV[35] ~= '' and redis.call('GET', prefix .. 'asked:lasting:' .. chain[1] .. ':' .. ARGV[35])
if lasting then
  local key = prefix .. 'approval:' .. lasting
  local held = redis.call('HMGET', key, 'state', 'endsAt', 'answer')
  if held[1] == 'approved' and now < (tonumber(held[2] or 0) or 0) then
    local answer = held[3] or ''
    if ARGV[25] == '' or ARGV[25] ~= answer then
      return cjson.encode({ kind = 'approved', approval = lasting, answer = answer })
    end
    redis.call('HINCRBY', key, 'times', 1)
    return allow(lasting, answer)
  end
end

local id = redis.call('GET', asked)
if not id then
  return ask()
end
local facts = redis.call('HMGET', prefix .. 'approval:' .. id, 'state', 'endsAt', 'answer', 'again', 'batch')
if not (now < (tonumber(facts[2] or 0) or 0)) then
  return ask()
end
if facts[1] == 'pending' then
  -- One of several is answered with the others.
  return pending(string.match(facts[5] or '', '^apr_%w+$') or id, facts[4] ~= '' and facts[4] or nil, #words(facts[3] or ''))
end
if facts[1] == 'rejected' then
  return rejected(id)
end
if facts[1] ~= 'approved' then
  return ask()
end
local answer = facts[3] or ''
if ARGV[25] == '' or ARGV[25] ~= answer then
  return cjson.encode({ kind = 'approved', approval = id, answer = answer })
end
-- Whose 429 gives it back: a try of an eviction. Any other request may have been done by whoever says 429 in its answer.
local used_by = ARGV[32] == 'tries' and string.match(once, ':once:(.*)$') or ''
redis.call('HSET', prefix .. 'approval:' .. id, 'state', 'used', 'usedBy', used_by)
redis.call('HINCRBY', prefix .. 'approval:' .. id, 'times', 1)
redis.call('DEL', asked)
if ARGV[32] == 'pages' then
  redis.call('SET', of_pages, id, 'PXAT', facts[2])
  if version then
    redis.call('HSET', prefix .. 'approval:' .. id, 'version', version, 'start', start)
  end
end
return allow(id, answer)
