-- Everything that happened under one lease, oldest first.
-- param lease: the lease's id
-- param since = 30d: how far back
-- param most = 1000000: rows at most
-- param skip = 0: rows that are left out before them
SELECT time, agent, sponsor, task, lease, what, command, decision, reason, approval, status, duration_ms, state, end_reason,
       kubectl_command, kubectl_session, audit_id
FROM
(
    SELECT decided_at AS time, agent, sponsor, task, lease, what, arrayStringConcat(command, ' ') AS command, decision,
           if(reason = '' OR detail = '', concat(reason, detail), concat(reason, ': ', detail)) AS reason, approval, toNullable(status) AS status, duration_ms,
           state, end_reason, kubectl_command, kubectl_session, audit_id
    FROM requests
    WHERE lease = {lease:String} AND decided_at >= {since:DateTime64(3, 'UTC')}
    UNION ALL
    SELECT at, agent, sponsor, task, lease, concat('lease ', event, ' by ', by), '', '', reason, '', NULL, NULL, '', '', '', '', ''
    FROM lease_events FINAL
    WHERE lease = {lease:String}
    UNION ALL
    SELECT at, agent, '', '', lease, concat(event, ' by ', by, ': ', summary), '', '', reason, approval, NULL, NULL, '', '', '', '', ''
    FROM approval_events FINAL
    WHERE lease = {lease:String}
    UNION ALL
    SELECT at, '', '', '', name, concat('sessions ', if(event = 'watch', 'watched', 'watched no longer'), ' by ', by), '', '', reason, '', NULL, NULL,
           '', '', '', '', ''
    FROM stop_events FINAL
    WHERE subject = 'lease' AND name = {lease:String} AND event IN ('watch', 'unwatch')
)
ORDER BY time, audit_id, what
LIMIT {most:UInt32} OFFSET {skip:UInt32}
