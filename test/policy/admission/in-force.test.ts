// What the admission policies let pass and what not, in one real cluster.
import './boundary.ts'
import './clients.ts'
import './deletion.ts'
import './fields.ts'
import './pod-secrets.ts'
import './pods-limits.ts'
import './pods-result.ts'
