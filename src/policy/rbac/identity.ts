/** Who the API server sees: one user an agent, one group a template, and the lease in extras that its audit log shows. */
export const AGENTS_GROUP = 'leasegate:agents'

/** Keys of `Impersonate-Extra-…`; a slash travels as %2f. An extra without a value is not sent: Kubernetes refuses empty ones. */
export const EXTRA_KEYS = {
  lease: 'leasegate.dev/lease',
  task: 'leasegate.dev/task',
  sponsor: 'leasegate.dev/sponsor',
} as const

export function userOf(agent: string): string {
  return `leasegate:${agent}`
}

export function taskGroup(template: string): string {
  return `leasegate:task:${template}`
}

export function groupsOf(template: string): readonly string[] {
  return [AGENTS_GROUP, taskGroup(template)]
}
