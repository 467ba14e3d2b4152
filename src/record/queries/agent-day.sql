-- What one agent did from one time to another, in order: requests, leases, questions and answers, holds, refusals of the broker.
-- param agent: the agent
-- param since = 24h: from
-- param until = 0s: to
-- param most = 10000: rows at most
-- param skip = 0: rows that are left out before them
SELECT time, lease, what, command, decision, reason, approval, status, duration_ms, state, end_reason, audit_id
FROM
(
    SELECT decided_at AS time, lease, what, arrayStringConcat(command, ' ') AS command, decision,
           if(reason = '' OR detail = '', concat(reason, detail), concat(reason, ': ', detail)) AS reason, approval, toNullable(status) AS status, duration_ms,
           state, end_reason, audit_id
    FROM requests
    WHERE agent = {agent:String} AND decided_at >= {since:DateTime64(3, 'UTC')} AND decided_at < {until:DateTime64(3, 'UTC')}
    UNION ALL
    SELECT at, lease, concat('lease ', event, ' by ', by), '', '', reason, '', NULL, NULL, '', '', ''
    FROM lease_events FINAL
    WHERE agent = {agent:String} AND at >= {since:DateTime64(3, 'UTC')} AND at < {until:DateTime64(3, 'UTC')}
    UNION ALL
    SELECT at, lease, concat(event, ' by ', by, ': ', summary), '', '', reason, approval, NULL, NULL, '', '', ''
    FROM approval_events FINAL
    WHERE agent = {agent:String} AND at >= {since:DateTime64(3, 'UTC')} AND at < {until:DateTime64(3, 'UTC')}
    UNION ALL
    SELECT at, '', concat(event, ' by ', by), '', '', reason, '', NULL, NULL, '', '', ''
    FROM hold_events FINAL
    WHERE agent = {agent:String} AND at >= {since:DateTime64(3, 'UTC')} AND at < {until:DateTime64(3, 'UTC')}
    UNION ALL
    SELECT at, '', concat('the broker refused: ', what), '', 'deny', reason, '', toNullable(status), NULL, '', '', ''
    FROM broker_refusals FINAL
    WHERE agent = {agent:String} AND at >= {since:DateTime64(3, 'UTC')} AND at < {until:DateTime64(3, 'UTC')}
)
ORDER BY time, audit_id, what
LIMIT {most:UInt32} OFFSET {skip:UInt32}
