#!lua
-- Journals a refusal for which no lease can be named. Anybody can cause these, so each source has so many a minute, and
-- the rest is counted: nobody fills the journal from outside.
--
-- KEYS[1] stream
-- ARGV[1] prefix of the refusals' keys
-- ARGV[2] source
-- ARGV[3] most entries a source has in a minute
-- ARGV[4] most sources counted by name in a minute; the rest share one count, named '*'
-- ARGV[5] entries, ARGV[6] bytes of the stream from which everything is only counted
-- ARGV[7] entry, JSON
--
-- Returns 1 when the entry was written, 0 when it was counted.

local prefix, source = ARGV[1], ARGV[2]
local minute = this_minute()
close_minutes(prefix, minute)

local seen = prefix .. 'seen:' .. minute
if redis.call('HEXISTS', seen, source) == 0 and redis.call('HLEN', seen) >= tonumber(ARGV[4]) then
  source = '*'
end
local count = redis.call('HINCRBY', seen, source, 1)
redis.call('PEXPIRE', seen, 2 * MINUTE)
if count <= tonumber(ARGV[3]) and not journal_holds(KEYS[1], ARGV[5], ARGV[6]) then
  journal_add(KEYS[1], { 'e', ARGV[7] })
  return 1
end
redis.call('HINCRBY', prefix .. 'over:' .. minute, source, 1)
redis.call('ZADD', prefix .. 'minutes', minute, minute)
return 0
