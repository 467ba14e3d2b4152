import type { Rule, Scope } from '../../../lease/lease.ts'

const HARMLESS = ['echo', 'leasegate-verify']

/** A command that changes nothing and that the scope lets run in this namespace; null when it lets none run, or none that is known here. */
export function harmlessCommand(scope: Scope, namespace: string): readonly string[] | null {
  for (const rule of scope) {
    if (!executes(rule, namespace)) continue
    if (rule.commands.length === 0) return HARMLESS
    const fitting = rule.commands.map(fit).find(command => command !== null)
    if (fitting !== undefined) return fitting
  }
  return null
}

function executes({ verbs, apiGroups, resources, resourceNames, namespaces }: Rule, namespace: string): boolean {
  return (
    resourceNames.length === 0 &&
    (verbs.includes('*') || verbs.includes('create')) &&
    (apiGroups.includes('*') || apiGroups.includes('')) &&
    ['*', '*/exec', 'pods/exec'].some(resource => resources.includes(resource)) &&
    (namespaces.includes('*') || namespaces.includes(namespace))
  )
}

/** `echo` and `true` are known to be harmless, with whatever arguments the pattern leaves open. */
function fit(pattern: readonly string[]): readonly string[] | null {
  const [program, ...rest] = pattern
  if (program === '*' || program === '**') return HARMLESS
  if (program === 'sh' && rest[0] === '-c' && (rest[1] === '*' || rest[1] === '**'))
    return ['sh', '-c', HARMLESS.join(' ')]
  if (program !== 'echo' && program !== 'true') return null
  return [program, ...rest.map(part => (part === '*' || part === '**' ? 'leasegate-verify' : part))]
}
