#!lua flags=allow-oom
-- Moves one journal item to the dead letters of its stream, so that it is neither lost nor in the way of others. Allowed
-- at the memory limit: a journal that cannot be emptied is what fills the memory.
--
-- KEYS[1] journal or refusals stream
-- KEYS[2] its dead letters
-- ARGV[1] id
-- ARGV[2] consumer group
-- ARGV[3] what is wrong with it
--
-- Returns 1, or 0 when it was no longer there.

local items = redis.call('XRANGE', KEYS[1], ARGV[1], ARGV[1])
redis.call('XACK', KEYS[1], ARGV[2], ARGV[1])
if #items == 0 then
  return 0
end
local fields = items[1][2]
local bytes = bytes_of(fields)
-- Ours have two fields; one with thousands would not fit on Lua's stack.
while #fields > 64 do
  table.remove(fields)
end
fields[#fields + 1] = 'problem'
fields[#fields + 1] = ARGV[3]
redis.call('XADD', KEYS[2], '*', unpack(fields))
redis.call('XDEL', KEYS[1], ARGV[1])
journal_shrank(KEYS[1], bytes)
return 1
