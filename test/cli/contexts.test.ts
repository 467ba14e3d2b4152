import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { CliWorld } from './cli-world.ts'
import { leasegate } from './leasegate.ts'

let world: CliWorld
let home: string
let file: string

beforeAll(async () => {
  world = await CliWorld.start()
  await world.envOf('web-operator')
  await world.envOf('hana')
})
afterAll(() => world.stop())
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'lg-contexts-'))
  file = join(home, 'contexts.yaml')
  return () => rm(home, { recursive: true, force: true })
})

async function given(content: unknown): Promise<void> {
  await writeFile(file, typeof content === 'string' ? content : stringify(content), { mode: 0o600 })
}

const as = (env: Record<string, string>, ...args: readonly string[]) =>
  leasegate(args, { LEASEGATE_CONFIG: file, ...env })
const contexts = () => ({
  agent: { brokerUrl: world.brokerUrl, identityTokenFile: world.path('web-operator.token') },
  approver: { brokerUrl: world.brokerUrl, identityTokenFile: world.path('hana.token') },
})

describe('a context', () => {
  test('has the settings of one boundary: the current one, or the one that is named', async () => {
    await given({ current: 'agent', contexts: contexts() })
    expect((await as({}, 'whoami')).stdout).toContain('web-operator')
    expect((await as({ LEASEGATE_CONTEXT: 'approver' }, 'whoami')).stdout).toContain('hana')
  })

  test('is meant without being named where it is the only one, and names files from where it stands', async () => {
    await writeFile(join(home, 'token'), await readFile(world.path('web-operator.token')))
    await given({ contexts: { only: { brokerUrl: world.brokerUrl, identityTokenFile: 'token' } } })
    expect((await as({}, 'whoami')).stdout).toContain('web-operator')
  })

  test('is found in the place for configuration', async () => {
    await given({ contexts: { other: {} } })
    const { stderr } = await leasegate(['whoami'], { XDG_CONFIG_HOME: home })
    expect(stderr).toContain('LEASEGATE_BROKER_URL is not set')
    const missing = await leasegate(['whoami'], { XDG_CONFIG_HOME: home, LEASEGATE_CONTEXT: 'prod' })
    expect(missing.stderr).toBe(
      `leasegate: no context "prod" in ${home}/leasegate/config.yaml: there is no such file\n`,
    )
  })

  test('gives nothing to an environment that names a broker: no token goes to another boundary', async () => {
    await given({ current: 'agent', contexts: contexts() })
    const { code, stderr } = await as(
      { LEASEGATE_BROKER_URL: 'http://127.0.0.1:9', LEASEGATE_CONTEXT: 'agent' },
      'whoami',
    )
    expect(code).toBe(2)
    expect(stderr).toContain('LEASEGATE_IDENTITY_TOKEN_FILE is not set')
  })

  test('is taken whole: no token of the environment goes to its broker, and none of its to another boundary', async () => {
    await given({ current: 'agent', contexts: contexts() })
    for (const name of ['LEASEGATE_IDENTITY_TOKEN_FILE', 'LEASEGATE_BOUNDARY_URL', 'LEASEGATE_CLIENT_KEY_FILE']) {
      const { code, stderr } = await as({ [name]: '/of/another' }, 'whoami')
      expect(code).toBe(2)
      expect(stderr).toContain(`${name} would be mixed with context "agent"`)
    }
  })

  test('is meant by every command that asks the broker', async () => {
    await given({ contexts: { approver: contexts().approver } })
    const session = ['sessions', 'end', crypto.randomUUID(), '--why', 'enough']
    expect((await as({}, ...session)).stderr).not.toContain('is not set')
    expect((await leasegate(session)).stderr).toContain('LEASEGATE_BROKER_URL is not set')
  })

  test('goes into a kubeconfig as what it has, which works without it', async () => {
    const of = (await world.as('web-operator', 'lease', 'request', '--template', 'restart-web', '--reason', 'it hangs'))
      .stdout
    const lease = of.split('\n')[0] ?? ''
    const agent = { ...contexts().agent, boundaryUrl: 'https://127.0.0.1:6443', clusterName: 'prod' }
    await given({ contexts: { agent } })
    const { stdout } = await as({}, 'kubeconfig', '--lease', lease)
    expect(stdout).toContain(`value: ${world.brokerUrl}`)
    expect(stdout).toContain('current-context: prod')
    expect(stdout).not.toContain('LEASEGATE_CONTEXT')
  })

  const UNUSABLE = [
    { name: 'a setting that there is none of', content: { contexts: { a: { brokerURL: 'x' } } }, says: 'contexts.a' },
    { name: 'one that is current and missing', content: { current: 'b', contexts: {} }, says: 'no context "b"' },
    { name: 'something beside', content: { contexts: {}, users: [] }, says: 'users' },
    { name: 'another form', content: 'contexts: [', says: 'is not YAML' },
    { name: 'nothing', content: '', says: 'must have contexts' },
  ]
  test.each(UNUSABLE)('a file with $name is refused in words', async ({ content, says }) => {
    await given(content)
    const { code, stderr } = await as({}, 'whoami')
    expect(code).toBe(2)
    expect(stderr).toContain(file)
    expect(stderr).toContain(says)
  })

  test('is not taken from a file that others may write: it names who gets the identity token', async () => {
    await given({ contexts: { agent: contexts().agent } })
    await chmod(file, 0o620)
    const { code, stderr } = await as({}, 'whoami')
    expect(code).toBe(2)
    expect(stderr).toContain('chmod go-w')
  })
})

describe('leasegate contexts', () => {
  test('lists them, and the one that is used', async () => {
    await given({ current: 'agent', contexts: contexts() })
    const listed = JSON.parse((await as({ LEASEGATE_CONTEXT: 'approver' }, 'contexts', '-o', 'json')).stdout)
    expect(listed).toEqual([
      { name: 'agent', current: false, brokerUrl: world.brokerUrl },
      { name: 'approver', current: true, brokerUrl: world.brokerUrl },
    ])
    expect((await as({}, 'contexts')).stdout).toMatch(/agent +yes/)
    const elsewhere = { LEASEGATE_BROKER_URL: 'https://broker.example' }
    expect((await as(elsewhere, 'contexts')).stdout).not.toContain('yes')
    expect((await as(elsewhere, 'contexts', 'agent')).stderr).toContain('not used here')
  })

  test('NAME uses it from now on, and leaves the rest of the file alone', async () => {
    await given(`# ours\ncurrent: agent\n${stringify({ contexts: contexts() })}`)
    expect(await as({}, 'contexts', 'approver')).toMatchObject({ code: 0, stdout: '' })
    expect((await as({}, 'whoami')).stdout).toContain('hana')
    expect(await readFile(file, 'utf8')).toMatch(/^# ours\ncurrent: approver\n/)
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    const { code, stderr } = await as({}, 'contexts', 'prod')
    expect(code).toBe(2)
    expect(stderr).toContain('no context "prod"')
    expect(stderr).toContain('agent, approver')
  })
})
