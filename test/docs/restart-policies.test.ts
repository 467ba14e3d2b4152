import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { starterPolicy } from '../../local/own-cluster/boundary/starter-policy.ts'
import { checkPolicy, describeWarning } from '../../src/policy/check.ts'
import { judge } from '../../src/policy/judge/judge.ts'
import { describeProblems, parsePolicy } from '../../src/policy/load/policy-file.ts'
import type { Policy } from '../../src/policy/policy.ts'
import { BEYOND, MERGE, OTHERWISE, RESTARTS, STEPS, STEPS_BEYOND, STRATEGIC, WEB } from '../attacks/restart-tries.ts'
import { leaseOf } from '../policy/a-policy.ts'
import { read } from '../request/a-http-request.ts'

const page = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')
const block = (file: string, start: RegExp) =>
  [...page(file).matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text = '']) => text).find(text => start.test(text)) ?? ''

/** README shows a template alone. */
const AROUND = `boundaryNamespace: leasegate
issuers:
  - {name: corp, issuer: https://corp.example, audience: leasegate, jwks: {file: keys.json}}
agents:
  - {name: web-operator, issuer: corp, claims: {sub: web-operator}, sponsor: ada@corp.example}
people:
  - {name: grace, issuer: corp, claims: {sub: grace}, roles: [approver, admin]}
templates:
`

function policyOf(text: string): Policy {
  const parsed = parsePolicy(text, 'policy.yaml')
  if (parsed.kind === 'problems') throw new Error(describeProblems(parsed.problems, 'policy.yaml'))
  return parsed.policy
}

const inline = parse(block('helm/leasegate/README.md', /^# values.yaml/)).policy.inline
/** The chart says where it is. */
const chart = stringify({ boundaryNamespace: 'leasegate-system', ...inline })
const POLICIES = [
  { of: 'the README', template: 'restart-web', policy: policyOf(AROUND + block('README.md', /^- name: restart-web/)) },
  { of: "the chart's README", template: 'restart-web', policy: policyOf(chart) },
  {
    of: 'the first policy for a cluster of your own',
    template: 'restart',
    policy: policyOf(starterPolicy({ issuer: 'https://10.0.0.1', algorithms: ['ES256'] })),
  },
]

describe.each(POLICIES)('the task that restarts, in $of', ({ template: name, policy }) => {
  const template = policy.templates.find(one => one.name === name)
  if (template === undefined) throw new Error(`there is no template ${name}`)
  const lease = leaseOf(template)
  const [namespace = ''] = lease.namespaces
  const isForAll = template.rules.every(rule => rule.resourceNames.length === 0)

  /** As it stands there, for a lease of the namespace that is granted there. */
  function verdict(line: string, type: string, body: string | Buffer): string {
    const here = line.replace('/namespaces/dev/', `/namespaces/${namespace}/`)
    const bytes = Buffer.from(body)
    const headers: [string, string][] = [['content-type', type]]
    try {
      return judge({ request: read(here, { headers, body: bytes, route: 'write' }), lease, policy }).kind
    } catch {
      return 'refused unread'
    }
  }

  test('restarts', () => {
    for (const { line, type, body } of RESTARTS) expect(verdict(line, type, body)).toBe('allow')
  })

  test.each(BEYOND)('does not write $name', ({ patch }) => {
    for (const type of [STRATEGIC, MERGE])
      expect(['deny', 'refused unread']).toContain(verdict(`PATCH ${WEB}`, type, JSON.stringify(patch)))
  })

  test.each(STEPS_BEYOND)('does not take $name', ({ steps }) => {
    expect(['deny', 'refused unread']).toContain(verdict(`PATCH ${WEB}`, STEPS, JSON.stringify(steps)))
  })

  const elsewhere = OTHERWISE.filter(({ line }) => !(isForAll && line.endsWith('/deployments/api')))
  test.each(elsewhere)('does not pass $line as $type', ({ line, type, body }) => {
    expect(['deny', 'refused unread']).toContain(verdict(line, type, body))
  })

  test('is in a policy of which the check has nothing to say', () => {
    expect(checkPolicy(policy).map(describeWarning)).toEqual([])
  })
})
