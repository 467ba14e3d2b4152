-- Who began and who ceased to watch the sessions of a lease: when, and whether they left or were not heard of any more.
-- param since = 90d: done since
-- param lease =: only of this lease
-- param by =: only by this person
SELECT at AS time, name AS lease, event, by, reason
FROM stop_events FINAL
WHERE subject = 'lease' AND event IN ('watch', 'unwatch') AND at >= {since:DateTime64(3, 'UTC')}
  AND ({lease:String} = '' OR name = {lease:String}) AND ({by:String} = '' OR by = {by:String})
ORDER BY time DESC, lease, by, event
LIMIT 10000
