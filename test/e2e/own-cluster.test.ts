import { readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { leasegate } from '../../local/edition/leasegate.ts'
import { run } from '../../local/process/run.ts'
import { anOwnCluster, type OwnCluster, ports } from '../support/cluster/an-own-cluster.ts'
import { start, startUp, type Up } from '../support/cluster/own-start.ts'
import { readUnlessGone } from '../support/read-unless-gone.ts'
import { until } from '../support/until.ts'

const ACCOUNT = 'leasegate-system/leasegate-boundary'
const PLANNER = 'leasegate-system/leasegate-planner'
const MODES = [
  { name: 'constrained impersonation', mode: 'constrained', flags: [] },
  { name: 'it switched off', mode: 'legacy', flags: ['feature-gates=ConstrainedImpersonation=false'] },
]

describe.each(MODES)('in front of somebody’s own cluster, with $name', ({ flags, mode }) => {
  let own: OwnCluster
  /** A kubeconfig as people have them: with a client certificate, or with a plugin that hands one out. */
  let kubeconfig: string
  let before: readonly string[]
  let shown: string
  let up: Up
  let folder: string
  let agent: Readonly<Record<string, string>>

  beforeAll(async () => {
    own = await anOwnCluster(flags)
    kubeconfig = mode === 'legacy' ? await own.withPlugin() : await own.kubeconfig()
    before = await own.objects()
    shown = (await start(['--kubeconfig', kubeconfig], own.env)).stdout
  })
  afterAll(async () => {
    await up?.stop()
    await own.stop()
  })

  const kubectl = (...args: readonly string[]) => run(own.cluster.toolchain.kubectl, args, { env: agent })
  const teardown = () => start(['--kubeconfig', kubeconfig, '--teardown'], own.env)

  test('it shows a namespace, an account and exactly what policy rbac prints, and how to go on', async () => {
    const [, policy = ''] = /policy: (\S+),/.exec(shown) ?? []
    const accounts = ['--account', ACCOUNT, '--planner', PLANNER]
    const printed = await leasegate(['policy', 'rbac', policy, '--mode', mode, ...accounts], {})
    const [namespace, account, planner, ...granted] = documents(shown)
    expect([namespace?.kind, account?.kind, planner?.kind]).toEqual(['Namespace', 'ServiceAccount', 'ServiceAccount'])
    expect(granted.map(withoutMark)).toEqual(documents(printed.stdout))
    expect(shown).toContain(`npm start -- --kubeconfig ${kubeconfig} --apply`)
    expect(await own.objects()).toEqual(before)
  })

  test('with --apply an agent takes a lease, and plain kubectl does what it allows', async () => {
    up = await startUp(['--kubeconfig', kubeconfig, '--apply', ...(await ports())], own.env)
    const [, file = ''] = /^ +\. (\S+\/trial-agent\.env)$/m.exec(up.output()) ?? []
    folder = dirname(file)
    agent = await readEnvironment(file)
    const wanted = ['--template', 'look-around', '--namespace', 'default', '--reason', 'try it']
    const asked = await leasegate(['lease', 'request', ...wanted, '-o', 'json'], agent)
    const { id } = JSON.parse(asked.stdout) as { readonly id: string }
    await leasegate(['kubeconfig', '--lease', id, '--out', `${agent['KUBECONFIG']}`], agent)
    expect(await kubectl('get', 'pods', '-n', 'default')).toMatchObject({ code: 0 })
    const configMaps = await kubectl('get', 'configmaps', '-n', 'default', '-o', 'name')
    expect(configMaps).toMatchObject({ code: 0, stdout: 'configmap/kube-root-ca.crt\n' })
  })

  test('what the lease does not allow is refused by the boundary', async () => {
    const { code, stderr } = await kubectl('delete', 'namespace', 'default')
    expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining('leasegate: outside the scope') })
  })

  test('the cluster itself refuses to leases what its admission policies say, whatever RBAC would let them do', async () => {
    const groups = ['leasegate:agents', 'leasegate:task:restart', 'system:masters'].map(group => `--as-group=${group}`)
    const as = ['--kubeconfig', own.cluster.kubeconfig, '--as=leasegate:trial-agent', ...groups]
    const make = (spec: object) => {
      const overrides = JSON.stringify({ spec: { containers: [{ name: 'x', image: 'x' }], ...spec } })
      return run(own.cluster.toolchain.kubectl, [
        ...[...as, 'run', 'x', '--image=x', '-n', 'default', '--dry-run=server', `--overrides=${overrides}`],
      ])
    }
    await until('a pod on the host to be refused', async () =>
      (await make({ hostPID: true })).stderr.includes("share the host's namespaces"),
    )
    expect(await make({})).toMatchObject({ code: 0 })
  })

  test('the account can do nothing by itself', async () => {
    const as = '--as=system:serviceaccount:leasegate-system:leasegate-boundary'
    for (const what of [
      ['list', 'pods'],
      ['get', 'secrets'],
      ['create', 'serviceaccounts/token'],
    ]) {
      const { stdout } = await run(own.cluster.toolchain.kubectl, [
        ...['--kubeconfig', own.cluster.kubeconfig, as, 'auth', 'can-i', '-n', 'default'],
        ...what,
      ])
      expect(stdout).toBe('no\n')
    }
  })

  test('the record has a row for each', async () => {
    const admin = await readEnvironment(join(folder, 'admin.env'))
    const query = 'SELECT verb, resource, decision FROM requests'
    await until('the rows', async () => {
      const { stdout } = await leasegate(['sql', query, '-o', 'json'], admin)
      const rows = (JSON.parse(stdout || '[]') as object[]).map(row => Object.values(row).join(' '))
      return rows.includes('list pods allow') && rows.includes('delete namespaces deny')
    })
  })

  test('the administrator’s credential is in no file, argument or environment that Envoy has', async () => {
    const envoy = await processOf('envoy', folder)
    const [argv, environ] = [
      await readFile(`/proc/${envoy}/cmdline`, 'latin1'),
      await readFile(`/proc/${envoy}/environ`, 'latin1'),
    ]
    const files = await filesIn(folder)
    // Otherwise nothing would have been looked at.
    expect([argv, ...files]).toEqual(expect.arrayContaining([expect.stringContaining(join(folder, 'envoy.json'))]))
    expect(files.filter(text => text.includes('"apiVersion"') || text.includes('api_server'))).not.toEqual([])
    for (const secret of own.secrets)
      expect([argv, environ, ...files].filter(text => text.includes(secret))).toEqual([])
    expect(argv + environ).not.toContain('kubeconfig')
  })

  // Nothing of this asks how the server impersonates.
  if (mode === 'constrained') {
    test('it stays in the cluster when the boundary ends, and is known again as its own', async () => {
      const withIt = await own.objects()
      expect(await up.stop()).toBe(0)
      expect((await start(['--kubeconfig', kubeconfig], own.env)).stdout).not.toContain('in the way')
      expect(await own.objects()).toEqual(withIt)
    })

    test('--teardown keeps a namespace that holds what others put there, and says so', async () => {
      await own.cluster.kubectl(['create', 'configmap', 'mine', '-n', 'leasegate-system'])
      const { code, stdout } = await teardown()
      await own.cluster.kubectl(['delete', 'configmap', 'mine', '-n', 'leasegate-system'])
      expect(code).toBe(1)
      expect(stdout).toContain('removed ClusterRoleBinding leasegate:leasegate-system:boundary\n')
      expect(stdout).toContain('kept Namespace leasegate-system: it holds configmap/mine')
    })
  }

  test('--teardown leaves the cluster as it was', async () => {
    expect(await teardown()).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/removed Namespace leasegate-system\n$/),
    })
    expect(await own.objects()).toEqual(before)
  })
})

