-- Each agent's hours: how many requests were allowed, denied, or waited for an answer.
-- param since = 24h: from, to the hour
-- param until = 0s: to
-- param agent =: only of this agent
SELECT toStartOfHour(minute) AS hour, agent, sum(m.requests) AS requests, sumIf(m.requests, decision = 'allow') AS allowed,
       sumIf(m.requests, decision = 'deny') AS denied, sumIf(m.requests, decision = 'pending') AS pending
FROM requests_by_minute AS m
WHERE agent != '' AND minute >= toStartOfHour({since:DateTime64(3, 'UTC')}) AND minute < {until:DateTime64(3, 'UTC')}
  AND ({agent:String} = '' OR agent = {agent:String})
GROUP BY hour, agent
ORDER BY agent, hour
LIMIT 10000
