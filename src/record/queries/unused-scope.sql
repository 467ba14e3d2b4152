-- What task templates grant and leases do not use: by rule, with the verbs and resources that nobody needed.
-- param since = 30d: leases issued since
-- param template =: only of this task template
WITH
    granted AS
    (
        SELECT lease, template, number, JSONExtract(text, 'verbs', 'Array(String)') AS verbs,
               JSONExtract(text, 'apiGroups', 'Array(String)') AS api_groups, JSONExtract(text, 'resources', 'Array(String)') AS resources
        FROM
        (
            SELECT lease, template, JSONExtractArrayRaw(scope) AS rules
            FROM leases
            WHERE issued_at >= {since:DateTime64(3, 'UTC')} AND ({template:String} = '' OR template = {template:String})
        )
        ARRAY JOIN rules AS text, arrayEnumerate(rules) AS number
    ),
    used AS
    (
        -- "rule 2", of the verb itself, or "rule 1: patch, rule 3: create", as a request needs several. A stream over WebSocket comes as a get.
        SELECT lease, toUInt32OrZero(extract(part, '[0-9]+')) AS number, count() AS requests,
               groupUniqArrayArray(multiIf(position(part, ': ') > 0, splitByChar(' ', extract(part, ': (.+)')),
                                           subresource IN ('exec', 'attach', 'portforward'), ['create'], [toString(verb)])) AS verbs,
               groupUniqArray(if(subresource = '', resource, concat(resource, '/', subresource))) AS resources
        FROM requests
        ARRAY JOIN splitByString(', ', rule) AS part
        WHERE decision = 'allow' AND match(rule, '^rule [0-9]') AND decided_at >= {since:DateTime64(3, 'UTC')}
          AND ({template:String} = '' OR template = {template:String})
        GROUP BY lease, number
    )
SELECT g.template AS template, arrayStringConcat(g.verbs, ' ') AS verbs, arrayStringConcat(g.api_groups, ' ') AS api_groups,
       arrayStringConcat(g.resources, ' ') AS resources, count() AS leases, countIf(u.requests > 0) AS used_by, sum(u.requests) AS requests,
       arrayStringConcat(arrayFilter(verb -> verb != '*' AND NOT has(groupUniqArrayArray(u.verbs), verb), g.verbs), ' ') AS unused_verbs,
       arrayStringConcat(arrayFilter(one -> one != '*' AND NOT has(groupUniqArrayArray(u.resources), one), g.resources), ' ') AS unused_resources
FROM granted AS g
LEFT JOIN used AS u ON u.lease = g.lease AND u.number = g.number
GROUP BY g.template, g.verbs, g.api_groups, g.resources
ORDER BY template, used_by / leases, resources
