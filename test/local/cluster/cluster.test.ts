import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readAuditLog } from '../../../local/cluster/audit-log.ts'
import { type Cluster, startCluster } from '../../../local/cluster/cluster.ts'
import { freePort } from '../../../local/process/ports.ts'
import { Supervisor } from '../../../local/process/supervisor.ts'
import { ensureToolchain, type Toolchain } from '../../../local/toolchain/toolchain.ts'
import { until } from '../../support/until.ts'

const supervisor = new Supervisor()
let directory: string
let toolchain: Toolchain
let cluster: Cluster

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lg-cluster-'))
  toolchain = await ensureToolchain(line => process.stderr.write(`${line}\n`))
  cluster = await startCluster({ toolchain, directory, supervisor })
})
afterAll(async () => {
  await supervisor.stop()
  await rm(directory, { recursive: true, force: true })
})

async function kubectl(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await cluster.admin(args)
  if (code !== 0) throw new Error(stderr)
  return stdout.trim()
}

describe('startCluster', () => {
  test('says its real version, by which programs decide what it can do', async () => {
    expect(JSON.parse(await kubectl('version', '-o', 'json')).serverVersion).toMatchObject({
      gitVersion: expect.stringMatching(/^v1\.36\.\d+$/),
      major: '1',
      minor: '36',
    })
  })

  test('pods of a deployment come up, talk, run commands and take connections', async () => {
    await kubectl('create', 'deployment', 'web', '--image=web:1')
    await kubectl('rollout', 'status', 'deployment/web', '--timeout=15s')
    expect(await kubectl('logs', 'deployment/web')).toBe('the server is up')
    expect(await kubectl('exec', 'deployment/web', '--', 'echo', 'hello')).toBe('hello')
    expect(await throughPort('deployment/web', 'hello')).toBe('hello')
  })

  test('its node goes on saying that it lives', async () => {
    const renewed = () =>
      kubectl(
        'get',
        'leases',
        '-n',
        'kube-node-lease',
        '--ignore-not-found',
        'node-0',
        '-o',
        'jsonpath={.spec.renewTime}',
      )
    await until('its first lease', async () => (await renewed()) !== '', 30_000)
    const first = await renewed()
    await until('a renewal', async () => (await renewed()) > first, 60_000)
  })

  test('a namespace really ends', async () => {
    await kubectl('create', 'namespace', 'short-lived')
    await kubectl('delete', 'namespace', 'short-lived', '--timeout=15s')
    expect(await kubectl('get', 'namespaces', '-o', 'name')).not.toContain('short-lived')
  })

  test('an account opens nothing by itself, and the audit log shows that it tried', async () => {
    await kubectl('create', 'serviceaccount', 'nobody')
    const token = await kubectl('create', 'token', 'nobody')
    const tried = await cluster.admin([
      'get',
      'pods',
      `--token=${token}`,
      '--kubeconfig=/dev/null',
      '--server',
      cluster.server,
      `--certificate-authority=${cluster.caFile}`,
    ])
    expect(tried.stderr).toContain('User "system:serviceaccount:default:nobody" cannot list resource "pods"')
    const audited = (await readAuditLog(cluster.auditLog)).filter(({ user }) => user.endsWith(':nobody'))
    expect(audited).toContainEqual(expect.objectContaining({ verb: 'list', object: 'default/pods', status: 403 }))
  })
})

/** What comes back through `kubectl port-forward`. */
async function throughPort(to: string, text: string): Promise<string> {
  const port = await freePort()
  const forward = spawn(toolchain.kubectl, ['--kubeconfig', cluster.adminKubeconfig, 'port-forward', to, `${port}:80`])
  let said = ''
  forward.stdout.setEncoding('utf8').on('data', part => (said += part))
  try {
    await until('the port to be forwarded', () => said.includes('Forwarding'))
    const socket = connect(port, '127.0.0.1').setEncoding('utf8')
    let answer = ''
    socket.on('data', part => (answer += part))
    socket.write(text)
    await until('an answer', () => answer.length >= text.length)
    socket.destroy()
    return answer
  } finally {
    forward.kill()
  }
}
