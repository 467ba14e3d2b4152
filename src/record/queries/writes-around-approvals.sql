-- Writes of each lease: before the first yes of an approver, with a yes of their own, and without one after it.
-- param since = 7d: how far back
-- param agent =: only of this agent
SELECT r.lease AS lease, any(r.agent) AS agent, any(r.sponsor) AS sponsor, any(r.task) AS task, count() AS writes,
       countIf(r.approval != '') AS approved,
       countIf(r.approval = '' AND (y.first_yes IS NULL OR r.decided_at < y.first_yes)) AS before_a_yes,
       countIf(r.approval = '' AND r.decided_at >= y.first_yes) AS after_a_yes,
       any(y.first_yes) AS first_yes, max(r.decided_at) AS last_at
FROM requests AS r
LEFT JOIN
(
    SELECT lease, toNullable(min(at)) AS first_yes
    FROM approval_events FINAL
    WHERE event = 'approved'
    GROUP BY lease
) AS y ON y.lease = r.lease
WHERE r.decision = 'allow' AND r.lease != '' AND NOT r.dry_run
  AND r.verb IN ('create', 'update', 'patch', 'delete', 'deletecollection')
  AND r.decided_at >= {since:DateTime64(3, 'UTC')} AND ({agent:String} = '' OR r.agent = {agent:String})
GROUP BY lease
ORDER BY after_a_yes DESC, writes DESC, lease
LIMIT 10000
