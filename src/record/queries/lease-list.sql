-- Leases, newest first, with what was done under them.
-- param since = 7d: issued since
-- param agent =: only of this agent
SELECT l.lease AS lease, l.agent AS agent, l.delegated_by AS delegated_by, l.sponsor AS sponsor, l.template AS template, l.task AS task, l.task_reason AS task_reason,
       l.ticket AS ticket, l.state AS state, l.issued_at AS issued_at, l.expires_at AS expires_at, l.revoked_by AS revoked_by,
       r.requests AS requests, r.denied AS denied, r.last_at AS last_at
FROM leases AS l
LEFT JOIN
(
    SELECT lease, count() AS requests, countIf(decision = 'deny') AS denied, max(decided_at) AS last_at
    FROM requests
    WHERE decided_at >= {since:DateTime64(3, 'UTC')} AND lease != ''
    GROUP BY lease
) AS r ON r.lease = l.lease
WHERE l.issued_at >= {since:DateTime64(3, 'UTC')} AND ({agent:String} = '' OR l.agent = {agent:String})
ORDER BY issued_at DESC
