// What must hold whatever comes, in one edition. The record is asked last, about all that went before.
import './requests.ts'
import './approvals.ts'
import './ends.ts'
import './failures.ts'
import './record.ts'
