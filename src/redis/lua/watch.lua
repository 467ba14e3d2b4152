#!lua
-- Somebody begins to watch the sessions of a lease, goes on, or leaves; whoever was not heard of in time has left as well. Refused at the
-- memory limit (no allow-oom flag): then nobody watches, and what has to be watched ends.
--
-- KEYS[1] watch:<lease>
-- KEYS[2] journal
-- ARGV[1] whose watch: id, space, name; '' to look only for those that are over
-- ARGV[2] signed mark, '' to leave
-- ARGV[3] event for the journal, JSON: that it begins, or that it is left
-- ARGV[4] event for the journal, JSON: that nothing was heard of it, to be written when that is so
-- ARGV[5] ms that a mark counts, by this clock: the signature has an end of its own
-- ARGV[6] most watches of a lease
-- ARGV[7] ms that what is over waits to be put on record
--
-- Returns 1; 0 where too many watch already, or where there was nothing to leave.

local now = redis_now()
local kept = redis.call('HGETALL', KEYS[1])
local count, known = 0, false
for at = 1, #kept, 2 do
  local ends_at, _, lapsed = string.match(kept[at + 1], '^(%d+)\n([^\n]*)\n(.*)$')
  if not (now < (tonumber(ends_at) or 0)) then
    if lapsed then
      journal_add(KEYS[2], { 'e', lapsed })
    end
    redis.call('HDEL', KEYS[1], kept[at])
  else
    count = count + 1
    known = known or kept[at] == ARGV[1]
  end
end

if ARGV[1] == '' then
  return 1
end
if ARGV[2] == '' then
  if known then
    journal_add(KEYS[2], { 'e', ARGV[3] })
    redis.call('HDEL', KEYS[1], ARGV[1])
  end
  return known and 1 or 0
end
if not known then
  if count >= tonumber(ARGV[6]) then
    return 0
  end
  journal_add(KEYS[2], { 'e', ARGV[3] })
end
redis.call('HSET', KEYS[1], ARGV[1], now + tonumber(ARGV[5]) .. '\n' .. ARGV[2] .. '\n' .. ARGV[4])
redis.call('PEXPIRE', KEYS[1], ARGV[7])
return 1
