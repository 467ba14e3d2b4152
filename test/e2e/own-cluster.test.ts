import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { leasegate } from '../../local/edition/leasegate.ts'
import { freePort } from '../../local/process/ports.ts'
import { run } from '../../local/process/run.ts'
import { type EnvtestCluster, startEnvtest } from '../support/envtest.ts'
import { until } from '../support/until.ts'
import { start, startUp, type Up } from './own-start.ts'

const MODES = [
  { name: 'constrained impersonation', flags: [], mode: 'constrained' },
  {
    name: 'constrained impersonation switched off',
    flags: ['feature-gates=ConstrainedImpersonation=false'],
    mode: 'legacy',
  },
]

interface Kubeconfig {
  clusters: { cluster: Record<string, string> }[]
  users: { user: Record<string, unknown> }[]
}

describe.each(MODES)('in front of somebody’s own cluster, with $name', ({ flags, mode }) => {
  let cluster: EnvtestCluster
  let home: string
  let env: Readonly<Record<string, string>>
  /** An exec plugin's output, with the administrator's certificate in it. */
  let plugin: string
  let secrets: readonly string[]
  let before: readonly string[]

  beforeAll(async () => {
    cluster = await startEnvtest(flags)
    home = await mkdtemp(join(tmpdir(), 'lg-own-'))
    env = { XDG_STATE_HOME: join(home, 'state'), CLOUD_SECRET: 'secret-of-a-cloud', KUBECONFIG: cluster.kubeconfig }
    await cluster.kubectl(['create', 'serviceaccount', 'trial-agent'])
    await cluster.kubectl(['create', 'serviceaccount', 'platform', '-n', 'kube-system'])
    await cluster.kubectl([
      'create',
      'clusterrolebinding',
      'platform',
      '--clusterrole=cluster-admin',
      '--serviceaccount=kube-system:platform',
    ])
    const token = await cluster.kubectl(['create', 'token', 'platform', '-n', 'kube-system'])
    plugin = await writeForms(token)
    secrets = [...(await credentials()), token, 'secret-of-a-cloud']
    before = await objects()
  })
  afterAll(async () => {
    await cluster.stop()
    await rm(home, { recursive: true, force: true })
  })

  const kubeconfig = (form: string) => join(home, `${form}.kubeconfig`)

  /** The administrator's kubeconfig in the forms that there are; the exec plugin's. */
  async function writeForms(token: string): Promise<string> {
    const admin = async () => parse(await readFile(cluster.kubeconfig, 'utf8')) as Kubeconfig
    const write = async (form: string, change: (config: Kubeconfig) => void) => {
      const config = await admin()
      change(config)
      await writeFile(kubeconfig(form), stringify(config))
    }
    const userOf = (config: Kubeconfig) => config.users[0] ?? { user: {} }
    const clusterOf = (config: Kubeconfig) => config.clusters[0]?.cluster ?? {}
    const { user } = userOf(await admin())
    const certificate = {
      clientCertificateData: Buffer.from(`${user['client-certificate-data']}`, 'base64').toString(),
      clientKeyData: Buffer.from(`${user['client-key-data']}`, 'base64').toString(),
    }
    const file = join(home, 'plugin')
    const credential = { apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status: certificate }
    await writeFile(file, `#!/bin/sh\ncat <<'END'\n${JSON.stringify(credential)}\nEND\n`)
    await chmod(file, 0o700)
    await write('certificate', () => undefined)
    await write('token', config => {
      userOf(config).user = { token }
    })
    await write('exec', config => {
      const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: './plugin', interactiveMode: 'Never' }
      userOf(config).user = { exec }
    })
    await write('server-name', config => {
      const it = clusterOf(config)
      it['server'] = `${it['server']}`.replace('127.0.0.1', 'localhost')
      it['tls-server-name'] = '127.0.0.1'
    })
    await write('unreachable', config => {
      clusterOf(config)['server'] = 'https://127.0.0.1:1'
    })
    await write('prefix', config => {
      clusterOf(config)['server'] = 'https://gateway.example/k8s/clusters/c-1'
    })
    await write('stranger', config => {
      userOf(config).user = { token: 'not-a-token' }
    })
    return file
  }

  /** Lines of key material that would show if the administrator's credential lay anywhere. */
  async function credentials(): Promise<readonly string[]> {
    const config = parse(await readFile(cluster.kubeconfig, 'utf8')) as Kubeconfig
    const key = `${config.users[0]?.user['client-key-data']}`
    const [, line = key] = Buffer.from(key, 'base64').toString().split('\n')
    return [key.slice(0, 60), line]
  }

  /** Every object there is, but for those that the cluster itself makes and drops all the time. */
  async function objects(): Promise<readonly string[]> {
    const kinds = async (namespaced: boolean) => {
      const found = await cluster.kubectl(['api-resources', '--verbs=list', `--namespaced=${namespaced}`, '-o', 'name'])
      return found
        .split('\n')
        .filter(kind => !/^(?:events|leases|componentstatuses)\b/.test(kind))
        .join(',')
    }
    const columns = [
      '-o',
      'custom-columns=K:.kind,N:.metadata.namespace,A:.metadata.name,U:.metadata.uid',
      '--no-headers',
    ]
    const all = [
      await cluster.kubectl(['get', await kinds(false), ...columns]),
      await cluster.kubectl(['get', await kinds(true), '--all-namespaces', ...columns]),
    ]
    return all
      .flatMap(text => text.split('\n').map(line => line.trim().replace(/\s+/g, ' ')))
      .filter(line => line !== '')
      .sort()
  }

  describe('without --apply', () => {
    test.each(['certificate', 'token', 'exec', 'server-name'])(
      'shows what it would create, with a kubeconfig of the form %s',
      async form => {
        const shown = await start(['--kubeconfig', kubeconfig(form)], env)
        expect(shown).toMatchObject({ code: 0, stderr: '' })
        expect(shown.stdout).toContain(`${mode} impersonation`)
        expect(shown.stdout).toContain(`npm start -- --kubeconfig ${kubeconfig(form)} --apply`)
        const kinds = shown.stdout
          .split('---\n')
          .slice(1)
          .map(text => parse(text).kind)
        expect(kinds).toEqual(
          expect.arrayContaining(['Namespace', 'ServiceAccount', 'ClusterRole', 'ClusterRoleBinding']),
        )
      },
    )

    test('shows exactly what policy rbac prints, beside a namespace and an account', async () => {
      const shown = await start(['--kubeconfig', kubeconfig('certificate')], env)
      const [, policy = ''] = /policy: (\S+)/.exec(shown.stdout) ?? []
      const account = 'leasegate-system/leasegate-boundary'
      const printed = await leasegate(['policy', 'rbac', policy, '--mode', mode, '--account', account], {})
      const documents = (text: string) => text.split('---\n').map(each => parse(each))
      const granted = documents(shown.stdout).filter(each => each?.kind?.includes('Role'))
      const unmarked = granted.map(({ metadata: { labels, ...metadata }, ...rest }) => {
        const { 'leasegate.dev/created-by': _, ...others } = labels
        return { ...rest, metadata: { ...metadata, labels: others } }
      })
      expect(unmarked).toEqual(documents(printed.stdout))
    })

    test('changes nothing in the cluster', async () => {
      expect(await objects()).toEqual(before)
    })
  })

  describe('mistakes', () => {
    test.each([
      {
        name: 'no such kubeconfig',
        args: () => ['--kubeconfig', '/nowhere/config'],
        says: 'there is no kubeconfig /nowhere/config',
      },
      {
        name: 'no such context',
        args: () => ['--kubeconfig', kubeconfig('token'), '--context', 'nope'],
        says: 'has no context nope; it has envtest',
      },
      {
        name: 'a cluster that is away',
        args: () => ['--kubeconfig', kubeconfig('unreachable')],
        says: 'the cluster of context envtest (https://127.0.0.1:1) does not answer',
      },
      {
        name: 'a server behind a path',
        args: () => ['--kubeconfig', kubeconfig('prefix')],
        says: 'only https://HOST:PORT can be used',
      },
      {
        name: 'a credential that is none',
        args: () => ['--kubeconfig', kubeconfig('stranger')],
        says: 'does not answer',
      },
      {
        name: 'both ways at once',
        args: () => ['--kubeconfig', kubeconfig('token'), '--apply', '--teardown'],
        says: '--apply and --teardown are opposites',
      },
      { name: 'no kubeconfig', args: () => ['--apply'], says: '--apply goes with --kubeconfig FILE' },
      {
        name: 'no such policy file',
        args: () => ['--kubeconfig', kubeconfig('token'), '--policy', '/nowhere/policy.yaml'],
        says: 'there is no policy file /nowhere/policy.yaml',
      },
    ])('$name: one sentence', async ({ args, says }) => {
      const { code, stderr } = await start(args(), env)
      expect(code).toBe(1)
      expect(stderr).toContain(says)
      expect(stderr.trim().split('\n')).toHaveLength(1)
    })

    test('a user who may not grant that: says so, and changes nothing', async () => {
      const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: 'half' } }
      const rules = [
        { apiGroups: ['*'], resources: ['*'], verbs: ['get', 'list', 'watch'] },
        { apiGroups: ['rbac.authorization.k8s.io', ''], resources: ['*'], verbs: ['create', 'patch'] },
        { nonResourceURLs: ['*'], verbs: ['get'] },
      ]
      await cluster.kubectl(['create', '-f', '-'], JSON.stringify({ ...role, rules }))
      await cluster.kubectl(['create', 'clusterrolebinding', 'half', '--clusterrole=half', '--user=half'])
      const config = parse(await readFile(cluster.kubeconfig, 'utf8')) as Kubeconfig
      for (const each of config.users) each.user = { ...each.user, as: 'half' }
      await writeFile(kubeconfig('half'), stringify(config))
      const withIt = await objects()
      const tried = await start(['--kubeconfig', kubeconfig('half'), '--apply', ...(await ports())], env)
      expect(tried.code).toBe(1)
      expect(tried.stderr).toMatch(
        /^leasegate: nothing was changed, the kubeconfig's user lacks rights: .*not currently held/,
      )
      expect(await objects()).toEqual(withIt)
      await cluster.kubectl(['delete', 'clusterrole,clusterrolebinding', 'half'])
    })

    test('a port that is taken is named before anything is changed', async () => {
      const taken = await listening()
      const port = `${(taken.address() as { readonly port: number }).port}`
      const { code, stderr } = await start(['--kubeconfig', kubeconfig('token'), '--apply', '--port', port], env)
      await new Promise(resolve => taken.close(resolve))
      expect({ code, stderr }).toMatchObject({
        code: 1,
        stderr: expect.stringContaining(`port ${port} (boundary) is in use`),
      })
      expect(await objects()).toEqual(before)
    })

    test('somebody else’s role of the same name is not taken over, nor removed', async () => {
      await cluster.kubectl(['create', 'clusterrole', 'leasegate:boundary', '--verb=get', '--resource=pods'])
      const withIt = await objects()
      const applied = await start(['--kubeconfig', kubeconfig('token'), '--apply', ...(await ports())], env)
      expect(applied).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('already has ClusterRole leasegate:boundary'),
      })
      const removed = await start(['--kubeconfig', kubeconfig('token'), '--teardown'], env)
      expect(removed).toMatchObject({ code: 0, stdout: expect.stringContaining('nothing that this command created') })
      expect(await objects()).toEqual(withIt)
      await cluster.kubectl(['delete', 'clusterrole', 'leasegate:boundary'])
    })
  })

  describe('with --apply', () => {
    let up: Up
    let folder: string
    let agent: Readonly<Record<string, string>>

    beforeAll(async () => {
      const form = mode === 'legacy' ? 'exec' : 'certificate'
      up = await startUp(['--kubeconfig', kubeconfig(form), '--apply', ...(await ports())], env)
      const [, file = ''] = /^ +\. (\S+\/trial-agent\.env)$/m.exec(up.output()) ?? []
      folder = dirname(file)
      agent = await readEnvironment(file)
      const asked = await leasegate(
        ['lease', 'request', '--template', 'look-around', '--namespace', 'default', '--reason', 'try it', '-o', 'json'],
        agent,
      )
      const { id } = JSON.parse(asked.stdout) as { readonly id: string }
      await leasegate(['kubeconfig', '--lease', id, '--out', `${agent['KUBECONFIG']}`], agent)
    })
    afterAll(async () => {
      await up.stop()
    })

    const kubectl = (...args: readonly string[]) => run(cluster.toolchain.kubectl, args, { env: agent })

    test('plain kubectl does what the lease allows', async () => {
      expect(await kubectl('get', 'pods', '-n', 'default')).toMatchObject({ code: 0 })
      expect(await kubectl('get', 'configmaps', '-n', 'default', '-o', 'name')).toMatchObject({
        code: 0,
        stdout: 'configmap/kube-root-ca.crt\n',
      })
    })

    test('what it does not allow is refused by the boundary, and what the cluster did not grant by the cluster', async () => {
      const { code, stderr } = await kubectl('delete', 'namespace', 'default')
      expect({ code, stderr }).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('leasegate: outside the scope'),
      })
      const { stdout } = await run(cluster.toolchain.kubectl, [
        'auth',
        'can-i',
        '--list',
        '--kubeconfig',
        cluster.kubeconfig,
        '--as=system:serviceaccount:leasegate-system:leasegate-boundary',
      ])
      expect(stdout).not.toMatch(/^secrets|^\*\.\*/m)
    })

    test('the record has a row for each', async () => {
      const admin = await readEnvironment(join(folder, 'admin.env'))
      const query = 'SELECT verb, resource, decision, status FROM requests'
      await until('the rows', async () => {
        const { stdout } = await leasegate(['sql', query, '-o', 'json'], admin)
        const rows = JSON.parse(stdout || '[]') as readonly Readonly<Record<string, unknown>>[]
        const has = (verb: string, resource: string, decision: string) =>
          rows.some(row => row['verb'] === verb && row['resource'] === resource && row['decision'] === decision)
        return has('list', 'pods', 'allow') && has('delete', 'namespaces', 'deny')
      })
    })

    test('the administrator’s credential is in no file, argument or environment that Envoy has', async () => {
      const envoy = await processOf('envoy', folder)
      const seen = [
        await readFile(`/proc/${envoy}/cmdline`, 'latin1'),
        await readFile(`/proc/${envoy}/environ`, 'latin1'),
        ...(await filesIn(folder)),
      ]
      // Otherwise nothing would be looked at.
      expect(seen.join('')).toContain('--use-dynamic-base-id')
      expect(seen.some(text => text.includes('Impersonate'.toLowerCase()))).toBe(true)
      for (const secret of secrets) expect(seen.filter(text => text.includes(secret))).toEqual([])
      expect(seen.slice(0, 2).join('')).not.toContain(plugin)
      expect(seen.slice(0, 2).join('')).not.toContain('kubeconfig')
    })

    test('started again it finds its own, and it stays when the boundary ends', async () => {
      const withIt = await objects()
      const shown = await start(['--kubeconfig', kubeconfig('token')], env)
      expect(shown).toMatchObject({ code: 0, stdout: expect.not.stringContaining('in the way') })
      expect(await up.stop()).toBe(0)
      expect(await objects()).toEqual(withIt)
    })

    test('--teardown keeps a namespace that holds what others put there, and says so', async () => {
      await cluster.kubectl(['create', 'configmap', 'mine', '-n', 'leasegate-system'])
      const removed = await start(['--kubeconfig', kubeconfig('token'), '--teardown'], env)
      expect(removed).toMatchObject({
        code: 1,
        stdout: expect.stringContaining('kept Namespace leasegate-system: it holds configmap/mine'),
      })
      expect(removed.stdout).toContain('removed ClusterRoleBinding leasegate:boundary\n')
      await cluster.kubectl(['delete', 'configmap', 'mine', '-n', 'leasegate-system'])
    })

    test('--teardown leaves the cluster as it was', async () => {
      const removed = await start(['--kubeconfig', kubeconfig('token'), '--teardown'], env)
      expect(removed).toMatchObject({ code: 0, stdout: 'removed Namespace leasegate-system\n' })
      expect(await objects()).toEqual(before)
    })
  })
})

async function ports(): Promise<readonly string[]> {
  return ['--port', `${await freePort()}`, '--broker-port', `${await freePort()}`]
}

async function listening(): Promise<Server> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return server
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
    entries.filter(each => each.isFile()).map(each => readFile(join(each.parentPath, each.name), 'latin1')),
  )
}
