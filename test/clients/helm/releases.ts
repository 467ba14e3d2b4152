import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Ran, run } from '../../../local/process/run.ts'
import { answer } from '../../../local/story/answer.ts'
import type { Report } from '../../../local/toolchain/cache.ts'
import type { TestEdition } from '../../e2e/an-edition.ts'
import { stretched, until } from '../../support/until.ts'
import { aClientsEdition, NOT_TOO_BUSY, unrecorded } from '../a-clients-edition.ts'

const CHART = join(import.meta.dirname, 'chart')
const WITHIN = 180_000

let playing: TestEdition
let program: string
let app: string

interface Helm {
  readonly title: string
  readonly ensure: (report: Report) => Promise<string>
  /** How `--wait` looks at what comes: it watches, or asks again and again. */
  readonly waits: 'watch' | 'list'
  /** What it asks for, is refused, and goes on without. */
  readonly asksInVain: readonly string[]
}

/** The same of every major version: a chart's life under a lease, and what is said where a lease does not reach. */
export function describeHelm(helm: Helm): void {
  describe(helm.title, () => {
    beforeAll(async () => {
      program = await helm.ensure(line => void process.stderr.write(`${line}\n`))
      playing = await aClientsEdition(app => [
        inConfigMaps(app),
        { ...inConfigMaps(app), name: 'releases-as-web', serviceAccounts: ['web'] },
        inSecrets(app, 'releases-in-secrets', ['secrets-get', 'secrets-list']),
        inSecrets(app, 'releases-in-asked-secrets', []),
      ])
      app = playing.edition.names.app
    }, 1_200_000)
    afterAll(() => playing?.stop())
    releases(helm)
    refusals()
  })
}

/** What the chart holds, and what `--wait` looks at. */
const OBJECTS = [
  {
    verbs: ['get', 'list', 'watch', 'create', 'patch', 'update', 'delete'],
    apiGroups: [''],
    resources: ['services', 'configmaps'],
  },
  {
    verbs: ['get', 'list', 'watch', 'create', 'patch', 'update', 'delete'],
    apiGroups: ['apps'],
    resources: ['deployments'],
  },
  { verbs: ['get', 'list', 'watch'], apiGroups: ['apps'], resources: ['replicasets'] },
  { verbs: ['get', 'list', 'watch'], apiGroups: [''], resources: ['pods'] },
]

/** Releases are ConfigMaps (HELM_DRIVER=configmap): no Secret is read or written. */
function inConfigMaps(app: string) {
  return { name: 'releases-in-configmaps', namespaces: [app], rules: OBJECTS, maxTtl: '30m', maxLeases: 4 }
}

/** Releases are Secrets, as Helm has it by default: whoever reads one of them can read every Secret of the namespace. */
function inSecrets(app: string, name: string, skip: readonly string[]) {
  const secrets = {
    // Watch is for --wait, and only where a chart has a Secret itself.
    verbs: ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete'],
    apiGroups: [''],
    resources: ['secrets'],
  }
  return {
    name,
    namespaces: [app],
    rules: [...OBJECTS, secrets],
    approval: { skip },
    maxTtl: '30m',
    maxLeases: 3,
  }
}

function helm(driver: 'configmap' | 'secret', ...args: readonly string[]): Promise<Ran> {
  const env = { KUBECONFIG: playing.stage.kubeconfigFile, HELM_DRIVER: driver, HELM_NO_PLUGINS: '1' }
  return run(program, ['--namespace', app, ...args], { env })
}

/** What client-go logs where `--wait` has seen enough and leaves off in the middle of an answer. */
const LEFT_OFF = /^E\d+ .* request\.go:\d+\] "Unexpected error when reading response body" err="context canceled"\n/gm

async function good(driver: 'configmap' | 'secret', ...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await helm(driver, ...args)
  expect(stderr.replaceAll(LEFT_OFF, '')).toBe('')
  expect(code).toBe(0)
  return stdout
}

