import { readFileSync } from 'node:fs'
import { forCluster } from '../migrations/for-cluster.ts'

/** Roles, limits and policies as one script of SQL. */
export function readAccess(cluster: string | null): string {
  return forCluster(readFileSync(new URL('access.sql', import.meta.url), 'utf8'), cluster)
}
