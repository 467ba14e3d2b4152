-- Verbs and resources that an agent asked for, and never before.
-- param since = 24h: new since, to the minute
-- param history = 30d: what counts as before
-- param agent =: only of this agent
SELECT agent, verb, resource, api_group, subresource, min(minute) AS first_at, sum(m.requests) AS requests,
       sumIf(m.requests, decision = 'allow') AS allowed, arrayStringConcat(arraySort(groupUniqArray(10)(namespace)), ' ') AS namespaces
FROM requests_by_minute AS m
WHERE agent != '' AND resource != '' AND minute >= toStartOfMinute({history:DateTime64(3, 'UTC')})
  AND ({agent:String} = '' OR agent = {agent:String})
GROUP BY agent, verb, resource, api_group, subresource
HAVING first_at >= toStartOfMinute({since:DateTime64(3, 'UTC')})
ORDER BY first_at DESC, agent, verb, resource
