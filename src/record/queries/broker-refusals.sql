-- What the broker refused: leases that nobody may have, holds, people and agents that could not be named.
-- param since = 24h: refused since
-- param agent =: only this agent
SELECT at AS time, agent, person, what, status, reason, source
FROM broker_refusals FINAL
WHERE at >= {since:DateTime64(3, 'UTC')} AND ({agent:String} = '' OR agent = {agent:String})
ORDER BY time DESC
