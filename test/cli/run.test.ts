import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { MAIN } from '../../local/edition/leasegate.ts'
import { until } from '../support/until.ts'
import { aSlowBroker, COUNTS, isGuardOf, startRun } from './a-run.ts'
import { CliWorld } from './cli-world.ts'
import { leasegate, SURROUNDINGS } from './leasegate.ts'

const WISH = ['--template', 'restart-web', '--reason', 'it hangs', '--namespace', 'shop']

let world: CliWorld
let env: Record<string, string>
/** Where this file's runs put their files, so that others' are not looked at. */
const started: ChildProcess[] = []
beforeAll(async () => {
  const rules = [{ verbs: ['get'], apiGroups: [''], resources: ['pods'] }]
  const grants = [{ agent: 'web-operator', namespaces: ['shop'] }]
  const templates = [
    { name: 'many', grants, rules, maxTtl: '1h', maxLeases: 20 },
    { name: 'one', grants, rules, maxTtl: '1h' },
  ]
  world = await CliWorld.start({ templates })
  env = { ...(await world.envOf('web-operator')), TMPDIR: world.dir }
})
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL')
})
afterAll(() => world.stop())

const run = (...command: readonly string[]) => leasegate(['run', ...WISH, '--', ...command], env)
const sh = (script: string) => ['sh', '-c', script]

async function leases(): Promise<readonly { id: string; state: { kind: string; reason?: string } }[]> {
  const { stdout } = await world.as('root', 'lease', 'list', '-o', 'json')
  return JSON.parse(stdout)
}

async function stateOf(id: string): Promise<{ kind: string; by?: string; reason?: string }> {
  const { stdout } = await world.as('web-operator', 'lease', 'show', id, '-o', 'json')
  return JSON.parse(stdout).state
}

const folders = async () => (await readdir(world.dir)).filter(name => name.startsWith('leasegate-run-'))

const running = (script?: string) => startRun(WISH, env, started, script)

