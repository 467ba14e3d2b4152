// What verify and doctor find in a cluster, in one: each mend puts things back.
import './verify/leftovers.ts'
import './verify/access-matrix.ts'
import './doctor/cluster.ts'
// Last: it applies another policy.
import './doctor/policy-check.ts'
