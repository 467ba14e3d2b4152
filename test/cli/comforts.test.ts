import { readFile } from 'node:fs/promises'
import { relative } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { CliWorld } from './cli-world.ts'
import { leasegate } from './leasegate.ts'

let world: CliWorld
let lease: string
beforeAll(async () => {
  world = await CliWorld.start()
  const asked = await world.as('web-operator', 'lease', 'request', '--template', 'restart-web', '--reason', 'it hangs')
  lease = asked.stdout.split('\n')[0] ?? ''
})
afterAll(() => world.stop())

describe('leasegate status', () => {
  test('shows an agent its leases and questions, and an admin those that are held', async () => {
    const mine = await world.as('web-operator', 'status')
    expect(mine).toMatchObject({ code: 0, stderr: '' })
    expect(mine.stdout).toMatch(/^agent web-operator for ada@corp\.example\n/)
    expect(mine.stdout).toContain(lease)
    expect(mine.stdout).toContain('no open questions')
    await world.as('root', 'agent', 'hold', 'triage', '--reason', 'odd')
    expect((await world.as('root', 'status')).stdout).toMatch(
      /^root, admin\n {2}triage is held until .* by root: odd\n/,
    )
    const json = JSON.parse((await world.as('triage', 'status', '-o', 'json')).stdout)
    expect(json).toMatchObject({
      holds: [{ agent: 'triage' }],
      leases: [],
      questions: [],
      me: { hold: { by: 'root' } },
    })
  })
})

describe('leasegate help', () => {
  test('has a page for each topic that it names, and each names only commands and settings that there are', async () => {
    const { stdout } = await leasegate(['--help'], {})
    const topics = /^More by leasegate help: (.*)$/m.exec(stdout)?.[1]?.split(', ') ?? []
    expect(topics).toEqual(['leases', 'questions', 'environment', 'exit-codes'])
    const commands = [...stdout.matchAll(/^ {2}([a-z]+) /gm)].map(([, name]) => name)
    for (const topic of topics) {
      const page = await leasegate(['help', topic], {})
      expect(page).toMatchObject({ code: 0, stderr: '' })
      const named = [...page.stdout.matchAll(/leasegate ([a-z]+)/g)].map(([, name]) => name)
      expect(named.filter(name => !commands.includes(name))).toEqual([])
    }
    const environment = (await leasegate(['help', 'environment'], {})).stdout
    expect(environment).toContain('LEASEGATE_BROKER_URL\n')
    expect(environment).toContain('HTTPS_PROXY')
    // A command goes before a topic, and what is neither is said.
    expect((await leasegate(['help', 'lease'], {})).stdout).toMatch(/^Usage: leasegate lease /)
  })
})

describe('leasegate lease show', () => {
  test('takes the only lease there is, and has its times as people read them', async () => {
    const shown = parse((await world.as('web-operator', 'lease', 'show')).stdout)
    expect(shown).toMatchObject({ id: lease, expiresAt: expect.stringMatching(/Z$/) })
  })
})

describe('leasegate kubeconfig', () => {
  test('says what it wrote, has a namespace, and names files so that they are found from anywhere', async () => {
    const env = await world.envOf('web-operator')
    const token = env['LEASEGATE_IDENTITY_TOKEN_FILE'] ?? ''
    const out = world.path('kubeconfig.yaml')
    const relativeEnv = { ...env, LEASEGATE_IDENTITY_TOKEN_FILE: relative(process.cwd(), token) }
    const wrote = await leasegate(['kubeconfig', '--out', out], relativeEnv)
    expect(wrote).toMatchObject({ code: 0, stdout: '' })
    expect(wrote.stderr).toContain(`${out} written for lease ${lease}, until `)
    expect(wrote.stderr).toContain('shop-dev')
    expect(wrote.stderr).toContain(`export KUBECONFIG=${out}`)
    const config = parse(await readFile(out, 'utf8'))
    expect(config.contexts[0].context.namespace).toBe('shop')
    expect(config.users[0].user.exec.env).toContainEqual({ name: 'LEASEGATE_IDENTITY_TOKEN_FILE', value: token })
  })
})

describe('leasegate --version', () => {
  test('is that of the package', async () => {
    const { version } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'))
    expect(await leasegate(['--version'])).toMatchObject({ code: 0, stdout: `leasegate ${version}\n` })
    const { stdout } = await leasegate(['version'])
    expect(stdout).toBe(
      `leasegate ${version} (Node.js ${process.versions.node}, ${process.platform}-${process.arch})\n`,
    )
    expect(JSON.parse((await leasegate(['version', '-o', 'json'])).stdout)).toMatchObject({ version })
  })
})
