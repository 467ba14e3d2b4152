// What an approver sees would come of a request, in one real cluster.
import './writes.ts'
import './deletes.ts'
import './sessions-and-secrets.ts'
import './planner-account.ts'
import './bound.ts'
import './webhook.ts'
