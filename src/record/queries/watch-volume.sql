-- Watches: how many, how long, how much came through them.
-- param since = 24h: begun since
-- param agent =: only of this agent
SELECT agent, resource, api_group, namespace, count() AS watches, countIf(state = 'open') AS open_now,
       round(sum(dateDiff('second', started_at, seen_at)) / 3600, 2) AS hours, sum(ifNull(bytes_out, 0)) AS bytes_out,
       uniqExact(lease) AS leases, countIf(end_reason IN ('lease cut', 'lease expired')) AS cut
FROM requests
WHERE verb = 'watch' AND decision = 'allow' AND decided_at >= {since:DateTime64(3, 'UTC')}
  AND ({agent:String} = '' OR agent = {agent:String})
GROUP BY agent, resource, api_group, namespace
ORDER BY bytes_out DESC, agent, resource, namespace
LIMIT 1000
