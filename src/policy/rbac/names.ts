const OWNED =
  /^leasegate:(.+?):(?:boundary:|planner:)?task:([^:]+)(?::cluster)?$|^leasegate:(.+):(?:boundary|planner|planner:reads)$/

/**
 * Roles and bindings of one boundary, by the namespace it lives in: several live in one cluster, and none takes another's. The groups
 * that are bound have no such part: they are what the API server's audit log and everybody's own bindings know.
 */
export function roleNames(owner: string) {
  // What Kubernetes does not take in a name. A user of a certificate may be called so.
  const own = `leasegate:${owner.replaceAll(/[/%]/g, '-')}`
  return {
    boundary: `${own}:boundary`,
    task: (template: string) => `${own}:task:${template}`,
    onBehalf: (template: string) => `${own}:boundary:task:${template}`,
    planner: `${own}:planner`,
    plannerReads: `${own}:planner:reads`,
    plannerTask: (template: string) => `${own}:planner:task:${template}`,
  } as const
}

/** Whose role this would be, and of which template; null where it is none of ours. */
export function parseRoleName(name: string): { readonly owner: string; readonly template: string | null } | null {
  const [, owner, template, boundarys] = OWNED.exec(name) ?? []
  const whose = owner ?? boundarys
  return whose === undefined ? null : { owner: whose, template: template ?? null }
}
