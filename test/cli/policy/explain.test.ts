import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadPolicy } from '../../../src/policy/load/load-policy.ts'
import { issueScope } from '../../../src/policy/template/issue-scope.ts'
import { aLease } from '../../lease/a-lease.ts'
import { leaseOf } from '../../policy/a-policy.ts'
import { aFile } from '../../policy/risk-rules/a-file.ts'
import { leasegate } from '../leasegate.ts'

const POLICY = fileURLToPath(new URL('../../vectors/policy-example.yaml', import.meta.url))

let dir: string
let leaseFile: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'leasegate-explain-'))
  leaseFile = join(dir, 'lease.json')
  const policy = await loadPolicy(POLICY)
  const template = policy.templates.find(one => one.name === 'restart-web')
  if (template === undefined) throw new Error('the example policy has changed')
  const lease = aLease({ agent: 'web-operator', scope: issueScope(template, ['shop-dev']), namespaces: ['shop-dev'] })
  await writeFile(leaseFile, JSON.stringify({ ...lease, state: { kind: 'active' }, taken: {} }))
})
afterAll(() => rm(dir, { recursive: true }))

async function explain(lines: readonly unknown[], ...args: readonly string[]) {
  const text = lines.map(line => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n')
  const ran = await leasegate(['explain', ...args], {}, text)
  return {
    ...ran,
    answers: ran.stdout
      .split('\n')
      .slice(0, -1)
      .map(line => JSON.parse(line)),
  }
}

const judged = (lines: readonly unknown[]) => explain(lines, '--policy', POLICY, '--lease', leaseFile)

describe('leasegate explain', () => {
  test('says how each request is read, a line each, in the order asked', async () => {
    const { code, answers, stderr } = await explain([
      {
        method: 'GET',
        path: '/api/v1/namespaces/shop/pods?watch=true&fieldSelector=metadata.name%3Dweb-0',
        headers: {},
      },
      { method: 'GET', path: '/version', headers: { Accept: ['application/json', '*/*'] } },
      { method: 'GET', path: '/api/v1/namespaces/shop//pods', headers: {} },
      { method: 'GET', path: '/api/v1/pods', headers: { 'Impersonate-User': 'admin' } },
      { method: 'GET', path: '/api/v1/pods', headers: {}, body: 'x' },
    ])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(answers).toEqual([
      {
        request: {
          isResourceRequest: true,
          verb: 'watch',
          apiPrefix: 'api',
          apiGroup: '',
          apiVersion: 'v1',
          namespace: 'shop',
          resource: 'pods',
          subresource: '',
          name: 'web-0',
          fieldSelector: 'metadata.name=web-0',
          labelSelector: '',
        },
        refused: null,
        verdict: null,
      },
      { request: expect.objectContaining({ isResourceRequest: false, verb: 'get' }), refused: null, verdict: null },
      { request: null, refused: 'odd-path', verdict: null },
      { request: null, refused: 'forbidden-header', verdict: null },
      { request: expect.objectContaining({ resource: 'pods' }), refused: 'unexpected-body', verdict: null },
    ])
  })

  test('says what conditions of the template say to it, as the boundary would', async () => {
    const text = await readFile(POLICY, 'utf8')
    const policy = join(dir, 'conditions.yaml')
    const line = { method: 'GET', path: '/apis/apps/v1/namespaces/shop-dev/deployments/web', headers: {} }
    const reasons = async (condition: string) => {
      await writeFile(policy, text.replace('  - name: restart-web\n', `  - name: restart-web\n    ${condition}\n`))
      const lines = [line, { ...line, source: '11.0.0.1' }, { ...line, source: '10.0.0.1' }]
      const { answers } = await explain(lines, '--policy', policy, '--lease', leaseFile)
      return answers.map(({ verdict }) => verdict.reason ?? verdict.kind)
    }
    expect(await reasons('')).toEqual(['allow', 'allow', 'allow'])
    expect(await reasons('networks: [10.0.0.0/8]')).toEqual(['outside-networks', 'outside-networks', 'allow'])
    expect(await reasons('ticket: OPS-[0-9]{9}')).toEqual(['not-in-policy', 'not-in-policy', 'not-in-policy'])
  })

  test('says what it cannot read and goes on', async () => {
    const { code, stderr, answers } = await explain([
      'not JSON',
      { method: 'GET', path: '/version' },
      '',
      { method: 'GET', path: 7 },
      { method: 'GET', path: '/version', headers: { a: 1 } },
      { method: 'GET', path: '/version', header: {} },
      '[]',
      { method: 'GET', path: '/version', headers: {} },
    ])
    expect(code).toBe(2)
    expect(stderr).toBe('leasegate: 5 of 8 lines could not be read\n')
    expect(answers.map(({ error, refused }) => error?.replace(/:.*/, '') ?? refused)).toEqual([
      'line 1',
      null,
      'line 4',
      'line 5',
      'line 6',
      'line 7',
      null,
    ])
  })

  test('judges by policy and lease', async () => {
    const { answers } = await judged([
      { method: 'GET', path: '/api/v1/namespaces/shop-dev/pods', headers: {} },
      { method: 'GET', path: '/api/v1/namespaces/shop/pods', headers: {} },
      { method: 'DELETE', path: '/api/v1/namespaces/shop-dev/pods/web-0', headers: {} },
      { method: 'GET', path: '/api/v1/namespaces/shop-dev/secrets/db', headers: {} },
      { method: 'GET', path: '/api/v1/../secrets', headers: {} },
    ])
    expect(answers.map(({ verdict }) => verdict.kind)).toEqual(['allow', 'deny', 'deny', 'deny', 'deny'])
    expect(answers[1].verdict).toMatchObject({ reason: 'out-of-scope', detail: expect.stringContaining('shop') })
    expect(answers[4]).toMatchObject({ request: null, refused: 'odd-path', verdict: { reason: 'odd-path' } })
  })

  test('says the tier, the rule and the sentence of each risk, and what the template makes of it', async () => {
    const file = join(dir, 'tiered.yaml')
    await writeFile(
      file,
      aFile(
        '[{id: own, tier: critical, why: deletes many, changes: [deletes], minObjects: 2}]',
        '{tiers: {high: {people: 2, groups: [oncall]}, critical: never}}',
      ),
    )
    const [template] = (await loadPolicy(file)).templates
    if (template === undefined) throw new Error('no template')
    const lease = join(dir, 'tiered.json')
    await writeFile(lease, JSON.stringify(leaseOf(template)))
    const { answers } = await explain(
      [
        { method: 'DELETE', path: '/api/v1/namespaces/dev/pods' },
        { method: 'POST', path: '/api/v1/namespaces/dev/serviceaccounts/a/token', body: '{}' },
        { method: 'GET', path: '/api/v1/namespaces/dev/pods/p/log' },
        { method: 'GET', path: '/version' },
      ].map(line => ({ headers: { 'content-type': 'application/json' }, ...line })),
      '--policy',
      file,
      '--lease',
      lease,
    )
    expect(answers[0]).toMatchObject({
      verdict: { kind: 'deny', reason: 'too-risky' },
      risks: [
        { id: 'own', tier: 'critical', why: 'deletes many', outcome: 'never' },
        { id: 'deletecollection', tier: 'high', outcome: 'ask', people: '2 people of oncall' },
      ],
    })
    expect(answers[1].risks).toContainEqual(expect.objectContaining({ id: 'sa-token', outcome: 'refused' }))
    expect(answers[2].risks).toMatchObject([{ id: 'pods-log', tier: 'medium', outcome: 'pass' }])
    expect(answers[3].risks).toEqual([])
  })

  test('a text may hold any separator but a line feed, in any piece of the input', async () => {
    const odd = { method: 'GET', path: '/version', headers: { 'x-note': 'a\u2028b\u2029c\u0085d é 漢字' } }
    const { answers } = await explain([odd, odd])
    expect(answers.map(({ refused, error }) => [refused, error])).toHaveLength(2)
  })

  test.each([
    { name: 'only one of policy and lease', args: ['--policy', POLICY], says: 'name both' },
    { name: 'a lease file that is none', args: ['--policy', POLICY, '--lease', POLICY], says: 'is not a lease' },
    { name: 'a policy file that is none', args: ['--policy', '/dev/null', '--lease', POLICY], says: 'policy file' },
    { name: 'a file that is not there', args: ['--policy', POLICY, '--lease', '/nowhere'], says: 'cannot read' },
  ])('refuses $name', async ({ args, says }) => {
    const { code, stdout, stderr } = await explain([], ...args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(/^leasegate: /)
    expect(stderr).toContain(says)
  })
})
