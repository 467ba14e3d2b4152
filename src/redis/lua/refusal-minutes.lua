-- Put in front of the scripts that count refusals.
--
--   stream          refusals in full, and a summary per source and minute of those past the cap
--   seen:<minute>   hash  source → refusals so far
--   over:<minute>   hash  source → refusals that are only counted
--   minutes         zset  minutes with an over:<minute> whose summaries are still to be written

local MINUTE = 60000

local function this_minute()
  local time = redis.call('TIME')
  return math.floor(time[1] * 1000 / MINUTE) * MINUTE
end

-- Writes the summaries of every minute that is over.
local function close_minutes(prefix, minute)
  for _, past in ipairs(redis.call('ZRANGE', prefix .. 'minutes', '-inf', '(' .. minute, 'BYSCORE')) do
    local counts = redis.call('HGETALL', prefix .. 'over:' .. past)
    for i = 1, #counts, 2 do
      local summary = { kind = 'refusals', source = counts[i], minute = tonumber(past), count = tonumber(counts[i + 1]) }
      journal_add(prefix .. 'stream', { 'e', cjson.encode(summary) })
    end
    redis.call('DEL', prefix .. 'over:' .. past)
    redis.call('ZREM', prefix .. 'minutes', past)
  end
end
