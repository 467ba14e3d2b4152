import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { leasegate } from '../../../local/edition/leasegate.ts'
import { freePort } from '../../../local/process/ports.ts'
import type { Report } from '../../../src/findings/report.ts'
import { connectCluster } from '../../../src/kubernetes/connect/connect-cluster.ts'
import { deniedPath } from '../../../src/proof/verify/denied/denied-path.ts'
import type { VerifyParts } from '../../../src/proof/verify/parts.ts'
import { directRequests } from '../../../src/proof/verify/resting/direct-requests.ts'
import { networkPath } from '../../../src/proof/verify/resting/network-path.ts'
import { anEdition, type TestEdition } from '../../e2e/an-edition.ts'
import { until } from '../../support/until.ts'

let world: TestEdition

beforeAll(async () => {
  world = await anEdition()
})
afterAll(() => world.stop())

const verify = (...args: readonly string[]) => world.leasegate('agent', 'verify', ...args)

/** As a platform engineer runs it. */
function asPlatform(): readonly string[] {
  const { names, cluster, policyFile } = world.edition
  return ['--template', names.inspect, '--kubeconfig', cluster.adminKubeconfig, '--policy', policyFile]
}

async function admin(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await world.edition.cluster.admin(args)
  if (code !== 0) throw new Error(stderr)
  return stdout.trim()
}