async function replicasOf(name: string): Promise<string> {
  const path = 'jsonpath={.status.readyReplicas}'
  return (await playing.edition.cluster.admin(['get', 'deployment', name, '-n', app, '-o', path])).stdout
}

async function ranIn(name: string): Promise<string> {
  const path = 'jsonpath={.spec.template.spec.serviceAccountName} {.spec.template.spec.containers[0].image}'
  return (await playing.edition.cluster.admin(['get', 'deployment', name, '-n', app, '-o', path])).stdout
}

const WAIT = ['--wait', '--timeout', '2m']

/** The life of a release, with nothing but plain helm. */
async function live(driver: 'configmap' | 'secret', name: string): Promise<void> {
  expect(await good(driver, 'install', name, CHART, ...WAIT)).toContain('STATUS: deployed')
  expect(await replicasOf(name)).toBe('1')
  expect(await good(driver, 'upgrade', name, CHART, '--set', 'replicas=2', ...WAIT)).toContain('REVISION: 2')
  expect(await replicasOf(name)).toBe('2')
  expect(await good(driver, 'list')).toMatch(new RegExp(`^${name}\\s.*\\s2\\s.*deployed`, 'm'))
  expect(await good(driver, 'rollback', name, '1', ...WAIT)).toContain('Rollback was a success')
  expect(await replicasOf(name)).toBe('1')
  expect(JSON.parse(await good(driver, 'history', name, '-o', 'json'))).toHaveLength(3)
  expect(await good(driver, 'uninstall', name, ...WAIT)).toContain('uninstalled')
  expect(await good(driver, 'list', '-q')).toBe('')
}

/** What under the lease was not allowed. What a busy machine could not decide in time helm asked again, as its refusal says. */
async function denied(lease: string): Promise<readonly string[]> {
  const query = `SELECT DISTINCT what FROM requests WHERE lease = '${lease}' AND decision != 'allow' AND ${NOT_TOO_BUSY}`
  return (await playing.sql<{ what: string }>(query)).map(({ what }) => what)
}

function releases({ waits, asksInVain }: Pick<Helm, 'waits' | 'asksInVain'>): void {
  test(
    'installs, upgrades, rolls back and uninstalls a chart under a lease that fits it, every request on record',
    async () => {
      const lease = await playing.lease('releases-in-configmaps')
      await live('configmap', 'greeter')
      const seen = (await playing.stage.audit()).filter(event => event.lease === lease)
      const verbs = new Set(seen.map(({ verb }) => verb))
      expect(verbs).toEqual(new Set(['get', 'list', waits, 'create', 'patch', 'update', 'delete']))
      const elsewhere = seen.filter(({ object }) => !object.startsWith(`${app}/`) && !object.startsWith('/'))
      expect(elsewhere).toEqual([])
      expect(seen.filter(({ object }) => object.includes('secrets'))).toEqual([])
      await until('every one of them', async () => (await unrecorded(playing, [lease])).length === 0)
      expect(await denied(lease)).toEqual(asksInVain.map(what => `${what} ${app}`))
    },
    WITHIN,
  )

  test(
    'upgrades a chart that runs as an account of its own, where the template names it, and back',
    async () => {
      const account = ['create', 'serviceaccount', 'web', '-n', app]
      expect((await playing.edition.cluster.admin(account)).code).toBe(0)
      const asWeb = ['--set', 'account=web']
      await playing.lease('releases-in-configmaps')
      const refused = await helm('configmap', 'install', 'own', CHART, ...asWeb)
      expect(refused).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('runs pods as another service account'),
      })
      await playing.lease('releases-as-web')
      expect(await good('configmap', 'upgrade', '--install', 'own', CHART, ...asWeb, ...WAIT)).toContain('deployed')
      expect(await good('configmap', 'upgrade', 'own', CHART, ...asWeb, '--set', 'image=web:2', ...WAIT)).toContain(
        'STATUS: deployed',
      )
      expect(await ranIn('own')).toBe('web web:2')
      expect(await good('configmap', 'rollback', 'own', '1', ...WAIT)).toContain('Rollback was a success')
      expect(await ranIn('own')).toBe('web web:1')
      expect(await good('configmap', 'uninstall', 'own', ...WAIT)).toContain('uninstalled')
    },
    WITHIN,
  )

  test(
    'with its releases in Secrets wants a template that lets it read every Secret of the namespace',
    async () => {
      const lease = await playing.lease('releases-in-secrets')
      const install = ['install', 'keeper', CHART, '--set', 'password=not-a-real-one', ...WAIT]
      expect(await good('secret', ...install)).toContain('STATUS: deployed')
      expect(await good('secret', 'list', '-q')).toBe('keeper\n')
      expect(await good('secret', 'uninstall', 'keeper')).toContain('uninstalled')
      await until('every one of them', async () => (await unrecorded(playing, [lease])).length === 0)
      const db = await playing.stage.kubectl(['get', 'secret', 'db', '-n', app, '-o', 'name'])
      expect(db.stdout).toBe('secret/db\n')
    },
    WITHIN,
  )

  test(
    'without such a template waits for an approver at each look at its releases, and goes on after the yes',
    async () => {
      await playing.lease('releases-in-asked-secrets')
      const listing = helm('secret', 'list')
      const asked = await pendingApproval()
      expect(asked).toMatch(/^apr_/)
      expect((await answer(playing.stage, 'approver', 'approve', asked)).code).toBe(0)
      expect(await listing).toMatchObject({ code: 0, stderr: '' })
    },
    WITHIN,
  )
}

