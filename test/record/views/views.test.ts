// What readers of the record see of what was written, in one engine.
import './requests.ts'
import './request-ends.ts'
import './leases.ts'
import './approvals.ts'
