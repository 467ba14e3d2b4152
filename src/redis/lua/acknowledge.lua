#!lua flags=allow-oom
-- Deletes journal items that are on record, and what they weighed. Allowed at the memory limit: this is what ends it.
--
-- KEYS[1] journal or refusals stream
-- ARGV[1] consumer group
-- ARGV[2...] id, bytes of its fields, id, bytes ...
--
-- Returns how many were there.

local gone, bytes = 0, 0
for i = 2, #ARGV, 2 do
  -- Deleted first: were it acknowledged first and the process then gone, it would stay for ever. Another tap may have been quicker.
  if redis.call('XDEL', KEYS[1], ARGV[i]) == 1 then
    gone = gone + 1
    bytes = bytes + ENTRY_BYTES + tonumber(ARGV[i + 1])
  end
  redis.call('XACK', KEYS[1], ARGV[1], ARGV[i])
end
journal_shrank(KEYS[1], bytes)
return gone
