#!lua
-- The API server did nothing for an eviction that used a yes: the yes can be used again, by exactly that request, within its time.
-- Refused as a whole at the memory limit, before anything is written (no allow-oom flag): it then stays used.
--
-- KEYS[1] approval:<id>
-- ARGV[1] prefix of the partition's keys
-- ARGV[2] now of the caller, ms
-- ARGV[3] id
-- ARGV[4] the request that used it
-- ARGV[5] most times that one is used
--
-- Returns 1, or 0 where it stays used: by another request, by what is no eviction (usedBy is empty), over, used too often, or asked for anew meanwhile.

local now = later_of(ARGV[2])
local facts = redis.call('HMGET', KEYS[1], 'state', 'usedBy', 'endsAt', 'times', 'lease', 'digest')
if facts[1] ~= 'used' or ARGV[4] == '' or facts[2] ~= ARGV[4] then
  return 0
end
local is_over = not (now < (tonumber(facts[3] or 0) or 0))
if is_over or (tonumber(facts[4] or 0) or math.huge) >= tonumber(ARGV[5]) then
  return 0
end
local asked = ARGV[1] .. 'asked:' .. (facts[5] or '') .. ':' .. (facts[6] or '')
if not redis.call('SET', asked, ARGV[3], 'NX', 'PXAT', facts[3]) then
  return 0
end
redis.call('HSET', KEYS[1], 'state', 'approved', 'usedBy', '')
return 1
