import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { lintEnvoy } from '../../../envoy/lint/lint.ts'
import { run } from '../../../local/process/run.ts'
import { ensureToolchain } from '../../../local/toolchain/toolchain.ts'
import { createAuthority } from '../../../src/certificates/certificate.ts'
import { parsePolicy } from '../../../src/policy/load/policy-file.ts'
import {
  CHART,
  containersIn,
  helm,
  type Loose,
  NAMESPACE,
  objectsIn,
  podsIn,
  render,
  scenarios,
  valuesOf,
} from './a-chart.ts'
import { envoyFilesOf } from './envoy-of.ts'

/** Images of a scenario's own containers beside ours. */
const THEIRS = /^registry\.corp\.example\//
const OURS = /^([\w.-]+(:\d+)?\/)(leasegate\/leasegate|envoyproxy\/envoy|valkey\/valkey)[:@]/

/** Each version writes them down in an order of its own. */
const byName = (one: Loose, other: Loose) => nameOf(one).localeCompare(nameOf(other))
const nameOf = ({ kind, metadata }: Loose) => `${kind} ${metadata.namespace} ${metadata.name}`

const found = await scenarios()
let folder: string
let envoy: string

beforeAll(async () => {
  envoy = (await ensureToolchain(() => undefined)).envoy
  folder = await mkdtemp(join(tmpdir(), 'leasegate-envoy-'))
}, 600_000)
afterAll(() => rm(folder, { recursive: true, force: true }))

test('there is a scenario for each way to install it', () => {
  expect(found.length).toBeGreaterThanOrEqual(20)
})

