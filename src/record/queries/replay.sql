-- What was asked under leases and what was decided: each kind of request once. What leasegate policy replay is made from.
-- param since = 7d: how far back
-- param template =: only of this task template
-- param most = 20000: rows at most
WITH issued AS
    (SELECT lease, namespaces, parameters, notEmpty(ancestors) AS narrowed FROM lease_events FINAL WHERE event = 'issued')
SELECT r.agent AS agent, r.template AS template, r.ticket AS ticket, i.namespaces AS namespaces, i.parameters AS parameters, i.narrowed AS narrowed,
       r.method AS method, r.path AS path, r.is_resource AS is_resource, r.verb AS verb, r.api_group AS api_group, r.resource AS resource,
       r.subresource AS subresource, r.namespace AS namespace, r.name AS name, r.field_selector AS field_selector, r.label_selector AS label_selector,
       r.command AS command, r.stdin AS stdin, r.ports AS ports, r.force AS force, r.source AS source,
       r.decision AS decision, r.reason AS reason, r.rule AS rule, r.risk AS risk, r.approval != '' AS asked,
       count() AS requests, groupArraySorted(3)(r.audit_id) AS examples
FROM requests AS r
INNER JOIN issued AS i ON i.lease = r.lease
WHERE r.decision IN ('allow', 'deny', 'pending') AND r.decided_at >= {since:DateTime64(3, 'UTC')}
  AND ({template:String} = '' OR r.template = {template:String})
GROUP BY agent, template, ticket, namespaces, parameters, narrowed, method, path, is_resource, verb, api_group, resource, subresource, namespace,
         name, field_selector, label_selector, command, stdin, ports, force, source, decision, reason, rule, risk, asked
ORDER BY requests DESC, examples
LIMIT {most:UInt32}
