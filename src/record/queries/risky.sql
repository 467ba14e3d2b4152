-- Requests by risk, newest first, whatever else they are: the column risk has only the one that a request was decided by.
-- param since = 24h: how far back
-- param risk =: only those that are this, as leasegate policy risks names it
-- param agent =: only of this agent
SELECT decided_at AS time, agent, sponsor, lease, task, what, arrayStringConcat(command, ' ') AS command, decision, reason, risk, risks, audit_id
FROM requests
WHERE notEmpty(risks) AND decided_at >= {since:DateTime64(3, 'UTC')}
  AND ({risk:String} = '' OR has(risks, {risk:String}))
  AND ({agent:String} = '' OR agent = {agent:String})
ORDER BY time DESC, audit_id
LIMIT 10000
