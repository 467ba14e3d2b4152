// A release by Helm until nothing is left of it, then what others apply of the chart.
import './life.ts'
import './gitops.ts'
import { withCluster } from './the-cluster.ts'

withCluster()
