-- Agents that were held: when, by whom, why, until when, and who released them.
-- param since = 90d: held or released since
-- param agent =: only this agent
SELECT at AS time, agent, event, by, reason, until
FROM hold_events FINAL
WHERE at >= {since:DateTime64(3, 'UTC')} AND ({agent:String} = '' OR agent = {agent:String})
ORDER BY time DESC
