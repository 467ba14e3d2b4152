-- Put in front of the scripts that write to a stream of the journal or take from it.
--
--   <stream>:bytes  string  bytes of the entries in the stream: a few long ones fill the memory as surely as many short ones

-- What Redis needs for an entry beside its text, about.
local ENTRY_BYTES = 64

local function bytes_of(fields)
  local bytes = ENTRY_BYTES
  for _, text in ipairs(fields) do
    bytes = bytes + #text
  end
  return bytes
end

-- Whether the stream has so many entries, or so many bytes.
local function journal_holds(stream, entries, bytes)
  return redis.call('XLEN', stream) >= tonumber(entries)
    or (tonumber(redis.call('GET', stream .. ':bytes') or 0) or 0) >= tonumber(bytes)
end

local function journal_add(stream, fields)
  redis.call('XADD', stream, '*', unpack(fields))
  redis.call('INCRBY', stream .. ':bytes', bytes_of(fields))
end

-- After entries of so many bytes were deleted. An empty stream has none, whatever was counted.
local function journal_shrank(stream, bytes)
  if redis.call('XLEN', stream) == 0 then
    redis.call('DEL', stream .. ':bytes')
  elseif bytes > 0 then
    redis.call('DECRBY', stream .. ':bytes', bytes)
  end
end