describe('leasegate run', () => {
  test('gives a command a kubeconfig of its own, and ends the lease with it', async () => {
    const ran = await run(...sh('cat $KUBECONFIG; echo said >&2; echo $KUBECONFIG >&2'))
    expect(ran.code).toBe(0)
    const kubeconfig = parse(ran.stdout)
    const [, lease] = kubeconfig.users[0].user.exec.args.slice(-2)
    expect(kubeconfig.clusters[0].cluster.server).toBe('https://127.0.0.1:6443')
    expect(kubeconfig.contexts[0].context.namespace).toBe('shop')
    expect(ran.stderr).toContain('said\n')
    expect(ran.stderr).toMatch(new RegExp(`lease ${lease}, restart-web in shop, for (?:10|9)m`))
    expect(ran.stderr).toContain(`lease ${lease} ended: sh ended with exit code 0`)
    // This broker has no record.
    expect(ran.stderr).toContain('  no request was let through; how many were refused is not known; ')
    expect(await stateOf(lease)).toMatchObject({ kind: 'revoked', reason: 'sh ended with exit code 0' })
    expect(await folders()).toEqual([])
  })

  test.each([
    { name: 'its exit code', script: 'exit 7', code: 7 },
    { name: 'the signal that ended it, as a shell says it', script: 'kill -TERM $$', code: 143 },
  ])('ends with $name', async ({ script, code }) => {
    expect((await run(...sh(script))).code).toBe(code)
    expect(await leases()).toEqual([])
  })

  test('says that there is no such command, and leaves no lease', async () => {
    const ran = await run('no-such-command-anywhere')
    expect(ran.code).toBe(2)
    expect(ran.stderr).toMatch(/leasegate: cannot run no-such-command-anywhere: .*ENOENT/)
    expect(await leases()).toEqual([])
    expect(await folders()).toEqual([])
  })

  test('runs nothing where no lease is given', async () => {
    const ran = await leasegate(['run', '--template', 'no-such', '--reason', 'x', '--', ...sh('echo ran')], env)
    expect(ran).toMatchObject({ code: 1, stdout: '' })
    expect(ran.stderr).toMatch(/^leasegate: [^\n]*no-such[^\n]*\n$/)
    expect(await folders()).toEqual([])
  })

  test('passes on what it is told, waits for the command, and ends the lease then', async () => {
    const { child, lease, printed } = await running(
      'trap "echo told; exit 3" TERM; echo $KUBECONFIG; while :; do sleep 0.1; done',
    )
    const exited = once(child, 'exit')
    child.kill('SIGTERM')
    expect(await exited).toEqual([3, null])
    expect(printed()).toContain('told\n')
    expect(await stateOf(lease)).toMatchObject({ kind: 'revoked', reason: 'sh ended with exit code 3' })
  })

  test('ends the lease where it is killed itself, and takes the kubeconfig away from who goes on', async () => {
    const { child, lease, kubeconfig } = await running('echo $KUBECONFIG; sleep 600 & wait')
    expect(await readFile(kubeconfig, 'utf8')).toContain(lease)
    child.kill('SIGKILL')
    await until('the lease to end', async () => (await stateOf(lease)).kind === 'revoked')
    expect(await stateOf(lease)).toMatchObject({ reason: 'whoever asked for it was killed' })
    expect(await folders()).toEqual([])
  })

  test('goes beside another one, and neither sees what the other has', async () => {
    const [one, other] = await Promise.all([running(), running()])
    expect(one.lease).not.toBe(other.lease)
    expect(dirname(one.kubeconfig)).not.toBe(dirname(other.kubeconfig))
    expect(await readFile(other.kubeconfig, 'utf8')).not.toContain(one.lease)
    const exited = once(one.child, 'exit')
    one.child.kill('SIGTERM')
    await exited
    expect((await stateOf(one.lease)).kind).toBe('revoked')
    expect((await stateOf(other.lease)).kind).toBe('active')
    expect(other.kubeconfig).toBe(join(world.dir, (await folders())[0] ?? '', 'kubeconfig.yaml'))
  })

  test('ends the lease by itself where the process beside it was killed', async () => {
    const { child, lease, kubeconfig, said } = await running()
    const [guard = ''] = (await readdir('/proc')).filter(pid => isGuardOf(pid, dirname(kubeconfig)))
    process.kill(Number(guard), 'SIGKILL')
    const exited = once(child, 'exit')
    child.kill('SIGTERM')
    await exited
    expect(said()).toContain(`lease ${lease} ended: `)
    expect((await stateOf(lease)).kind).toBe('revoked')
    expect(await folders()).toEqual([])
  })

  test('removes nothing but the files of a run', async () => {
    const ran = await leasegate(['guard', '--directory', world.dir], env)
    expect(ran).toMatchObject({ code: 2, stderr: expect.stringContaining('is no folder of leasegate run') })
    expect(await readdir(world.dir)).not.toEqual([])
  })

  test('asks for no lease where a kubeconfig cannot be written', async () => {
    const ran = await leasegate(['run', ...WISH, '--', ...sh('echo ran')], { ...env, TMPDIR: world.path('nowhere') })
    expect(ran).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(/nowhere \(TMPDIR\).*ENOENT/) })
    expect(await leases()).toEqual([])
  })

  test('runs nothing where it is told to end while it asks, and leaves no lease', async () => {
    await using slow = await aSlowBroker(world.brokerUrl)
    const child = spawn(process.execPath, [MAIN, 'run', ...WISH, '--', ...sh('echo ran')], {
      env: { ...SURROUNDINGS, ...env, LEASEGATE_BROKER_URL: slow.url },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    started.push(child)
    const [stdout, stderr, exited] = [child.stdout.toArray(), child.stderr.toArray(), once(child, 'exit')]
    // There is a lease, and nobody has heard of it.
    await until('a lease to be given', () => slow.held() > 0)
    child.kill('SIGTERM')
    slow.letGo()
    expect(await exited).toEqual([143, null])
    expect(Buffer.concat(await stdout).toString()).toBe('')
    expect(Buffer.concat(await stderr).toString()).toContain('told to end (SIGTERM) before a command ran')
    expect(await leases()).toEqual([])
    expect(await folders()).toEqual([])
  })

  test('leaves a lease that is listed and can be ended where it is killed while the answer is on its way', async () => {
    await using slow = await aSlowBroker(world.brokerUrl)
    const child = spawn(process.execPath, [MAIN, 'run', ...WISH, '--', ...sh('echo ran')], {
      env: { ...SURROUNDINGS, ...env, LEASEGATE_BROKER_URL: slow.url },
      stdio: 'ignore',
    })
    started.push(child)
    await until('a lease to be given', () => slow.held() > 0)
    child.kill('SIGKILL')
    await until('its files to be gone', async () => (await folders()).length === 0)
    const [left, ...others] = JSON.parse((await world.as('web-operator', 'lease', 'list', '-o', 'json')).stdout)
    expect([left.state.kind, others]).toEqual(['active', []])
    await world.as('web-operator', 'lease', 'revoke', left.id, '--reason', 'nobody has it')
    expect(await leases()).toEqual([])
  })

  test.each([
    { name: 'to its group', to: (pid: number) => -pid },
    { name: 'to it alone', to: (pid: number) => pid },
  ])('lets the command have an interrupt $name once', async ({ to }) => {
    const child = spawn(process.execPath, [MAIN, 'run', ...WISH, '--', ...COUNTS], {
      env: { ...SURROUNDINGS, ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
    })
    started.push(child)
    const exited = once(child, 'exit')
    await once(child.stdout, 'data')
    process.kill(to(child.pid ?? 0), 'SIGINT')
    expect(await exited).toEqual([1, null])
  })

  test.each([
    { name: 'by a key, with its input from a file', typed: '\u0003', interrupt: () => undefined },
    { name: 'by its id, with a terminal', typed: '', interrupt: (pid: number) => void process.kill(pid, 'SIGINT') },
  ])('lets the command have an interrupt $name once', async ({ typed, interrupt }) => {
    const words = [process.execPath, MAIN, 'run', ...WISH, '--', ...COUNTS]
    const line = `exec ${words.map(word => `'${word}'`).join(' ')} ${typed === '' ? '' : '</dev/null'}`
    const child = spawn('script', ['-qefc', line, '/dev/null'], {
      env: { ...SURROUNDINGS, ...env, SHELL: '/bin/sh' },
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    started.push(child)
    let printed = ''
    child.stdout.on('data', chunk => (printed += chunk))
    const exited = once(child, 'exit')
    await until('the command to run', () => printed.includes('counts'))
    child.stdin.write(typed)
    interrupt(Number(/of (\d+)/.exec(printed)?.[1]))
    expect(await exited).toEqual([1, null])
  })

  test('does not wait long for a broker that is away at the end; the lease ends when it is back', async () => {
    const { child, lease, kubeconfig, said } = await running()
    await world.stopBroker()
    const exited = once(child, 'exit')
    child.kill('SIGTERM')
    expect(await exited).toEqual([143, null])
    expect(said()).toContain(`lease ${lease} has not ended yet, as the broker does not answer`)
    await expect(readFile(kubeconfig)).rejects.toThrow('ENOENT')
    await world.startBroker()
    await until('the lease to end', async () => (await stateOf(lease)).kind === 'revoked')
    expect(await stateOf(lease)).toMatchObject({ reason: 'sh ended with exit code 143' })
  })

  test('waits for a broker that is away for a moment, to end the lease', async () => {
    const { child, lease, said } = await running()
    await world.stopBroker()
    const exited = once(child, 'exit')
    child.kill('SIGTERM')
    await world.startBroker()
    await exited
    expect(said()).toContain(`lease ${lease} ended: `)
    expect((await stateOf(lease)).kind).toBe('revoked')
  })
})

describe('leasegate run --renew-for', () => {
  const many = (...args: readonly string[]) => [
    '--template',
    'many',
    '--reason',
    'it hangs',
    '--namespace',
    'shop',
    ...args,
  ]
  /** Tells which lease a client would get a token of, until it is another one, and then says when it ends. */
  const follows = (script = '') =>
    sh(`
      file=$(sed -n 's/^ *- \\(\\/.*\\/lease\\)$/\\1/p' $KUBECONFIG)
      first=$(cat $file); echo $first
      while [ "$(cat $file)" = "$first" ]; do sleep 0.1; done
      cat $file; ${script}`)

  test('takes a further lease for the same task before the end of the first, which the kubeconfig then means; all of them end with the command', async () => {
    const ran = await leasegate(['run', ...many('--ttl', '6s', '--renew-for', '1h'), '--', ...follows()], env)
    expect(ran.code).toBe(0)
    const [first = '', second = ''] = ran.stdout.trim().split('\n')
    expect(second).toMatch(/^lse_/)
    expect(ran.stderr).toContain(`leasegate: lease ${second} goes on from ${first}, for 6s\n`)
    expect(ran.stderr).toContain(`leasegate: lease ${second} ended: sh ended with exit code 0\n`)
    expect(ran.stderr).toContain(`under 2 leases: ${first}, ${second}`)
    expect(await stateOf(second)).toMatchObject({ kind: 'revoked' })
    expect(['revoked', 'expired']).toContain((await stateOf(first)).kind)
    const { stdout } = await world.as('web-operator', 'lease', 'show', second, '-o', 'json')
    expect(JSON.parse(stdout).task).toMatchObject({ name: 'many', reason: 'it hangs (goes on from the lease before)' })
    expect(await folders()).toEqual([])
  })

  test('waits for the end of the first where its template grants no second beside it, and says so', async () => {
    const one = many().map(word => (word === 'many' ? 'one' : word))
    const ran = await leasegate(['run', ...one, '--ttl', '4s', '--renew-for', '1h', '--', ...follows()], env)
    expect(ran.code).toBe(0)
    const [first = '', second = ''] = ran.stdout.trim().split('\n')
    expect(ran.stderr).toContain(
      `no further lease yet, the command goes on under ${first} until that ends: agent "web-operator" may hold 1`,
    )
    expect(ran.stderr).toContain(`lease ${second} goes on from ${first}`)
    expect(await stateOf(first)).toMatchObject({ kind: 'expired' })
    expect(await stateOf(second)).toMatchObject({ kind: 'revoked' })
  })

  test('takes none that would end later than was said, and lets the command go on', async () => {
    const script = 'while ! grep -q "the time of --renew-for" $TMPDIR/said; do sleep 0.2; done; echo went on'
    const run = `exec "${process.execPath}" "${MAIN}" run ${many('--ttl', '3s', '--renew-for', '3s')
      .map(word => `'${word}'`)
      .join(' ')} -- sh -c '${script}' 2>$TMPDIR/said`
    const child = spawn('sh', ['-c', run], { env: { ...SURROUNDINGS, ...env }, stdio: ['ignore', 'pipe', 'inherit'] })
    started.push(child)
    const [stdout] = await Promise.all([child.stdout.toArray(), once(child, 'exit')])
    expect(Buffer.concat(stdout).toString()).toBe('went on\n')
    const said = await readFile(world.path('said'), 'utf8')
    expect(said).toMatch(/lease \w+ ends, and with it the time of --renew-for; the command goes on without\n/)
    expect(said).not.toContain('goes on from')
  })

  test.each([
    { name: 'no time', args: ['--renew-for', 'long'], says: '--renew-for: must be a duration' },
    {
      name: 'a token that can be read once',
      args: ['--renew-for', '1h', '--on-behalf-of', '-'],
      says: 'has to be in a file',
    },
  ])('runs nothing with $name', async ({ args, says }) => {
    const ran = await leasegate(['run', ...many(...args), '--', ...sh('echo ran')], env)
    expect(ran).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(says) })
  })
})
