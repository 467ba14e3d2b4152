import type { Policy } from '../policy.ts'
import { AGENTS_GROUP, EXTRA_KEYS, taskGroup, userOf } from './identity.ts'
import type { PolicyRule } from './objects.ts'

/** `constrained` is KEP-5284, on by default from Kubernetes 1.36; `legacy` is for clusters that do not have it. */
export type ImpersonationMode = 'constrained' | 'legacy'

const AUTHENTICATION = 'authentication.k8s.io'

/** What every lease may ask, as in the built-in roles system:discovery, system:public-info-viewer and system:basic-user. */
const OPEN_TO_ALL: readonly PolicyRule[] = [
  {
    verbs: ['get'],
    nonResourceURLs: [
      ...['/api', '/api/*', '/apis', '/apis/*', '/openapi', '/openapi/*', '/version', '/version/'],
      ...['/healthz', '/livez', '/readyz'],
    ],
  },
  {
    verbs: ['create'],
    apiGroups: ['authorization.k8s.io'],
    resources: ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'],
  },
  { verbs: ['create'], apiGroups: [AUTHENTICATION], resources: ['selfsubjectreviews'] },
]

/** What lets the boundary's own account act as agents, and as nobody else. */
export function impersonationRules(policy: Policy, mode: ImpersonationMode): readonly PolicyRule[] {
  const rules = actingAs(policy, userOf, mode)
  return mode === 'constrained' ? [...rules, ...onBehalf(OPEN_TO_ALL)] : rules
}

/** The right to take on the users that agents are called by, with the groups and extras of leases. */
export function actingAs(
  policy: Policy,
  called: (agent: string) => string,
  mode: ImpersonationMode,
): readonly PolicyRule[] {
  const constrained = mode === 'constrained'
  const verbs = [constrained ? 'impersonate:user-info' : 'impersonate']
  // Legacy impersonation looks for users and groups in the core group, and for extras in this one all the same.
  const apiGroups = [constrained ? AUTHENTICATION : '']
  const users = policy.agents.map(agent => called(agent.name))
  const groups = [AGENTS_GROUP, ...policy.templates.map(template => taskGroup(template.name))]
  const extras = Object.values(EXTRA_KEYS).map(key => `userextras/${key}`)
  return [
    // Without names a rule means every name: no agents, no rule.
    ...(users.length === 0 ? [] : [{ verbs, apiGroups, resources: ['users'], resourceNames: users }]),
    { verbs, apiGroups, resources: ['groups'], resourceNames: groups },
    { verbs, apiGroups: [AUTHENTICATION], resources: extras },
  ]
}

/** Constrained impersonation also wants the right to do each thing while acting as another. */
export function onBehalf(rules: readonly PolicyRule[]): readonly PolicyRule[] {
  return rules.map(rule => ({ ...rule, verbs: rule.verbs.map(verb => `impersonate-on:user-info:${verb}`) }))
}
