#!lua flags=allow-oom
-- Whether the store still has what it acknowledged to this process. Where it has not (a replica took over that lagged, an older snapshot was
-- restored), an end, a use of a yes or what was taken from a budget may be among what is missing, so every lease of the partition has
-- ended: a new epoch begins. Also where nobody looked for long, for then it may be a copy of long ago, and where this clock went back: what had
-- ended by the time would be live again.
--
-- KEYS[1] seen:<process>
-- KEYS[2] journal
-- ARGV[1] prefix of the partition's keys
-- ARGV[2] number that this process left here last and was told of, '' for none
-- ARGV[3] number to leave now, a higher one
-- ARGV[4] key without the prefix that was written since, '' for none
-- ARGV[5] ms without any look after which it may be a copy
-- ARGV[6] event for the journal when an epoch begins, JSON
-- ARGV[7] ms the number is kept
-- ARGV[8] when this process looked last, by this clock, and ARGV[9] the epoch it saw then; '' for never
-- ARGV[10] ms that the key of ARGV[4] is there for certain
-- ARGV[11] ms that this clock may go back
--
-- Returns {"why": '' when all is there, else 'lost', 'old' or 'back', "at": now, "epoch": the one that it is now}.

local prefix = ARGV[1]
local now = redis_now()
local left = tonumber(redis.call('GET', KEYS[1]) or 0) or 0
local last = tonumber(redis.call('GET', prefix .. 'seen') or now) or 0
local epoch = tonumber(redis.call('HGET', prefix .. 'epoch', 'n') or 0) or 0
if not (epoch >= 0 and epoch < 1e14) then
  epoch = 0
end
local seen = tonumber(ARGV[9]) or epoch
-- What time takes away by itself is not lost: by this clock, for a process or a machine may have stood still on the way here.
local since = now - (tonumber(ARGV[8]) or now)
local why = ''
if ARGV[2] ~= '' and since < tonumber(ARGV[7]) / 2 and not (left >= tonumber(ARGV[2])) then
  why = 'lost'
elseif ARGV[4] ~= '' and since < tonumber(ARGV[10]) and redis.call('EXISTS', prefix .. ARGV[4]) == 0 then
  why = 'lost'
elseif epoch < seen then
  why = 'lost'
elseif now - last > tonumber(ARGV[5]) then
  why = 'old'
elseif last - now > tonumber(ARGV[11]) then
  why = 'back'
end
-- Of several that miss something, the first has begun an epoch for all of them.
if why == 'old' or why == 'back' or (why == 'lost' and epoch <= seen) then
  epoch = math.max(epoch, seen) + 1
  redis.call('HSET', prefix .. 'epoch', 'n', epoch, 'at', now)
  journal_add(KEYS[2], { 'e', ARGV[6] })
end
-- One that was on its way for long must not take a later one back.
redis.call('SET', KEYS[1], math.max(left, tonumber(ARGV[3])), 'PX', ARGV[7])
redis.call('SET', prefix .. 'seen', now)
return cjson.encode({ why = why, at = now, epoch = epoch })
