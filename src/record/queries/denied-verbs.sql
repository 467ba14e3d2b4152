-- What agents ask for most and do not get, with the rule that a template lacks for it.
-- param since = 7d: how far back, to the minute
-- param template =: only of this task template
SELECT template, agent, verb, resource, api_group, subresource, namespace, sum(m.requests) AS denied, max(minute) AS last_at,
       concat('verbs: [', verb, '], apiGroups: ["', api_group, '"], resources: [', resource,
              if(subresource = '', '', concat('/', subresource)), '], namespaces: [', namespace, ']') AS rule
FROM requests_by_minute AS m
WHERE decision = 'deny' AND reason = 'out-of-scope' AND resource != '' AND minute >= toStartOfMinute({since:DateTime64(3, 'UTC')})
  AND ({template:String} = '' OR template = {template:String})
GROUP BY template, agent, verb, resource, api_group, subresource, namespace
ORDER BY denied DESC, last_at DESC, rule
LIMIT 100
