-- One request by its audit id, with what its lease was issued with. What leasegate why is made from.
-- param audit_id: Audit-Id of its answer
-- param since = 90d: how far back
WITH found AS
    (SELECT * FROM requests WHERE audit_id = {audit_id:String} AND decided_at >= {since:DateTime64(3, 'UTC')} AND decision != 'none'
     ORDER BY decided_at LIMIT 1),
issued AS
    (SELECT lease, namespaces, parameters, scope, ancestors, by, agent, sponsor, delegated_by FROM lease_events FINAL
     WHERE event = 'issued' AND lease IN (SELECT lease FROM found)),
-- As the event says it: bot for ada, who said so (okta), through desk, bound to spiffe://x of mesh. See replay.
told AS
    (SELECT *, notEmpty(ancestors) AS narrowed, concat(if(delegated_by = '', agent, delegated_by), if(sponsor = '', '', concat(' for ', sponsor))) AS holder,
            substring(by, length(holder) + 1) AS how, startsWith(by, holder) AND position(by, '[cut, ') = 0 AS is_told,
            multiIf(NOT is_told, 'unknown', startsWith(how, ', who said so ('), 'yes', 'no') AS consented,
            multiIf(NOT is_told, 'unknown', position(how, ', bound to ') = 0, 'no', position(how, ', through ') = 0, 'yes', 'unknown') AS bound
     FROM issued)
SELECT r.audit_id AS audit_id, toUnixTimestamp64Milli(r.decided_at) AS decided_ms, r.what AS what, r.agent AS agent, r.sponsor AS sponsor, r.lease AS lease,
       r.template AS template, r.task AS task, r.task_reason AS task_reason, r.ticket AS ticket,
       r.decision AS decision, r.reason AS reason, r.detail AS detail, r.rule AS rule, r.risk AS risk, r.risks AS risks, r.approval AS approval,
       r.policy_revision AS policy_revision, r.state AS state, r.status AS status, r.end_reason AS end_reason,
       r.method AS method, r.path AS path, r.is_resource AS is_resource, r.verb AS verb, r.api_group AS api_group, r.resource AS resource,
       r.subresource AS subresource, r.namespace AS namespace, r.name AS name, r.field_selector AS field_selector, r.label_selector AS label_selector,
       r.command AS command, r.stdin AS stdin, r.ports AS ports, r.force AS force, r.source AS source, r.kubectl_command AS kubectl_command,
       r.approval != '' AS asked, r.decision != 'deny' AND startsWith(r.detail, 'watched by ') AS watched, 1 AS requests, [r.audit_id] AS examples,
       i.namespaces AS namespaces, i.parameters AS parameters, i.delegated_by AS delegated_by, i.narrowed AS narrowed, i.bound AS bound, i.consented AS consented,
       i.scope AS scope, i.ancestors AS ancestors
FROM found AS r
LEFT JOIN told AS i ON i.lease = r.lease
LIMIT 1
