#!lua
-- Asks about several requests of one lease as one question, or about what is no request: all of it or nothing. It counts as one question, with a limit of its own.
-- Each request is an approval by itself, so that the script that uses a yes knows nothing of batches; the lists have the batch alone.
-- Refused as a whole at the memory limit, before anything is written (no allow-oom flag).
--
-- KEYS[1] approval:<id of the batch>
-- KEYS[2] journal
-- ARGV[1] prefix of the partition's keys
-- ARGV[2] now of the caller, ms
-- ARGV[3] ids of the lease and of those it was narrowed from, the lease first, separated by spaces
-- ARGV[4] agent, ARGV[5] id of the batch, ARGV[6] its digest, ARGV[7] its question, JSON
-- ARGV[8] ms the question stays open, ARGV[9] ms a yes can be used, ARGV[10] ms an unanswered question is kept
-- ARGV[11] most open questions of a lease, ARGV[12] of an agent, ARGV[13] asked by it in a minute, ARGV[14] most open batches of an agent
-- ARGV[15] event for the journal, JSON
-- ARGV[16] most questions by the signed contracts, '-' for no limit: lease by lease as in ARGV[3], separated by spaces
-- ARGV[17...] of each request: id, digest, subject, what it is about, the parts of its digest, its question
--
-- Returns {'asked'}, {'open', id} where the very same is asked about already, {'moved'} where one of the requests is,
-- {'refused', id, no, id, no ...} where a no binds some of the requests, by their ids and that of the no, {'ended'} when the lease is, or
-- {'too-many', limit}.

local prefix, agent, id = ARGV[1], ARGV[4], ARGV[5]
local now, chain = later_of(ARGV[2]), words(ARGV[3])
if ended(prefix, chain, now) then
  return { 'ended' }
end

-- Waits for an answer, or has a yes that was not used.
local function is_standing(asked)
  local facts = redis.call('HMGET', prefix .. 'approval:' .. asked, 'state', 'endsAt')
  return (facts[1] == 'pending' or facts[1] == 'approved') and now < (tonumber(facts[2] or 0) or 0)
end

local same = redis.call('GET', prefix .. 'asked:' .. chain[1] .. ':' .. ARGV[6])
if same and is_standing(same) then
  return { 'open', same }
end
for at = 17, #ARGV, 6 do
  local asked = redis.call('GET', prefix .. 'asked:' .. chain[1] .. ':' .. ARGV[at + 1])
  if asked and is_standing(asked) then
    return { 'moved' }
  end
end

-- A no binds the object and the verb, with whatever else it is asked about again.
local about, refused = {}, { 'refused' }
for at = 17, #ARGV, 6 do
  about[at] = said_before(prefix, agent, ARGV[at + 3], now)
  local no = refused_before(prefix, chain, agent, ARGV[at + 2], now) or no_more_after(about[at])
  if no then
    refused[#refused + 1] = ARGV[at]
    refused[#refused + 1] = no
  end
end
if #refused > 1 then
  return refused
end

local batches = ARGV[17] and prefix .. 'waits:batch:' .. agent
if batches then
  redis.call('ZREMRANGEBYSCORE', batches, '-inf', now)
  if redis.call('ZCARD', batches) >= tonumber(ARGV[14]) then
    return { 'too-many', 'batches' }
  end
end
if questions_spent(prefix, chain, words(ARGV[16])) then
  return { 'too-many', 'budget' }
end
local limit = no_room(prefix, chain[1], agent, now, { lease = ARGV[11], agent = ARGV[12], minute = ARGV[13] })
if limit then
  return { 'too-many', limit }
end
sweep_questions(prefix, now)

-- Of the batch stands what is worst of its requests: that one follows a no.
local ends_at, members, again = now + tonumber(ARGV[8]), {}, ''
local function asking(of)
  of.lease, of.agent, of.ends_at = chain[1], agent, ends_at
  of.ask_ms, of.use_ms, of.keep_ms = ARGV[8], ARGV[9], ARGV[10]
  return of
end
for at = 17, #ARGV, 6 do
  local one = asking({ id = ARGV[at], digest = ARGV[at + 1], subject = ARGV[at + 2], question = ARGV[at + 5] })
  local key = keep_question(prefix, one, now)
  local why = again_after(prefix, about[at].before, ARGV[at + 4], now)
  local says = why and cjson.encode(why) or ''
  redis.call('HSET', key, 'parts', ARGV[at + 4], 'again', says, 'batch', id)
  note_asked(about[at], one.id, ends_at + tonumber(ARGV[10]))
  again = (again == '' or (why and why.why[1] == 'refused')) and says or again
  members[#members + 1] = one.id
end
local batch = asking({ id = id, digest = ARGV[6], subject = ARGV[6], question = ARGV[7] })
local key = keep_question(prefix, batch, now)
redis.call('HSET', key, 'again', again)
if batches then
  redis.call('HSET', key, 'members', table.concat(members, ' '))
end
list_question(prefix, batch)
if batches then
  redis.call('ZADD', batches, ends_at, id)
  redis.call('PEXPIREAT', batches, ends_at)
end
count_question(prefix, chain)
journal_add(KEYS[2], { 'e', ARGV[15] })
return { 'asked' }
