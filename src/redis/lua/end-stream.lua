#!lua flags=allow-oom
-- Tells the authorizers, in one partition, to cut one stream: by its audit id nobody knows which partition it is in. Allowed at the memory
-- limit and past the journal's: taking access away must never fail for want of room.
--
-- KEYS[1] cuts
-- KEYS[2] journal
-- ARGV[1] audit id of the stream
-- ARGV[2] event for the journal, JSON; '' in all partitions but one
-- ARGV[3] ms that it is told: longer than any authorizer keeps a stream without hearing of the store
-- ARGV[4] most that are told at once
--
-- Returns 1.

-- First: a script that fails here has told nobody, and no stream is cut without a record of it.
if ARGV[2] ~= '' then
  journal_add(KEYS[2], { 'e', ARGV[2] })
end
local now = redis_now()
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[4]) then
  redis.call('ZREM', KEYS[1], redis.call('ZRANGE', KEYS[1], 0, 0)[1])
end
redis.call('ZADD', KEYS[1], now + tonumber(ARGV[3]), ARGV[1])
return 1