describe.each(found)('$name', ({ name, file }) => {
  let text: string
  let objects: readonly Loose[]

  beforeAll(async () => {
    text = await render(await valuesOf(name))
    objects = objectsIn(text)
  })

  test('is good to Helm, and comes out the same the next time, of Helm 3', async () => {
    const linted = await helm(['lint', '--strict', CHART, '--values', file, '--kube-version', '1.36.0'])
    expect({ code: linted.code, said: linted.code === 0 ? '' : linted.stdout }).toEqual({ code: 0, said: '' })
    const next = objectsIn(await render(await valuesOf(name), { by: 3 }))
    expect(next.toSorted(byName)).toEqual(objects.toSorted(byName))
  })

  test('has a policy that the program takes', async () => {
    const map = objects.find(({ kind, metadata }) => kind === 'ConfigMap' && /-policy$/.test(metadata.name))
    const { policy, rbac } = await valuesOf(name)
    const text: string = map?.data['policy.yaml'] ?? stringify({ boundaryNamespace: NAMESPACE, ...rbac?.policy })
    if (policy.existingConfigMap !== undefined && rbac.create === false) expect(map).toBeUndefined()
    else expect(parsePolicy(text, 'policy.yaml')).toMatchObject({ kind: 'policy' })
  })

  test('names each object once', () => {
    const names = objects.map(({ kind, metadata }) => `${kind} ${metadata.namespace}/${metadata.name}`)
    expect(names.filter((each, index) => names.indexOf(each) !== index)).toEqual([])
  })

  test('uses images of ours, Envoy and, to try it out, Valkey, each with a version', () => {
    const images = podsIn(objects).flatMap(({ spec }) => containersIn(spec).map(({ image }) => image))
    expect(images.filter(image => !OURS.test(image) && !THEIRS.test(image))).toEqual([])
    expect(images.filter(image => /:latest$|:$/.test(image))).toEqual([])
    const values = JSON.stringify(objects.filter(({ kind }) => kind !== 'ConfigMap'))
    const isValkey = ({ kind, metadata }: Loose) => kind === 'StatefulSet' && /-valkey$/.test(metadata.name)
    expect(/valkey\/valkey/.test(values)).toBe(objects.some(isValkey))
  })

  test('gives no pod a token but for a purpose, and no container a secret in its environment or arguments', () => {
    for (const { name: pod, spec } of podsIn(objects)) {
      const asks = containersIn(spec).some(({ args = [] }) => args[0] === 'setup' || args.includes('--in-cluster'))
      expect({ pod, token: spec.automountServiceAccountToken ?? true }).toEqual({ pod, token: asks })
      for (const { env = [], args = [] } of containersIn(spec)) {
        expect(env.filter((each: Loose) => each.valueFrom?.secretKeyRef !== undefined)).toEqual([])
        expect(JSON.stringify([env, args])).not.toMatch(/BEGIN [A-Z ]*PRIVATE KEY|eyJ[\w-]{10,}|:\/\/[^/"]*:[^/"]*@/)
      }
    }
  })

  test('has nothing secret in a ConfigMap, and makes no Secret', () => {
    expect(objects.filter(({ kind }) => kind === 'Secret')).toEqual([])
    const maps = JSON.stringify(objects.filter(({ kind }) => kind === 'ConfigMap'))
    expect(maps).not.toMatch(/PRIVATE KEY|\\"d\\":|eyJ[\w-]{10,}/)
  })

  test('gives credentials of the cluster to Envoy and, to look and try for plans, to the broker: that one acts as no agent', async () => {
    const holders = podsIn(objects).filter(({ spec }) =>
      JSON.stringify(spec.volumes ?? []).includes('serviceAccountToken'),
    )
    const { policy, rbac, apiServer, broker } = await valuesOf(name)
    const asks = JSON.stringify([policy.inline, rbac?.policy]).includes('"cluster":true')
    const plans = apiServer?.host === undefined || apiServer.host.startsWith('kubernetes.default')
    const who = holders.map(({ name: pod }) => pod.replace(/^Deployment\/.*-/, ''))
    expect(who.toSorted()).toEqual([...(asks || plans ? ['broker'] : []), 'envoy'])
    const ofBroker = objects.filter(({ subjects = [] }) =>
      subjects.some(({ kind, name: account }: Loose) => kind === 'ServiceAccount' && /-broker$/.test(account)),
    )
    const isForPlans = ({ roleRef }: Loose) => /^leasegate:.*:planner(?::|$)/.test(roleRef.name)
    const others = ofBroker
      .filter(binding => !isForPlans(binding))
      .map(({ kind, roleRef }) => `${kind} ${roleRef.name}`)
    const reviews = broker?.tokenReview === true ? [`ClusterRoleBinding leasegate:${NAMESPACE}:token-review`] : []
    expect(others).toEqual(reviews)
    const roles = objects.filter(({ kind, metadata }) => kind === 'ClusterRole' && /:planner/.test(metadata.name))
    const users = roles.flatMap(({ rules }) => rules).filter(({ resources }: Loose) => resources?.includes('users'))
    for (const { resourceNames } of users) {
      expect(resourceNames.filter((user: string) => !user.startsWith('leasegate:plan:'))).toEqual([])
    }
  })

  test('has what Envoy is started with written before it starts, from settings, and by nothing that runs beside it', () => {
    const { spec } = podsIn(objects).find(({ name: pod }) => /^Deployment\/.*-envoy$/.test(pod)) ?? { spec: null }
    const mountsOf = (containers: readonly Loose[]) =>
      containers.flatMap(({ name: container, volumeMounts = [] }) =>
        volumeMounts.filter((each: Loose) => each.name === 'config').map((each: Loose) => ({ container, ...each })),
      )
    expect(mountsOf(spec.initContainers)).toEqual([{ container: 'config', name: 'config', mountPath: '/etc/envoy' }])
    expect(mountsOf(spec.containers)).toEqual([
      { container: 'envoy', name: 'config', mountPath: '/etc/envoy', readOnly: true },
    ])
    const [{ args }] = spec.initContainers
    expect(args).toEqual(['envoy', 'config', '--settings', '/etc/leasegate/envoy/settings.json', '--out', '/etc/envoy'])
  })

  test('has an Envoy configuration that Envoy takes and that keeps every promise', async () => {
    const files = envoyFilesOf(objects)
    expect(lintEnvoy(files['envoy.json'] ?? '')).toEqual([])
    const local = (given: string) => given.replaceAll(/"\/(etc|run|var)\//g, `"${join(folder, name)}/$1/`)
    for (const [file, given] of Object.entries(files)) await write(join('etc/envoy', file), local(given))
    const { certificate } = await createAuthority('any', 1)
    await write('etc/leasegate/parts/ca.crt', certificate)
    await write('etc/leasegate/api-server/ca.crt', certificate)
    const path = join(folder, name, 'etc/envoy/envoy.json')
    const { code, stderr } = await run(envoy, ['--mode', 'validate', '--config-path', path, '--log-level', 'error'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  })

  async function write(path: string, content: string): Promise<void> {
    const full = join(folder, name, path)
    await mkdir(join(full, '..'), { recursive: true })
    await writeFile(full, content)
  }
})
