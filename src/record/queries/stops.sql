-- What was ended, stopped, frozen and let go on at once, and single sessions: when, by whom, why.
-- param since = 90d: done since
-- param subject =: only this kind: task, template, agent, sponsor, issuer, lease, all or session
-- param name =: only this one
SELECT at AS time, event, subject, name, by, reason
FROM stop_events FINAL
WHERE event NOT IN ('watch', 'unwatch') AND at >= {since:DateTime64(3, 'UTC')} AND ({subject:String} = '' OR subject = {subject:String}) AND ({name:String} = '' OR name = {name:String})
ORDER BY time DESC
