import { describe, expect, test } from 'vitest'
import {
  containersIn,
  envOf,
  type Loose,
  named,
  objectsIn,
  podsIn,
  render,
  rendered,
  specOf,
  valuesOf,
} from './a-chart.ts'
import { envoyOf } from './envoy-of.ts'

const TAP = 'lg-leasegate-tap'

const volumesOf = (workload: Loose): Loose =>
  Object.fromEntries(specOf(workload).volumes.map(({ name, ...volume }: Loose) => [name, volume]))

/** Where this path of the tap's container lies: the mount that is nearest to it. */
function volumeAt(workload: Loose, path: string): string {
  const mounts: readonly Loose[] = specOf(workload).containers[0].volumeMounts
  const over = mounts.filter(({ mountPath }) => `${path}/`.startsWith(`${mountPath}/`))
  return over.toSorted((a, b) => b.mountPath.length - a.mountPath.length)[0]?.name ?? ''
}

describe('recording of sessions that nobody wants', () => {
  test('is nowhere: no listener, no port, no key', async () => {
    const text = await render(await valuesOf('minimal'))
    expect(text).not.toMatch(/recorder|RECORDER|9002|session-keys|LEASEGATE_SESSION/)
    expect(named(objectsIn(text), 'Deployment', TAP)).toBeDefined()
  })
})

test.each([
  ['sessions', 'recorded'],
  ['minimal', 'not-recorded'],
])('plans of the scenario %s say of sessions that they are %s, as Envoy has it', async (scenario, want) => {
  const objects = await rendered(scenario)
  const isAsked = envoyOf(objects).static_resources.clusters.some(({ name }: Loose) => name === 'recorder')
  expect(isAsked).toBe(want === 'recorded')
  expect(envOf(named(objects, 'Deployment', 'lg-leasegate-broker')).LEASEGATE_PLAN_SESSIONS).toBe(want)
})

describe('recording of sessions', () => {
  test('is asked by Envoy where the tap listens, each sure of the other, and by nobody else', async () => {
    const objects = await rendered('sessions')
    const envoy = envoyOf(objects)
    const { listeners, clusters } = envoy.static_resources
    expect(listeners.map(({ name }: Loose) => name)).toEqual(['boundary', 'broker', 'tunnel', 'recording'])
    const recorder = clusters.find(({ name }: Loose) => name === 'recorder')
    const [{ endpoint }] = recorder.load_assignment.endpoints[0].lb_endpoints
    const { address, port_value } = endpoint.address.socket_address
    const tap = named(objects, 'StatefulSet', TAP)
    const [container] = specOf(tap).containers
    const listens = container.ports.find(({ name }: Loose) => name === 'recorder').containerPort
    expect({ address, port_value }).toEqual({ address: `${TAP}.leasegate-system.svc`, port_value: listens })
    expect(envOf(tap).LEASEGATE_RECORDER_LISTEN).toBe(`[::]:${listens}`)
    expect(envOf(tap).LEASEGATE_TLS_CLIENT_NAME).toBe('envoy.leasegate.internal')
    expect(JSON.stringify(recorder.transport_socket)).toContain('"exact":"tap.leasegate.internal"')
    const { ingress } = named(objects, 'NetworkPolicy', TAP).spec
    const from = ingress.filter(({ ports }: Loose) => ports.some(({ port }: Loose) => port === 'recorder'))
    expect(from.map((rule: Loose) => rule.from)).toEqual([
      [{ podSelector: { matchLabels: expect.objectContaining({ 'app.kubernetes.io/component': 'envoy' }) } }],
    ])
    const others = objects.filter(
      ({ kind, metadata, spec }) =>
        kind === 'NetworkPolicy' && metadata.name !== TAP && JSON.stringify(spec).includes('recorder'),
    )
    expect(others.map(({ metadata }) => metadata.name)).toEqual(['lg-leasegate-envoy'])
  })

  test('is set as the values say', async () => {
    const tap = named(await rendered('sessions'), 'StatefulSet', TAP)
    expect(envOf(tap)).toMatchObject({
      LEASEGATE_SESSION_INPUTS: 'left-out',
      LEASEGATE_SESSIONS_SPOOL_MIB: '4096',
      LEASEGATE_RETENTION_SESSIONS: '14d',
      LEASEGATE_REDIS_REPLICAS: '1',
    })
  })

  test('gives each tap a volume that is its alone and outlives it', async () => {
    const tap = named(await rendered('sessions'), 'StatefulSet', TAP)
    const [{ metadata, spec }] = tap.spec.volumeClaimTemplates
    expect(volumeAt(tap, envOf(tap).LEASEGATE_SESSIONS_DIRECTORY)).toBe(metadata.name)
    expect(spec).toEqual({
      accessModes: ['ReadWriteOnce'],
      storageClassName: 'fast',
      resources: { requests: { storage: '10Gi' } },
    })
    // Of a volume itself: there may be lost+found in it.
    const at = specOf(tap).containers[0].volumeMounts.map(({ mountPath }: Loose) => mountPath)
    expect(at).not.toContain(envOf(tap).LEASEGATE_SESSIONS_DIRECTORY)
    expect(tap.spec).toMatchObject({ replicas: 2, serviceName: TAP, podManagementPolicy: 'Parallel' })
  })

  test('uses the disk of the node where that is wished: more of it than the spool may hold', async () => {
    const objects = await rendered('sessions', { sessions: { enabled: true, spool: { persistent: false, mib: 400 } } })
    const tap = named(objects, 'Deployment', TAP)
    const volume = volumeAt(tap, envOf(tap).LEASEGATE_SESSIONS_DIRECTORY)
    expect(volumesOf(tap)[volume]).toEqual({ emptyDir: { sizeLimit: '500Mi' } })
    expect(objects.filter(({ kind }) => kind === 'StatefulSet')).toEqual([])
  })

  test("lies beside the record on the volume of the one tap, where that one has the record's engine", async () => {
    const objects = await rendered('embedded', { sessions: { enabled: true } })
    const tap = named(objects, 'Deployment', TAP)
    const { persistentVolumeClaim } = volumesOf(tap)[volumeAt(tap, envOf(tap).LEASEGATE_SESSIONS_DIRECTORY)]
    expect(persistentVolumeClaim).toEqual({ claimName: TAP })
  })
})

