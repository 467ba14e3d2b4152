-- Five minutes in which an agent did far more than it does in other five minutes.
-- param since = 24h: how far back
-- param history = 7d: what it is compared with
-- param deviations = 3: standard deviations above the mean of the agent's active times
-- param least = 50: requests that there must be at least
SELECT five_minutes AS time, agent, requests, round(mean, 1) AS mean, round((requests - mean) / deviation, 1) AS deviations, denied, writes
FROM
(
    SELECT toStartOfInterval(minute, INTERVAL 5 MINUTE) AS five_minutes, agent, sum(m.requests) AS requests,
           sumIf(m.requests, decision = 'deny') AS denied,
           sumIf(m.requests, decision = 'allow' AND verb IN ('create', 'update', 'patch', 'delete', 'deletecollection')) AS writes,
           avg(sum(m.requests)) OVER (PARTITION BY agent) AS mean, stddevPop(sum(m.requests)) OVER (PARTITION BY agent) AS deviation
    FROM requests_by_minute AS m
    WHERE agent != '' AND minute >= toStartOfMinute({history:DateTime64(3, 'UTC')})
    GROUP BY five_minutes, agent
)
WHERE deviation > 0 AND requests >= {least:UInt64} AND requests >= mean + {deviations:Float64} * deviation
  AND five_minutes >= toStartOfInterval(toDateTime({since:DateTime64(3, 'UTC')}, 'UTC'), INTERVAL 5 MINUTE)
ORDER BY deviations DESC, time DESC, agent
LIMIT 1000
