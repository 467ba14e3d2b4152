#!lua
-- Gives one dead letter back to the stream it came from, to be read again.
--
-- KEYS[1] dead letters
-- KEYS[2] journal or refusals stream
-- ARGV[1] id of the dead letter
--
-- Returns 1, or 0 when it was no longer there.

local items = redis.call('XRANGE', KEYS[1], ARGV[1], ARGV[1])
if #items == 0 then
  return 0
end
local kept = {}
for i = 1, #items[1][2], 2 do
  if items[1][2][i] ~= 'problem' then
    kept[#kept + 1] = items[1][2][i]
    kept[#kept + 1] = items[1][2][i + 1]
  end
end
journal_add(KEYS[2], kept)
redis.call('XDEL', KEYS[1], ARGV[1])
return 1
