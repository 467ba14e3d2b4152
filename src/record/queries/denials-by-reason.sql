-- Denials by reason: how many, to how many agents, and what was asked most.
-- param since = 7d: how far back, to the minute
-- param agent =: only of this agent
SELECT reason, sum(asked) AS denied, uniqExact(agent) AS agents, arrayStringConcat(arraySort(groupUniqArray(10)(agent)), ' ') AS who,
       argMax(kind, asked) AS asked_most, min(first) AS first_at, max(last) AS last_at
FROM
(
    SELECT reason, agent, concat(verb, ' ', resource, if(subresource = '', '', concat('/', subresource))) AS kind,
           sum(m.requests) AS asked, min(minute) AS first, max(minute) AS last
    FROM requests_by_minute AS m
    WHERE decision = 'deny' AND minute >= toStartOfMinute({since:DateTime64(3, 'UTC')})
      AND ({agent:String} = '' OR agent = {agent:String})
    GROUP BY reason, agent, kind
)
GROUP BY reason
ORDER BY denied DESC, reason
