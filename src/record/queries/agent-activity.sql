-- Each agent's days: requests, denials, writes, leases used.
-- param since = 30d: how far back
-- param agent =: only of this agent
SELECT toDate(decided_at) AS day, agent, count() AS requests, countIf(decision = 'deny') AS denied,
       countIf(decision = 'pending') AS pending,
       countIf(decision = 'allow' AND verb IN ('create', 'update', 'patch', 'delete', 'deletecollection')) AS writes,
       countIf(decision = 'allow' AND subresource IN ('exec', 'attach', 'portforward')) AS sessions,
       uniqExact(lease) AS leases, uniqExactIf(namespace, namespace != '') AS namespaces, sum(ifNull(bytes_out, 0)) AS bytes_out,
       min(decided_at) AS first_at, max(decided_at) AS last_at
FROM requests
WHERE agent != '' AND decided_at >= {since:DateTime64(3, 'UTC')} AND ({agent:String} = '' OR agent = {agent:String})
GROUP BY day, agent
ORDER BY day DESC, requests DESC