describe('leasegate verify', () => {
  test('finds nothing in a clean set-up, and has tried everything', async () => {
    const { code, stdout } = await verify(...asPlatform(), '-o', 'json')
    const report = JSON.parse(stdout) as Report
    expect(report.checks.flatMap(check => check.findings)).toEqual([])
    expect(code).toBe(0)
    expect(report.checks.filter(check => check.tried.length === 0).map(check => check.name)).toEqual(['network-path'])
    const [allowed, denied] = report.checks
    expect(allowed?.tried).toContainEqual(expect.stringMatching(/^exec .* -- echo leasegate-verify → ended with 0$/))
    expect(allowed?.seen).toContainEqual(expect.stringMatching(/^8 rows for 8 requests, in order/))
    expect(denied?.tried[0]).toMatch(/^DELETE \/api\/v1\/namespaces\/.* → 403 out-of-scope$/)
  })

  test('its requests are those that the API server saw under its lease', async () => {
    const seen = (await world.stage.audit()).filter(event => event.lease !== '')
    const [{ lease } = { lease: '' }] = seen
    const known = async () => {
      const sql = `SELECT audit_id FROM requests WHERE lease = '${lease}' AND decision = 'allow' AND forwarded ORDER BY audit_id`
      return (await world.sql<{ audit_id: string }>(sql)).map(row => row.audit_id)
    }
    const wanted = seen.map(event => event.auditId).sort()
    // That a request went no further its outcome says, which comes later.
    await until('outcomes', async () => (await known()).join() === wanted.join()).catch(() => undefined)
    expect(await known()).toEqual(wanted)
  })

  test('ends its lease and leaves nothing behind in the cluster', async () => {
    const asked = await world.leasegate('admin', 'lease', 'list', '-o', 'json')
    expect(JSON.parse(asked.stdout)).toEqual([])
  })

  test('a standing right is found, named in JUnit for a CI, and makes the exit code 1', async () => {
    const { names } = world.edition
    const account = `--serviceaccount=${names.agentNamespace}:${names.agent}`
    await admin('create', 'rolebinding', 'old', '-n', names.app, '--clusterrole=view', account)
    const { code, stdout, stderr } = await verify(...asPlatform(), '-o', 'junit')
    await admin('delete', 'rolebinding', 'old', '-n', names.app)
    expect({ code, stderr }).toEqual({ code: 1, stderr: 'leasegate: there are 2 findings\n' })
    expect(stdout).toMatch(/<testsuite name="leasegate verify: [^"]*" tests="\d+" failures="2" errors="0" skipped="1">/)
    expect(stdout).toContain(`RoleBinding old in ${names.app} gives ServiceAccount`)
  })

  test('without a kubeconfig it says what it could not look at, and is not content', async () => {
    const { code, stdout } = await verify(
      '--template',
      world.edition.names.retire,
      '--namespace',
      world.edition.names.app,
    )
    expect(code).toBe(1)
    expect(stdout).toContain('UNKNOWN  rights, bindings, Secrets, certificates and pods were not looked at')
    expect(stdout).toContain(`template ${world.edition.names.retire} lets nothing be listed`)
  })

  test.each([
    { name: 'no template is named', args: () => [], says: /the agent may use several; name one with --template: / },
    {
      name: 'an unknown template is named',
      args: () => ['--template', 'nope'],
      says: /the agent may not use "nope"; name one/,
    },
    {
      name: 'the kubeconfig is missing',
      args: () => [...asPlatform(), '--kubeconfig', '/nope'],
      says: /cannot read the kubeconfig \/nope/,
    },
    {
      name: 'the kubeconfig is none',
      args: () => [...asPlatform(), '--kubeconfig', world.edition.caFile],
      says: /is not a kubeconfig|has no current context/,
    },
    {
      name: 'the context is unknown',
      args: () => [...asPlatform(), '--context', 'nope'],
      says: /has no context "nope"; it has /,
    },
    { name: 'the policy file is missing', args: () => [...asPlatform(), '--policy', '/nope'], says: /\/nope/ },
    { name: 'no policy is named', args: () => asPlatform().slice(0, -2), says: /with --kubeconfig, name the --policy/ },
  ])('says in one line what to mend when $name', async ({ args, says }) => {
    const { code, stdout, stderr } = await verify(...args())
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(says)
    expect(stderr.trim().split('\n')).toHaveLength(1)
  })

  test("wants an agent's token, not a person's", async () => {
    const { code, stderr } = await world.leasegate('admin', 'verify')
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(/the proof wants an agent's/) })
  })

  test('an agent that gets no lease is a finding, not a crash', async () => {
    const { names } = world.edition
    const { code, stdout } = await verify('--template', names.inspect, '--namespace', names.foreign)
    expect(code).toBe(1)
    expect(stdout).toMatch(/ERROR {2}there is no lease to try anything with: .* does not grant /)
  })

  test('a boundary that nobody serves is a finding', async () => {
    const nowhere = { LEASEGATE_BOUNDARY_URL: `https://127.0.0.1:${await freePort()}` }
    const args = ['verify', '--template', world.edition.names.inspect]
    const { code, stdout } = await leasegate(args, { ...world.edition.environments.agent, ...nowhere })
    expect(code).toBe(1)
    expect(stdout).toContain('the boundary does not answer: nobody listens there')
  })
})

/** The API server itself in the place of the boundary, and what an agent should never hold. */
async function parts(token: () => Promise<string>, env: VerifyParts['env'] = {}): Promise<VerifyParts> {
  const { names, cluster, caFile } = world.edition
  const ca = await readFile(caFile, 'utf8')
  return {
    agent: {
      name: names.agent,
      sponsor: names.sponsor,
      identityToken: token,
      requestLease: () => Promise.reject(new Error('none')),
      token,
      endLease: () => Promise.resolve(),
    },
    boundary: { server: cluster.server, ca },
    record: { ofLease: () => Promise.resolve([]) },
    wish: { template: names.inspect, namespace: names.app },
    command: null,
    platform: null,
    recordWithinMs: 500,
    env,
  }
}

async function accountToken(...args: readonly string[]): Promise<string> {
  const { names } = world.edition
  return admin('create', 'token', names.agent, '-n', names.agentNamespace, ...args)
}

describe('deniedPath', () => {
  test('what passes is found, row or no row, and has changed nothing', async () => {
    const { names } = world.edition
    const binding = ['clusterrolebinding', 'too-much']
    await admin(
      'create',
      ...binding,
      '--clusterrole=cluster-admin',
      `--serviceaccount=${names.agentNamespace}:${names.agent}`,
    )
    const before = await admin('get', 'all,clusterrolebindings,namespaces', '-A', '-o', 'name')
    const lease = { id: 'lse_x', template: names.inspect, namespaces: [names.app], scope: [], task: { name: 't' } }
    const found = await deniedPath(await parts(() => accountToken()), lease as never)
    expect(await admin('get', 'all,clusterrolebindings,namespaces', '-A', '-o', 'name')).toBe(before)
    await admin('delete', ...binding)
    const what = found.findings.map(finding => finding.what)
    expect(what).toContainEqual(expect.stringMatching(/GET \/api\/v1\/secrets\?limit=1 → 200: it passed the boundary/))
    expect(what).toContainEqual(expect.stringMatching(/DELETE \/api\/v1\/namespaces\/.*dryRun=All → 200: it passed/))
    expect(what.filter(each => each.includes('is not on record'))).toHaveLength(found.tried.length)
  })
})

describe('directRequests', () => {
  const endpoint = async () => ({
    server: world.edition.cluster.server,
    ca: await readFile(world.edition.caFile, 'utf8'),
  })

  test('an identity token that the API server knows is found, and is gone with one of another audience', async () => {
    const known = await directRequests(await parts(() => accountToken()), await endpoint(), null)
    expect(known.findings.map(finding => finding.what)).toContainEqual(
      'the API server knows the agent by its identity token (403, where a stranger gets 401)',
    )
    const stranger = await directRequests(
      await parts(() => accountToken('--audience=leasegate')),
      await endpoint(),
      null,
    )
    expect(stranger.findings).toEqual([])
  })

  test('a server whose certificate is not known is not counted as closed', async () => {
    const { server } = await endpoint()
    const { findings } = await directRequests(await parts(() => accountToken()), { server, ca: null }, null)
    expect(findings.map(finding => [finding.severity, finding.what])).toContainEqual([
      'unknown',
      'straight to the API server could not be tried: its certificate is of an unknown CA',
    ])
  })

  test('an identity token with rights is found by what it opens', async () => {
    const { names } = world.edition
    const binding = ['rolebinding', 'rests', '-n', names.app]
    await admin('create', ...binding, '--clusterrole=view', `--serviceaccount=${names.agentNamespace}:${names.agent}`)
    const { findings } = await directRequests(await parts(() => accountToken()), await endpoint(), null)
    await admin('delete', ...binding)
    expect(findings.map(finding => finding.what)).toContainEqual(
      expect.stringMatching(
        /straight to the API server with its identity token: GET .*\/pods\?limit=1 was answered with 200/,
      ),
    )
  })
})

describe('networkPath', () => {
  const inPod = (port: number) => ({ KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT_HTTPS: `${port}` })

  test('from a pod, an open way past the boundary is found', async () => {
    const { port } = world.edition.cluster
    const { findings } = await networkPath(await parts(() => Promise.resolve(''), inPod(port)), null)
    expect(findings.map(finding => finding.what)).toEqual([
      `the API server can be reached at 127.0.0.1:${port} without the boundary`,
    ])
  })

  test('a closed way is none', async () => {
    const checked = await networkPath(await parts(() => Promise.resolve(''), inPod(await freePort())), null)
    expect(checked).toMatchObject({ findings: [], tried: [expect.stringMatching(/no connection$/)] })
  })
})

describe('connectCluster', () => {
  test('an account that may not look makes the check unknown, never clean', async () => {
    const { names, cluster, directory } = world.edition
    const weak = join(directory, 'weak.kubeconfig')
    await writeFile(weak, await readFile(cluster.adminKubeconfig))
    await cluster.admin(['--kubeconfig', weak, 'config', 'set-credentials', 'weak', `--token=${await accountToken()}`])
    await cluster.admin(['--kubeconfig', weak, 'config', 'set-context', '--current', '--user=weak'])
    const reader = await connectCluster({ file: weak, context: null })
    await expect(reader.secrets(names.agentNamespace)).rejects.toMatchObject({ code: 'forbidden' })
    const { code, stdout } = await verify(...asPlatform(), '--kubeconfig', weak)
    expect(code).toBe(1)
    expect(stdout).toMatch(/UNKNOWN {2}this could not be looked at: clusterrole(?:binding)?s: .* status 403/)
  })
})
