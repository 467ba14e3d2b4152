import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { Valkey } from '../../support/stores/valkey.ts'
import { inProcess } from './in-process.ts'

const KEYS = { 'keys.json': '{"keys": []}' }
const ISSUER = { name: 'i', issuer: 'https://i.example', audience: 'leasegate', jwks: { file: 'keys.json' } }
const AGENT = { name: 'bot', issuer: 'i', claims: { sub: 'bot' }, sponsor: 'ada' }
const GOOD = { boundaryNamespace: 'here', issuers: [ISSUER], agents: [AGENT], templates: [] }
const TEMPLATE = {
  name: 'fix',
  grants: [{ agent: 'bot', namespaces: ['shop'] }],
  rules: [{ verbs: ['patch'], apiGroups: ['apps'], resources: ['deployments'] }],
  maxTtl: '10m',
}
/** Nobody who comes as far as the cluster finds one: then this is what is said. */
const NO_CLUSTER = /kubeconfig/

let directory: string

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lg-'))
})
afterAll(() => rm(directory, { recursive: true, force: true }))

/** `leasegate setup` with a policy file of this content, and these files beside it. */
async function setup(
  policy: object,
  { files = KEYS, granted, env = {} }: { files?: object; granted?: object; env?: Record<string, string> } = {},
) {
  const folder = await mkdtemp(join(directory, 'p'))
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
  await writeFile(join(folder, 'policy.yaml'), stringify(policy))
  await writeFile(join(folder, 'granted.yaml'), stringify(granted ?? {}))
  const more = granted === undefined ? [] : ['--granted', join(folder, 'granted.yaml')]
  const where = ['--name', 'lg', '--namespace', 'here', '--host', 'a.example', '--kubeconfig', join(folder, 'none')]
  return inProcess(['setup', ...where, '--policy', join(folder, 'policy.yaml'), ...more], {
    LEASEGATE_BOUNDARY_NAMESPACE: 'here',
    ...env,
  })
}

describe('leasegate setup, before it changes anything', () => {
  test.each([
    { name: 'a policy with a mistake', policy: { ...GOOD, agents: [{ name: 'bot' }] }, says: /policy\.yaml:\d+:\d+: / },
    {
      name: 'a policy of another namespace',
      policy: { ...GOOD, boundaryNamespace: 'other' },
      says: /boundaryNamespace is "other", but this is "here"/,
    },
    {
      name: 'keys that are not there',
      policy: GOOD,
      files: {},
      says: /issuer i: its JWKS file \S+keys\.json cannot be read/,
    },
    { name: 'keys that are none', policy: GOOD, files: { 'keys.json': '[]' }, says: /keys\.json holds is not a JWKS/ },
    {
      name: 'a CA that is none',
      policy: { ...GOOD, issuers: [{ ...ISSUER, jwks: { url: 'https://i.example/keys', caFile: 'ca.pem' } }] },
      files: { 'ca.pem': 'x' },
      says: /ca\.pem holds no certificate/,
    },
    {
      name: 'roles that were made from another policy',
      policy: GOOD,
      granted: { ...GOOD, agents: [AGENT, { ...AGENT, name: 'b', claims: { sub: 'b' } }] },
      says: /grant different things/,
    },
    ...[{ dangerous: ['pod-host'] }, { serviceAccounts: ['web'] }].map(more => ({
      name: `admission that was made from another policy: ${Object.keys(more)}`,
      policy: { ...GOOD, templates: [{ ...TEMPLATE, ...more }] },
      granted: { ...GOOD, templates: [TEMPLATE] },
      says: /grant different things/,
    })),
  ])('says $name, and that no second try will mend it', async ({ policy, says, ...given }) => {
    const { code, stderr } = await setup(policy, given)
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(says) })
    expect(stderr).not.toMatch(NO_CLUSTER)
  })

  test.each([
    { name: 'store', env: { LEASEGATE_REDIS_URL: 'redis://127.0.0.1:1' }, says: 'the store cannot be looked at' },
    { name: 'record', env: { LEASEGATE_CLICKHOUSE_URL: 'http://127.0.0.1:1' }, says: 'ClickHouse cannot be asked' },
  ])('says that nobody answers where the $name should be, and that another try may do', async ({ env, says }) => {
    expect(await setup(GOOD, { env })).toMatchObject({ code: 3, stderr: expect.stringContaining(says) })
  })

  describe('asks the store', () => {
    let valkey: Valkey
    beforeAll(async () => {
      valkey = await Valkey.start()
    })
    afterAll(() => valkey.stop())

    test('and goes on where it is in order', async () => {
      const { stderr } = await setup(GOOD, { granted: GOOD, env: { LEASEGATE_REDIS_URL: valkey.url } })
      expect(stderr).toMatch(NO_CLUSTER)
    })

    test.each([
      { name: 'forgets what it was told', given: { appendonly: 'no' }, says: 'the store has appendonly off' },
      { name: 'evicts', given: { 'maxmemory-policy': 'allkeys-lru' }, says: 'maxmemory-policy is allkeys-lru' },
    ])('and says at once that it $name', async ({ given, says }) => {
      await valkey.kill()
      await valkey.boot(given)
      const { code, stderr } = await setup(GOOD, { env: { LEASEGATE_REDIS_URL: valkey.url } })
      expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(says) })
      expect(stderr).not.toMatch(NO_CLUSTER)
    })
  })
})
