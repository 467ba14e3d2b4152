-- What was asked under leases and what was decided: each kind of request once. What leasegate policy replay is made from.
-- param since = 7d: how far back
-- param template =: only of this task template
-- param most = 20000: rows at most
WITH issued AS
    (SELECT lease, namespaces, parameters, delegated_by, notEmpty(ancestors) AS narrowed,
            -- As the event says it: bot for ada, who said so (okta), through desk, bound to spiffe://x of mesh. Who asked comes first and is known;
            -- what actors are called comes from tokens.
            concat(if(delegated_by = '', agent, delegated_by), if(sponsor = '', '', concat(' for ', sponsor))) AS holder, substring(by, length(holder) + 1) AS how,
            startsWith(by, holder) AND position(by, '[cut, ') = 0 AS is_told,
            multiIf(NOT is_told, 'unknown', startsWith(how, ', who said so ('), 'yes', 'no') AS consented,
            multiIf(NOT is_told, 'unknown', position(how, ', bound to ') = 0, 'no', position(how, ', through ') = 0, 'yes', 'unknown') AS bound
     FROM lease_events FINAL WHERE event = 'issued')
SELECT r.agent AS agent, r.template AS template, r.ticket AS ticket, i.namespaces AS namespaces, i.parameters AS parameters, i.delegated_by AS delegated_by, i.narrowed AS narrowed, i.bound AS bound, i.consented AS consented,
       i.lease != '' AS is_issued,
       r.method AS method, r.path AS path, r.is_resource AS is_resource, r.verb AS verb, r.api_group AS api_group, r.resource AS resource,
       r.subresource AS subresource, r.namespace AS namespace, r.name AS name, r.field_selector AS field_selector, r.label_selector AS label_selector,
       r.command AS command, r.stdin AS stdin, r.ports AS ports, r.force AS force, r.source AS source,
       r.decision AS decision, r.reason AS reason, r.rule AS rule, r.risk AS risk, r.approval != '' AS asked,
       r.decision != 'deny' AND startsWith(r.detail, 'watched by ') AS watched,
       count() AS requests, groupArraySorted(3)(r.audit_id) AS examples
FROM requests AS r
LEFT JOIN issued AS i ON i.lease = r.lease
WHERE r.lease != '' AND r.decision IN ('allow', 'deny', 'pending') AND r.decided_at >= {since:DateTime64(3, 'UTC')}
  AND ({template:String} = '' OR r.template = {template:String})
GROUP BY agent, template, ticket, namespaces, parameters, delegated_by, narrowed, bound, consented, is_issued, method, path, is_resource, verb, api_group, resource,
         subresource, namespace, name, field_selector, label_selector, command, stdin, ports, force, source, decision, reason, rule, risk, asked, watched
ORDER BY requests DESC, examples
LIMIT {most:UInt32}
