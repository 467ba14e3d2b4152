import { AGENTS_GROUP, taskGroup } from '../rbac/identity.ts'
import { cel } from './cel.ts'
import { DANGER, GRANTED, grantedOf } from './granted.ts'
import type { Variable } from './objects.ts'
import { DANGEROUS_KEY, GUARDED_KEY } from './parameters.ts'

/** Nobody else is judged. */
export const ACTS_AS_A_LEASE: Variable = {
  name: 'acts-as-a-lease',
  expression: cel`request.userInfo.?groups.orValue([]).exists(group, group == "${AGENTS_GROUP}")`,
}

/** The value of a parameter, a list of words; a list with an empty word where there is none. */
export function wordsOf(key: string): string {
  return `variables.parameters[?${key}].orValue("").split(" ")`
}

const TASKS = `request.userInfo.groups.filter(group, group.startsWith("${taskGroup('')}"))`

/**
 * The task template of the lease, '' where it is not one alone: then nothing of the policy file is known of it. What it names opens only
 * what the lease was issued with: a template that says more later, or another one of its name, opens nothing under it.
 */
export const TEMPLATE: readonly Variable[] = [
  { name: 'tasks', expression: TASKS },
  {
    name: 'template',
    expression: cel`variables.tasks.size() == 1 ? variables.tasks[0].substring(${String(taskGroup('').length)}) : ""`,
  },
  ...GRANTED,
  { name: 'dangerous', expression: grantedOf(wordsOf(`variables.template + "${DANGEROUS_KEY}"`), DANGER) },
]

/** The boundary's own namespace, '' where it runs outside of the cluster. */
export const GUARDED: Variable = { name: 'guarded', expression: `variables.parameters["${GUARDED_KEY}"]` }

/** Whether a namespace is the boundary's. */
export function isGuarded(namespace: string): string {
  return `variables.guarded != "" && ${namespace} == variables.guarded`
}

/** What the request is about: a create may leave the name to its body, a delete of a collection to what it finds. */
export const NAME: Variable = {
  name: 'name',
  expression: cel`
    request.?name.orValue("") != "" ? request.name
      : (request.operation == "DELETE" ? oldObject : object).?metadata.?name.orValue("")`,
}
