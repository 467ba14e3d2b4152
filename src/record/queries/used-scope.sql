-- What leases did of what they granted: each kind of request once, with its rule. What leasegate lease suggest is made from.
-- param since = 30d: how far back
-- param lease =: only of this lease
-- param template =: only of this task template
-- param most = 10000: rows at most
WITH granted AS (SELECT lease, JSONExtractArrayRaw(scope) AS rules FROM leases),
     asked AS (SELECT lease, parameters FROM lease_events FINAL WHERE event = 'issued')
SELECT r.verb AS verb, r.api_group AS api_group, if(r.subresource = '', r.resource, concat(r.resource, '/', r.subresource)) AS resource,
       r.namespace AS namespace, r.name AS name, if(r.is_resource, '', r.path) AS url, r.command AS command, r.stdin AS stdin,
       arrayMap(part -> g.rules[toUInt32OrZero(extract(part, '[0-9]+'))], splitByString(', ', r.rule)) AS rules,
       arrayMap(part -> splitByChar(' ', extract(part, ': (.+)')), splitByString(', ', r.rule)) AS rule_verbs,
       a.parameters AS parameters, count() AS requests, uniqExact(r.lease) AS leases
FROM requests AS r
INNER JOIN granted AS g ON g.lease = r.lease
LEFT JOIN asked AS a ON a.lease = r.lease
WHERE r.decision = 'allow' AND match(r.rule, '^rule [0-9]') AND r.decided_at >= {since:DateTime64(3, 'UTC')}
  AND ({lease:String} = '' OR r.lease = {lease:String}) AND ({template:String} = '' OR r.template = {template:String})
GROUP BY verb, api_group, resource, namespace, name, url, command, stdin, rules, rule_verbs, parameters
ORDER BY api_group, resource, verb, namespace, name
LIMIT {most:UInt32}
