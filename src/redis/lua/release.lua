#!lua
-- Ends a hold before its time.
--
-- KEYS[1] hold:<agent>
-- KEYS[2] journal
-- ARGV[1] prefix of the partition's keys
-- ARGV[2] now of the caller, ms
-- ARGV[3] agent
-- ARGV[4] event for the journal, JSON
--
-- Returns the hold that stood, {agent, by, reason, at, until}, or {} when there was none.

local stood = hold_of(ARGV[1], ARGV[3], earlier_of(ARGV[2]))
redis.call('DEL', KEYS[1])
redis.call('ZREM', ARGV[1] .. 'holds', ARGV[3])
if not stood then
  return {}
end
journal_add(KEYS[2], { 'e', ARGV[4] })
return stood
