// What an API server makes of the chart's objects, then of what they let whom do.
import './accepted.ts'
import './rights.ts'
import { withCluster } from './the-cluster.ts'

withCluster()
