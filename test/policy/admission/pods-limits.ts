import { beforeAll, describe, expect, test } from 'vitest'
import { podSecurityFixtures } from '../pods/pod-security-fixtures.ts'
import { SHOP } from './a-judged-cluster.ts'
import { world } from './the-judged-cluster.ts'

const fixtures = await podSecurityFixtures()

interface Made {
  readonly pod?: object
  readonly container?: object
  readonly annotations?: Readonly<Record<string, string>>
}

function pod({ pod = {}, container = {}, annotations = {} }: Made): object {
  const containers = [{ name: 'c', image: 'x', ...container }]
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x', annotations }, spec: { containers, ...pod } }
}

const create = async (template: string, made: Made) =>
  (await world.leased(template).post(`/api/v1/namespaces/${SHOP}/pods?dryRun=All`, pod(made))).said

const secured = (securityContext: object): Made => ({ container: { securityContext } })
const probing = (probe: object): Made => ({ container: { livenessProbe: probe } })
const projected = (...sources: readonly object[]): Made => ({
  pod: { volumes: [{ name: 'v', projected: { sources } }] },
})
const volume = (source: object): Made => ({ pod: { volumes: [{ name: 'v', ...source }] } })

describe('a pod that a lease makes', () => {
  test.each<{ name: string; made: Made; says: RegExp }>([
    { name: 'the network of the host', made: { pod: { hostNetwork: true } }, says: /share the host's namespaces/ },
    { name: 'the processes of the host', made: { pod: { hostPID: true } }, says: /share the host's namespaces/ },
    { name: 'the IPC of the host', made: { pod: { hostIPC: true } }, says: /share the host's namespaces/ },
    { name: 'all privileges', made: secured({ privileged: true }), says: /are privileged/ },
    {
      name: 'a process of a Windows host',
      made: { pod: { hostNetwork: true, securityContext: { windowsOptions: { hostProcess: true } } } },
      says: /process of the host|share the host/,
    },
    { name: 'a capability', made: secured({ capabilities: { add: ['SYS_ADMIN'] } }), says: /add capabilities/ },
    { name: 'all capabilities', made: secured({ capabilities: { add: ['ALL'] } }), says: /add capabilities/ },
    {
      name: 'a capability beside a harmless one',
      made: secured({ capabilities: { add: ['CHOWN', 'NET_RAW'] } }),
      says: /add capabilities/,
    },
    {
      name: 'no seccomp profile',
      made: secured({ seccompProfile: { type: 'Unconfined' } }),
      says: /seccomp or AppArmor profile off/,
    },
    {
      name: 'no AppArmor profile',
      made: secured({ appArmorProfile: { type: 'Unconfined' } }),
      says: /seccomp or AppArmor profile off/,
    },
    {
      name: 'no AppArmor profile, by an annotation',
      made: { annotations: { 'container.apparmor.security.beta.kubernetes.io/c': 'unconfined' } },
      says: /seccomp or AppArmor profile off|by an annotation/,
    },
    { name: 'an SELinux type', made: secured({ seLinuxOptions: { type: 'spc_t' } }), says: /SELinux label/ },
    { name: 'an SELinux user', made: secured({ seLinuxOptions: { user: 'root' } }), says: /SELinux label/ },
    { name: 'an SELinux role', made: secured({ seLinuxOptions: { role: 'sysadm_r' } }), says: /SELinux label/ },
    {
      name: 'a sysctl',
      made: { pod: { securityContext: { sysctls: [{ name: 'kernel.msgmax', value: '1' }] } } },
      says: /set sysctls/,
    },
    { name: 'a folder of the host', made: volume({ hostPath: { path: '/' } }), says: /mount what is on the host/ },
    { name: 'a driver of its own', made: volume({ csi: { driver: 'x.example' } }), says: /mount what is on the host/ },
    { name: 'a flexVolume', made: volume({ flexVolume: { driver: 'a/b' } }), says: /mount what is on the host/ },
    { name: 'an NFS share', made: volume({ nfs: { server: 's', path: '/' } }), says: /mount what is on the host/ },
    {
      name: 'a port of the host',
      made: { container: { ports: [{ containerPort: 22, hostPort: 22 }] } },
      says: /ports of the host/,
    },
    {
      name: 'a probe of an address',
      made: probing({ httpGet: { host: '169.254.169.254', port: 80 } }),
      says: /connect to an address/,
    },
    {
      name: 'a probe of a port elsewhere',
      made: probing({ tcpSocket: { host: '10.0.0.1', port: 22 } }),
      says: /connect to an address/,
    },
    {
      name: 'a hook that calls an address',
      made: { container: { lifecycle: { postStart: { httpGet: { host: '127.0.0.1', port: 10255 } } } } },
      says: /connect to an address/,
    },
    { name: 'a node', made: { pod: { nodeName: 'node-0' } }, says: /name their node/ },
    {
      name: 'what a static pod has',
      made: { pod: { nodeName: 'node-0' }, annotations: { 'kubernetes.io/config.mirror': 'x' } },
      says: /name their node/,
    },
    {
      name: 'privileges in a container before',
      made: { pod: { initContainers: [{ name: 'i', image: 'x', securityContext: { privileged: true } }] } },
      says: /are privileged/,
    },
  ])('gets no $name, unless the template names pod-host', async ({ made, says }) => {
    expect(await create('write', made)).toMatch(says)
    // Where the API server has a reason of its own, it is another one.
    expect(await create('on-host', made)).not.toMatch(/leased identities/)
  })

  test.each<{ name: string; made: Made }>([
    { name: 'nothing special', made: {} },
    { name: 'harmless capabilities', made: secured({ capabilities: { add: ['NET_BIND_SERVICE'], drop: ['ALL'] } }) },
    {
      name: 'profiles',
      made: secured({ seccompProfile: { type: 'RuntimeDefault' }, appArmorProfile: { type: 'RuntimeDefault' } }),
    },
    { name: 'the container type of SELinux', made: secured({ seLinuxOptions: { type: 'container_t', level: 's0' } }) },
    {
      name: 'a safe sysctl',
      made: { pod: { securityContext: { sysctls: [{ name: 'net.ipv4.tcp_syncookies', value: '1' }] } } },
    },
    {
      name: 'volumes of its own',
      made: {
        pod: {
          volumes: [
            { name: 'a', emptyDir: {} },
            { name: 'b', configMap: { name: 'm' } },
          ],
        },
      },
    },
    { name: 'a port', made: { container: { ports: [{ containerPort: 80 }] } } },
    { name: 'a probe of itself', made: probing({ httpGet: { port: 80 } }) },
    {
      name: 'a token for the API server of an account without rights',
      made: projected({ serviceAccountToken: { path: 't' } }),
    },
  ])('gets $name', async ({ made }) => {
    expect(await create('write', made)).toBe('done')
  })

  test.each<{ name: string; made: Made }>([
    { name: 'a token for somebody else', made: projected({ serviceAccountToken: { path: 't', audience: 'vault' } }) },
    {
      name: 'one beside another',
      made: projected({ serviceAccountToken: { path: 't' } }, { serviceAccountToken: { path: 'u', audience: 'v' } }),
    },
  ])('gets no $name, unless it is of an account of the template', async ({ made }) => {
    expect(await create('write', made)).toMatch(/tokens for others or certificates/)
    expect(await create('as-anybody', made)).toBe('done')
    const asWeb = { ...made, pod: { ...made.pod, serviceAccountName: 'web' } }
    expect(await create('as-web', asWeb)).toBe('done')
    expect(await create('write', asWeb)).toMatch(/run as another service account/)
  })
})

describe('a large pod', () => {
  const containers = Array.from({ length: 100 }, (_, index) => ({
    name: `c${index}`,
    image: 'x',
    env: Array.from({ length: 20 }, (_, at) => ({ name: `E${at}`, value: 'x'.repeat(50) })),
    ports: [{ containerPort: 1000 + index }],
    livenessProbe: { httpGet: { port: 80 } },
    securityContext: { capabilities: { add: ['CHOWN', 'KILL', 'SETUID'], drop: ['ALL'] } },
  }))
  const last = { name: 'last', image: 'x', securityContext: { capabilities: { add: ['SYS_PTRACE'] } } }

  test('is judged to its last container, within what CEL may cost', async () => {
    expect(await create('write', { pod: { containers } })).toBe('done')
    expect(await create('write', { pod: { containers: [...containers, last] } })).toMatch(/add capabilities/)
  })
})

describe('a running pod', () => {
  const path = `/api/v1/namespaces/${SHOP}/pods`
  const debugger_ = { name: 'd', image: 'busybox' }

  beforeAll(async () => {
    await world.admin.post(path, { ...pod({ pod: { serviceAccountName: 'web' } }), metadata: { name: 'own' } })
    await world.admin.post(path, {
      ...pod({ container: { securityContext: { privileged: true } } }),
      metadata: { name: 'strong' },
    })
    await world.admin.post(path, { ...pod({}), metadata: { name: 'plain' } })
  })

  test.each([
    { name: 'own', says: /run as another service account/ },
    { name: 'strong', says: /are privileged/ },
  ])('of somebody else takes no container of a lease and no image: $name', async ({ name, says }) => {
    const person = world.leased('write')
    const added = { spec: { ephemeralContainers: [debugger_] } }
    expect((await person.patch(`${path}/${name}/ephemeralcontainers`, added, 'strategic')).said).toMatch(says)
    const image = { spec: { containers: [{ name: 'c', image: 'evil/x' }] } }
    expect((await person.patch(`${path}/${name}`, image, 'strategic')).said).toMatch(says)
    expect((await person.patch(`${path}/${name}`, { metadata: { labels: { a: 'b' } } })).said).toBe('done')
  })

  test('that is as a lease may make it takes both, though it is on its node', async () => {
    await world.kubectl(['wait', '--for=condition=PodScheduled', 'pod/plain', '-n', SHOP, '--timeout=60s'])
    const person = world.leased('write')
    const added = { spec: { ephemeralContainers: [debugger_] } }
    expect((await person.patch(`${path}/plain/ephemeralcontainers`, added, 'strategic')).said).toBe('done')
    const image = { spec: { containers: [{ name: 'c', image: 'x:2' }] } }
    expect((await person.patch(`${path}/plain`, image, 'strategic')).said).toBe('done')
  })
})

describe("Kubernetes' own examples of Pod Security", () => {
  const selector = { matchLabels: { a: 'b' } }
  const deployment = (annotations: object | undefined, spec: object) => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'example' },
    spec: { selector, template: { metadata: { labels: { a: 'b' }, annotations }, spec } },
  })

  test.each(fixtures)('$name is passed: $passes, as a pod and as a Deployment', async ({ passes, pod: example }) => {
    const { annotations } = example.metadata
    const given = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'example', annotations }, spec: example.spec }
    const said = async (template: string) => {
      const asked = await Promise.all([
        world.leased(template).post(`/api/v1/namespaces/${SHOP}/pods?dryRun=All`, given),
        world
          .leased(template)
          .post(`/apis/apps/v1/namespaces/${SHOP}/deployments?dryRun=All`, deployment(annotations, example.spec)),
      ])
      return asked.map(answer => answer.said)
    }
    // Some of them the API server refuses by itself, whoever asks.
    const free = await said('on-host')
    expect(free.join()).not.toMatch(/leased identities|resulted in error/)
    const want = free.map(each => (passes || each !== 'done' ? each : expect.stringMatching(/does not name pod-host/)))
    expect(await said('write')).toEqual(want)
  })
})
