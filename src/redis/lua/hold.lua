#!lua flags=allow-oom
-- Holds an agent. Allowed at the memory limit and past the journal's: taking access away must never fail for want of room.
--
-- KEYS[1] hold:<agent>
-- KEYS[2] journal
-- ARGV[1] prefix of the partition's keys
-- ARGV[2] now of the caller, ms
-- ARGV[3] agent
-- ARGV[4] who holds it
-- ARGV[5] why
-- ARGV[6] end, ms, '' for none
-- ARGV[7] event for the journal, JSON
-- ARGV[8] ms the key stays after the end, for clocks that differ
-- ARGV[9] ms that they may differ
--
-- Returns the hold that stands then: {agent, by, reason, at, until}. One that lasts longer stays as it is.

local prefix, agent, ends_at = ARGV[1], ARGV[3], tonumber(ARGV[6])
-- It lasts as long as was said, also where whoever says it is far behind.
local behind = redis_now() - tonumber(ARGV[2])
if ends_at and behind > tonumber(ARGV[9]) then
  ends_at = ends_at + behind
end
local stands = hold_of(prefix, agent, earlier_of(ARGV[2]))
if stands then
  local until_then = tonumber(stands[5])
  if ends_at and (not until_then or until_then > ends_at) then
    return stands
  end
end

redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'by', ARGV[4], 'reason', ARGV[5], 'at', ARGV[2], 'until', ends_at or '')
if ends_at then
  redis.call('PEXPIREAT', KEYS[1], ends_at + tonumber(ARGV[8]))
end
redis.call('ZREMRANGEBYSCORE', prefix .. 'holds', '-inf', earlier_of(ARGV[2]) - tonumber(ARGV[8]))
redis.call('ZADD', prefix .. 'holds', ends_at or '+inf', agent)
journal_add(KEYS[2], { 'e', ARGV[7] })
return { agent, ARGV[4], ARGV[5], ARGV[2], ends_at and string.format('%d', ends_at) or '' }
