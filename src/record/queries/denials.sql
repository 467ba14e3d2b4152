-- What was refused, newest first.
-- param since = 24h: how far back
-- param agent =: only of this agent
-- param reason =: only for this reason
SELECT decided_at AS time, agent, sponsor, lease, task, what, arrayStringConcat(command, ' ') AS command, reason, detail, risk, risks,
       source, kubectl_command, audit_id
FROM requests
WHERE decision = 'deny' AND decided_at >= {since:DateTime64(3, 'UTC')}
  AND ({agent:String} = '' OR agent = {agent:String})
  AND ({reason:String} = '' OR reason = {reason:String})
ORDER BY time DESC
LIMIT 10000