describe('keys of recorded sessions', () => {
  const holders = (objects: readonly Loose[], secret: string) =>
    podsIn(objects)
      .filter(({ spec }) => JSON.stringify(spec.volumes ?? []).includes(`"${secret}"`))
      .map(({ name }) => name)
  const setupArgs = (objects: readonly Loose[]): readonly string[] => {
    const job = objects.find(({ kind, metadata }) => kind === 'Job' && /-setup-/.test(metadata.name))
    return containersIn(specOf(job))[0].args
  }
  const only = (args: readonly string[]) => args.slice(args.indexOf('--only') + 1)

  test('are made by the job where nobody names any, and only the taps get them', async () => {
    const objects = await rendered('minimal', { sessions: { enabled: true } })
    expect(only(setupArgs(objects))).toEqual(['certificates', 'keys', 'session-keys'])
    expect(holders(objects, 'lg-leasegate-session-keys')).toEqual([`StatefulSet/${TAP}`])
    const readers = objects.filter(
      ({ kind, rules }) => kind === 'Role' && JSON.stringify(rules).includes('lg-leasegate-session-keys'),
    )
    expect(readers.map(({ metadata }) => metadata.name)).toEqual(['lg-leasegate-setup'])
  })

  test('alone are made where certificates and the other keys are there', async () => {
    const values = { keys: { existingSecret: { name: 'signing' } }, sessions: { enabled: true } }
    expect(only(setupArgs(await rendered('existing-certificates', values)))).toEqual(['session-keys'])
  })

  test('are those of a Secret that is named: no job makes or reads it', async () => {
    const objects = await rendered('sessions')
    expect(setupArgs(objects)).not.toContain('--only')
    expect(holders(objects, 'leasegate-session-keys')).toEqual([`StatefulSet/${TAP}`])
    expect(JSON.stringify(objects.filter(({ kind }) => kind === 'Role'))).not.toContain('session-keys')
  })

  test('are in no Secret where a program has them', async () => {
    const objects = await rendered('minimal', { sessions: { enabled: true, keyCommand: '/keys/wrap' } })
    expect(setupArgs(objects)).not.toContain('--only')
    expect(JSON.stringify(objects)).not.toContain('session-keys')
    expect(envOf(named(objects, 'StatefulSet', TAP))).toMatchObject({ LEASEGATE_SESSION_KEY_COMMAND: '/keys/wrap' })
    expect(envOf(named(objects, 'StatefulSet', TAP))).not.toHaveProperty('LEASEGATE_SESSION_KEY_FILE')
  })
})
