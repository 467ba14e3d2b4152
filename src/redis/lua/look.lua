#!lua flags=allow-oom
-- Whether the store still has what it acknowledged to this process. Where it has not (a replica took over that lagged, an older snapshot was
-- restored), an end, a use of a yes or what was taken from a budget may be among what is missing, so every lease of the partition has
-- ended: a new epoch begins. Also where nobody looked for long, for then it may be a copy of long ago.
--
-- KEYS[1] seen:<process>
-- KEYS[2] journal
-- ARGV[1] prefix of the partition's keys
-- ARGV[2] number that this process left here last and was told of, '' for none
-- ARGV[3] number to leave now, a higher one
-- ARGV[4] key without the prefix that must be there since, '' for none
-- ARGV[5] ms without any look after which it may be a copy
-- ARGV[6] event for the journal when an epoch begins, JSON
-- ARGV[7] ms the number is kept
--
-- Returns '' when all is there, else 'lost' or 'old'.

local prefix = ARGV[1]
local now = redis_now()
local left = tonumber(redis.call('GET', KEYS[1]) or 0) or 0
local last = tonumber(redis.call('GET', prefix .. 'seen') or now) or 0
local why = ''
if ARGV[2] ~= '' and not (left >= tonumber(ARGV[2])) then
  why = 'lost'
elseif ARGV[4] ~= '' and redis.call('EXISTS', prefix .. ARGV[4]) == 0 then
  why = 'lost'
elseif now - last > tonumber(ARGV[5]) then
  why = 'old'
end
if why ~= '' then
  redis.call('HINCRBY', prefix .. 'epoch', 'n', 1)
  redis.call('HSET', prefix .. 'epoch', 'at', now)
  journal_add(KEYS[2], { 'e', ARGV[6] })
end
redis.call('SET', KEYS[1], ARGV[3], 'PX', ARGV[7])
redis.call('SET', prefix .. 'seen', now)
return why
