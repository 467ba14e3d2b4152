import { stringify } from 'yaml'
import { CLUSTER_READS, NAMESPACE_READS } from '../../../src/policy/rbac/planner.ts'

/** What plans may look at: the same in every cluster. */
export function plannerFile(): string {
  const made = '# Made by npm run chart from src/policy/rbac.\n'
  const rules = { cluster: CLUSTER_READS, namespaces: NAMESPACE_READS }
  return made + stringify(rules, { lineWidth: 0, aliasDuplicateObjects: false })
}
