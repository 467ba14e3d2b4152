-- Put in front of the scripts that take seconds of a session, or give some back.

-- Seconds are taken before they are used, so many at once (SLICE_SECONDS).
local SLICE = 10

-- What a lease took of a budget is known for a day longer than that lives.
local function forget_with(prefix, key, id)
  redis.call('PEXPIREAT', key, tonumber(redis.call('HGET', prefix .. 'lease:' .. id, 'expiresAt')) + 86400000)
end

-- Adds to what a lease took.
local function count_taken(prefix, id, budget, amount)
  local key = prefix .. 'taken:' .. id
  if redis.call('HINCRBY', key, budget, amount) == amount then
    forget_with(prefix, key, id)
  end
end