interface Shown {
  readonly kind: string
  readonly metadata: { readonly labels: Readonly<Record<string, string>> }
}

function documents(text: string): readonly Shown[] {
  return text
    .split('---\n')
    .map(each => parse(each) as Shown | null)
    .filter(each => each !== null)
}

function withoutMark(object: Shown): Shown {
  const { 'leasegate.dev/created-by': _, ...labels } = object.metadata.labels
  return { ...object, metadata: { ...object.metadata, labels } }
}

async function readEnvironment(file: string): Promise<Readonly<Record<string, string>>> {
  const found = (await readFile(file, 'utf8')).matchAll(/^export (\w+)='(.*)'$/gm)
  return Object.fromEntries([...found].map(([, name = '', value = '']) => [name, value]))
}

async function processOf(program: string, folder: string): Promise<string> {
  for (const pid of (await readdir('/proc')).filter(name => /^\d+$/.test(name))) {
    const [command = '', ...args] = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0')
    if (command.endsWith(`/${program}`) && args.some(arg => arg.startsWith(folder))) return pid
  }
  throw new Error(`no ${program} runs for ${folder}`)
}

async function filesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return Promise.all(
    entries.filter(each => each.isFile()).map(each => readUnlessGone(join(each.parentPath, each.name))),
  )
}
