-- Work at night and on weekends, by lease.
-- param since = 7d: how far back
-- param zone = UTC: time zone of the office, such as Europe/Berlin
-- param begin = 7: hour at which the day begins
-- param end = 19: hour at which it ends
SELECT toDate(toTimeZone(decided_at, {zone:String})) AS day, agent, sponsor, lease, task, ticket, count() AS requests,
       countIf(decision = 'allow' AND verb IN ('create', 'update', 'patch', 'delete', 'deletecollection')) AS writes,
       countIf(subresource IN ('exec', 'attach', 'portforward')) AS sessions, countIf(decision = 'deny') AS denied,
       toTimeZone(min(decided_at), {zone:String}) AS first_at, toTimeZone(max(decided_at), {zone:String}) AS last_at
FROM requests
WHERE lease != '' AND decided_at >= {since:DateTime64(3, 'UTC')}
  AND (toDayOfWeek(toTimeZone(decided_at, {zone:String})) >= 6
       OR toHour(toTimeZone(decided_at, {zone:String})) < {begin:UInt8} OR toHour(toTimeZone(decided_at, {zone:String})) >= {end:UInt8})
GROUP BY day, agent, sponsor, lease, task, ticket
ORDER BY day DESC, requests DESC, lease
LIMIT 10000