function refusals(): void {
  test(
    'is told what is missing when a chart goes beyond the lease',
    async () => {
      await playing.lease('releases-in-configmaps')
      const refused = await helm('configmap', 'install', 'beyond', CHART, '--set', 'password=not-a-real-one')
      expect(refused.code).toBe(1)
      expect(refused.stderr).toContain(`the lease does not grant get on secrets in namespace "${app}"`)
      const { foreign } = playing.edition.names
      const elsewhere = await helm('configmap', 'list', '--namespace', foreign)
      expect(elsewhere.code).toBe(1)
      expect(elsewhere.stderr).toContain(`the lease does not grant list on configmaps in namespace "${foreign}"`)
    },
    WITHIN,
  )

  test(
    'is told plainly when the lease ends under it, and has no access afterwards',
    async () => {
      const lease = await playing.lease('releases-in-configmaps')
      const args = ['install', 'stuck', CHART, '--set', 'node=nowhere', '--wait', '--timeout', '20s']
      const waiting = helm('configmap', ...args)
      await until(
        'the deployment',
        async () => (await playing.edition.cluster.admin(['get', 'deployment', 'stuck', '-n', app])).code === 0,
      )
      expect((await playing.leasegate('admin', 'lease', 'revoke', lease)).code).toBe(0)
      const revokedAt = performance.now()
      const cut = await waiting
      expect(performance.now() - revokedAt).toBeLessThan(stretched(5000))
      expect(cut.code).toBe(1)
      expect(cut.stderr).toContain('leasegate: the lease was revoked; ask for a new one: leasegate lease request')
      const after = await helm('configmap', 'list')
      expect(after.code).toBe(1)
      expect(after.stderr).toContain(`leasegate: lease ${lease} has ended (revoked); ask for a new one with:`)
    },
    WITHIN,
  )
}

async function pendingApproval(): Promise<string> {
  let found = ''
  await until('a question to an approver', async () => {
    const { stdout } = await playing.leasegate('approver', 'approvals', '-o', 'json')
    found = /apr_\w+/.exec(stdout)?.[0] ?? ''
    return found !== ''
  })
  return found
}
