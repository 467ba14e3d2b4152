import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Ran, run } from '../../local/process/run.ts'
import { ensureHelm } from '../../local/toolchain/helm.ts'
import type { TestEdition } from '../e2e/an-edition.ts'
import { until } from '../support/until.ts'
import { aClientsEdition, unrecorded } from './a-clients-edition.ts'

const CHART = join(import.meta.dirname, 'chart')
const WITHIN = 60_000

let playing: TestEdition
let program: string
let app: string

beforeAll(async () => {
  program = await ensureHelm(() => undefined)
  playing = await aClientsEdition(app => [
    inConfigMaps(app),
    inSecrets(app, 'releases-in-secrets', ['secrets-get', 'secrets-list']),
    inSecrets(app, 'releases-in-asked-secrets', []),
  ])
  app = playing.edition.names.app
}, 600_000)
afterAll(() => playing.stop())

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
  return { name: 'releases-in-configmaps', namespaces: [app], rules: OBJECTS, maxTtl: '30m', maxLeases: 3 }
}

/** Releases are Secrets, as Helm has it by default: whoever reads one of them can read every Secret of the namespace. */
function inSecrets(app: string, name: string, skip: readonly string[]) {
  const secrets = {
    verbs: ['get', 'list', 'create', 'update', 'patch', 'delete'],
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
  return run(program, [...args, '--namespace', app], { env })
}

async function good(driver: 'configmap' | 'secret', ...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await helm(driver, ...args)
  expect(stderr).toBe('')
  expect(code).toBe(0)
  return stdout
}

async function replicasOf(name: string): Promise<string> {
  const path = 'jsonpath={.status.readyReplicas}'
  return (await playing.edition.cluster.admin(['get', 'deployment', name, '-n', app, '-o', path])).stdout
}

/** The life of a release, with nothing but plain helm. */
async function live(driver: 'configmap' | 'secret', name: string, ...values: readonly string[]): Promise<void> {
  const wait = ['--wait', '--timeout', '30s', ...values]
  expect(await good(driver, 'install', name, CHART, ...wait)).toContain('STATUS: deployed')
  expect(await replicasOf(name)).toBe('1')
  expect(await good(driver, 'upgrade', name, CHART, '--set', 'replicas=2', ...wait)).toContain('REVISION: 2')
  expect(await replicasOf(name)).toBe('2')
  expect(await good(driver, 'list')).toMatch(new RegExp(`^${name}\\s.*\\s2\\s.*deployed`, 'm'))
  expect(await good(driver, 'rollback', name, '1', '--wait', '--timeout', '30s')).toContain('Rollback was a success')
  expect(await replicasOf(name)).toBe('1')
  expect(JSON.parse(await good(driver, 'history', name, '-o', 'json'))).toHaveLength(3)
  expect(await good(driver, 'uninstall', name, '--wait', '--timeout', '30s')).toContain('uninstalled')
  expect(await good(driver, 'list', '-q')).toBe('')
}

describe('helm', () => {
  test(
    'installs, upgrades, rolls back and uninstalls a chart under a lease that fits it, every request on record',
    async () => {
      const lease = await playing.lease('releases-in-configmaps')
      await live('configmap', 'greeter')
      const seen = (await playing.stage.audit()).filter(event => event.lease === lease)
      expect(new Set(seen.map(({ verb }) => verb))).toEqual(
        new Set(['get', 'list', 'watch', 'create', 'patch', 'update', 'delete']),
      )
      expect(seen.filter(({ object }) => object.includes('secrets'))).toEqual([])
      await until('every one of them', async () => (await unrecorded(playing, [lease])).length === 0)
    },
    WITHIN,
  )
})
