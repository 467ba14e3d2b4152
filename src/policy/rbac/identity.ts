/** Who the API server sees: one user an agent, one group a template, and the lease in extras that its audit log shows. */
export const AGENTS_GROUP = 'leasegate:agents'

/** Keys of `Impersonate-Extra-…`; a slash travels as %2f. An extra without a value is not sent: Kubernetes refuses empty ones. */
export const EXTRA_KEYS = {
  lease: 'leasegate.dev/lease',
  task: 'leasegate.dev/task',
  sponsor: 'leasegate.dev/sponsor',
  /** What a yes is for: the object as the approver saw it. An admission policy compares. */
  bound: 'leasegate.dev/bound',
  /** What the lease may beside its scope, as it was issued: admission policies know its template of today, which may say more. */
  terms: 'leasegate.dev/terms',
} as const

export function userOf(agent: string): string {
  return `leasegate:${agent}`
}

/** In whose name plans try what an agent asks for: with the same groups, and held to dry runs by an admission policy. No agent is called so. */
export const PLAN_USER = 'leasegate:plan:'

export function planUserOf(agent: string): string {
  return `${PLAN_USER}${agent}`
}

export function taskGroup(template: string): string {
  return `leasegate:task:${template}`
}

export function groupsOf(template: string): readonly string[] {
  return [AGENTS_GROUP, taskGroup(template)]
}
