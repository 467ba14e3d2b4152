#!lua flags=allow-oom
-- Ends, stops or freezes all leases of a subject, or takes a stop or a freeze back, in one partition. Writes one key, however many leases
-- there are: whoever asks for one of those looks there. Allowed at the memory limit and past the journal's: taking access away must
-- never fail for want of room.
--
-- KEYS[1] stop:<subject>
-- KEYS[2] journal
-- ARGV[1] prefix of the partition's keys
-- ARGV[2] subject
-- ARGV[3] act: end (what there is), stop (and what comes, until started), start, freeze, thaw
-- ARGV[4] who did it
-- ARGV[5] why
-- ARGV[6] event for the journal, JSON; '' in all partitions but one
-- ARGV[7] ms that an end is kept after the last of the leases there are
-- ARGV[8] about how many ends are kept for followers
--
-- Returns what stands for the subject then, JSON as in stop:<subject>; '' when there was nothing to take back.

local key, prefix, subject, act = KEYS[1], ARGV[1], ARGV[2], ARGV[3]
local now = redis_now()
local text = redis.call('GET', key)
local stop = text and cjson.decode(text) or {}
local this = { by = ARGV[4], reason = ARGV[5], at = now }

if (act == 'start' and not stop.stopped) or (act == 'thaw' and not stop.frozen) then
  return ''
end

-- Leases made before this moment stay ended, also those of while it was stopped.
local function end_those_before(by)
  stop.ended = { turn = redis.call('INCR', prefix .. 'turn'), by = by.by, reason = by.reason, at = now }
end

if act == 'end' then
  end_those_before(this)
elseif act == 'stop' then
  end_those_before(this)
  stop.stopped = this
elseif act == 'start' then
  end_those_before(stop.stopped)
  stop.stopped = nil
elseif act == 'freeze' then
  stop.frozen = this
elseif act == 'thaw' then
  stop.frozen = nil
else
  return redis.error_reply('UNKNOWN act')
end

redis.call('ZREMRANGEBYSCORE', prefix .. 'stops', '-inf', now)
local stands = next(stop) and cjson.encode(stop) or '{}'
if stop.stopped or stop.frozen then
  redis.call('SET', key, stands)
  redis.call('ZADD', prefix .. 'stops', '+inf', subject)
elseif stop.ended then
  local last = redis.call('ZRANGE', prefix .. 'leases', -1, -1, 'WITHSCORES')
  local until_then = math.max(now, tonumber(last[2] or 0) or 0) + tonumber(ARGV[7])
  redis.call('SET', key, stands, 'PXAT', until_then)
  redis.call('ZADD', prefix .. 'stops', until_then, subject)
else
  redis.call('DEL', key)
  redis.call('ZREM', prefix .. 'stops', subject)
end
redis.call('XADD', prefix .. 'ends', 'MAXLEN', '~', ARGV[8], '*', 'stop', subject, 'act', act, 'at', now,
  'epoch', redis.call('HGET', prefix .. 'epoch', 'n') or 0, 'turn', stop.ended and stop.ended.turn or 0)
if ARGV[6] ~= '' then
  journal_add(KEYS[2], { 'e', ARGV[6] })
end
return stands
