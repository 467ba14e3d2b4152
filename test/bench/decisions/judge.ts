// CPU of one verdict, by a policy without risk rules and by one with fifty.
import { judge } from '../../../src/policy/judge/judge.ts'
import { parsePolicy } from '../../../src/policy/load/policy-file.ts'
import type { ApiRequest } from '../../../src/request/api-request.ts'
import { aPolicy, aTemplate, leaseOf } from '../../policy/a-policy.ts'
import { aRequest } from '../../policy/a-request.ts'
import { aFile } from '../../policy/risk-rules/a-file.ts'

/** What one verdict costs, by a policy without rules and by one with fifty. */
const patch = (namespace: string) =>
  aRequest(`PATCH /apis/apps/v1/namespaces/${namespace}/deployments/web`, {
    contentType: 'application/strategic-merge-patch+json',
    body: JSON.stringify({ spec: { template: { spec: { containers: [{ name: 'web', image: 'b' }] } } } }),
  })
const requests = (namespace: string): Readonly<Record<string, ApiRequest>> => ({
  get: aRequest(`GET /api/v1/namespaces/${namespace}/pods/web-0`),
  list: aRequest(`GET /api/v1/namespaces/${namespace}/pods?limit=500`),
  secret: aRequest(`GET /api/v1/namespaces/${namespace}/secrets/s`),
  patch: patch(namespace),
})

const rule = (index: number) =>
  `{id: own-${index}, tier: medium, why: is our own, apiGroups: [apps], resources: [deployments], namespaces: [ns-${index}, shop], changes: [image]}`
const parsed = parsePolicy(
  aFile(`[${Array.from({ length: 50 }, (_, index) => rule(index)).join(', ')}]`),
  'policy.yaml',
)
if (parsed.kind === 'problems') throw new Error(JSON.stringify(parsed.problems))
const [ruled] = parsed.policy.templates
if (ruled === undefined) throw new Error('no template')
const plain = aTemplate()

const ROUND = 20_000
const ROUNDS = 15

/** The median of some rounds, after one to warm up. */
function nanosecondsEach(given: Parameters<typeof judge>[0]): number {
  const rounds = Array.from({ length: ROUNDS + 1 }, () => {
    const from = process.cpuUsage().user
    for (let i = 0; i < ROUND; i += 1) judge(given)
    return ((process.cpuUsage().user - from) * 1000) / ROUND
  })
  return rounds.slice(1).toSorted((a, b) => a - b)[ROUNDS >> 1] ?? Number.NaN
}

const cases = [
  { name: 'no rules', policy: aPolicy({ templates: [plain] }), lease: leaseOf(plain), namespace: 'x' },
  // As a lease is read from its contract: the same rules, and not the same object.
  { name: '50 rules', policy: parsed.policy, lease: structuredClone(leaseOf(ruled)), namespace: 'shop' },
]
for (const { name, policy, lease, namespace } of cases) {
  for (const [what, request] of Object.entries(requests(namespace))) {
    const { kind } = judge({ request, lease, policy })
    console.log(`judge, ${name}, ${what} (${kind}): ${Math.round(nanosecondsEach({ request, lease, policy }))} ns CPU`)
  }
}
