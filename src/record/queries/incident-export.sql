-- Everything on record of one lease or one ticket, oldest first; facts is JSON.
-- param lease =: the lease's id
-- param ticket =: the ticket that leases were asked for with
-- param since = 90d: how far back
WITH wanted AS
(
    SELECT lease FROM leases
    WHERE ({lease:String} != '' AND lease = {lease:String}) OR ({ticket:String} != '' AND ticket = {ticket:String})
)
SELECT time, kind, lease, agent, sponsor, what, facts
FROM
(
    SELECT decided_at AS time, 'request' AS kind, lease, agent, sponsor, what,
           formatRowNoNewline('JSONEachRow', audit_id, template, task, task_reason, ticket, policy_revision, verb, api_group, api_version,
               resource, subresource, namespace, name, field_selector, label_selector, command, container, dry_run, method, path,
               decision, reason, detail, rule, risk, risks, approval, state, status, started_at, seen_at, ended_at, duration_ms, boundary_us,
               bytes_in, bytes_out, forwarded, end_reason, flags, details, source, user_agent, kubectl_command, kubectl_session) AS facts
    FROM requests
    WHERE lease != '' AND lease IN (SELECT lease FROM wanted) AND decided_at >= {since:DateTime64(3, 'UTC')}
    UNION ALL
    SELECT at, 'lease', lease, agent, sponsor, concat('lease ', event, ' by ', by),
           formatRowNoNewline('JSONEachRow', event, by, reason, template, task, task_reason, ticket, namespaces, scope, expires_at)
    FROM lease_events FINAL
    WHERE lease IN (SELECT lease FROM wanted)
    UNION ALL
    SELECT at, 'approval', lease, agent, '', concat(event, ' by ', by, ': ', summary),
           formatRowNoNewline('JSONEachRow', approval, event, by, summary)
    FROM approval_events FINAL
    WHERE lease IN (SELECT lease FROM wanted)
)
ORDER BY time, kind, what
