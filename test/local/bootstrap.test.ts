import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, copyFile, mkdir, mkdtemp, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Ran, run } from '../../local/process/run.ts'
import { until } from '../support/until.ts'

const LOCAL = join(import.meta.dirname, '../../local')
const BOOTSTRAP = join(LOCAL, 'bootstrap.mjs')

interface Checkout {
  readonly root: string
  readonly env: Readonly<Record<string, string>>
  readonly bootstrap: (command: string, ...args: readonly string[]) => Promise<Ran>
  readonly cache: string
  readonly lockfile: (text: string) => Promise<void>
  /** How often packages were installed. */
  readonly installs: () => Promise<number>
}

/** A checkout of nothing but the bootstrap and a command, with an npm that only links Node and counts. */
async function aCheckout(npmDoes = 'true'): Promise<Checkout> {
  const root = await mkdtemp(join(tmpdir(), 'lg-checkout-'))
  const [bin, cache, log] = [join(root, 'bin'), join(root, 'cache'), join(root, 'installs')]
  for (const folder of [bin, join(cache, 'kubernetes-1.0-abc'), join(root, 'local/process')]) {
    await mkdir(folder, { recursive: true })
  }
  await copyFile(BOOTSTRAP, join(root, 'local/bootstrap.mjs'))
  await copyFile(join(LOCAL, 'process/lock.mjs'), join(root, 'local/process/lock.mjs'))
  await writeFile(join(root, 'local/start.ts'), 'console.log(process.argv.slice(2).join(" ")); process.exitCode = 7')
  await writeFile(join(root, 'local/test.ts'), '')
  const npm = `#!/bin/sh
    case $1 in --version) echo 11.0.0; exit;; esac
    echo x >> ${log}
    mkdir -p ${root}/node_modules/.bin; ln -sf ${process.execPath} ${root}/node_modules/.bin/node
    ${npmDoes}`
  await writeFile(join(bin, 'npm'), npm)
  await chmod(join(bin, 'npm'), 0o755)
  const lockfile = (text: string) => writeFile(join(root, 'package-lock.json'), text)
  await lockfile('1')
  const env = { PATH: `${bin}${delimiter}${process.env['PATH']}`, LEASEGATE_CACHE_DIR: cache, NODE_COMPILE_CACHE: '' }
  return {
    root,
    env,
    bootstrap: (command, ...args) =>
      run(process.execPath, [join(root, 'local/bootstrap.mjs'), command, ...args], { env }),
    cache,
    lockfile,
    installs: async () => (await readFile(log, 'utf8').catch(() => '')).split('\n').length - 1,
  }
}

/** The real one, which the checkout's own hides. */
async function npmProgram(): Promise<string> {
  return (await run('sh', ['-c', 'command -v npm'])).stdout.trim()
}

describe('bootstrap', () => {
  test('lets Node keep what it compiled with all else that is made once, unless told where', async () => {
    const { bootstrap, cache, env, root } = await aCheckout()
    await bootstrap('start')
    expect(await readdir(join(cache, 'compiled'))).toHaveLength(1)
    const elsewhere = join(root, 'elsewhere')
    await run(process.execPath, [join(root, 'local/bootstrap.mjs'), 'test'], {
      env: { ...env, NODE_COMPILE_CACHE: elsewhere },
    })
    expect(existsSync(elsewhere)).toBe(true)
    expect(await readdir(join(cache, 'compiled'))).toHaveLength(1)
  })

  test('names everything that is missing in one message, before anything starts', async () => {
    const bin = await mkdtemp(join(tmpdir(), 'lg-bin-'))
    await symlink(process.execPath, join(bin, 'node'))
    const { code, stderr, stdout } = await run(join(bin, 'node'), [BOOTSTRAP, 'start'], {
      env: { PATH: bin, LEASEGATE_CACHE_DIR: '/dev/null/cache' },
    })
    expect(code).toBe(1)
    expect(stdout).toBe('')
    expect(stderr.split('\n')).toEqual([
      'leasegate: this machine lacks',
      '  npm 1 or later: not found',
      '  python3 3.9 or later: not found',
      '  pip for python3 1 or later: not found',
      '  go 1.25 or later: not found',
      '  git 2 or later: not found',
      expect.stringMatching(/^ {2}a folder to install programs in: .*\/dev\/null.*LEASEGATE_CACHE_DIR names another/),
      '',
    ])
  })

  test('an unknown command is named', async () => {
    const { code, stderr } = await run(process.execPath, [BOOTSTRAP, 'strat'])
    expect(code).toBe(1)
    expect(stderr).toBe('leasegate: no such command: strat\n')
  })

  test('hands arguments and exit code through', async () => {
    const { bootstrap } = await aCheckout()
    const { code, stdout } = await bootstrap('start', '--once', 'two words')
    expect(stdout.trimEnd().split('\n').at(-1)).toBe('--once two words')
    expect(code).toBe(7)
  })

  test('installs packages once for each state of the lockfile', async () => {
    const { bootstrap, lockfile, installs } = await aCheckout()
    await bootstrap('start')
    expect((await bootstrap('start')).stdout).toBe('\n')
    expect(await installs()).toBe(1)
    await lockfile('2')
    await bootstrap('start')
    expect(await installs()).toBe(2)
  })

  test('two started at once install packages once', async () => {
    const { bootstrap, installs } = await aCheckout('sleep 0.5')
    const ran = await Promise.all([bootstrap('start'), bootstrap('start')])
    expect(ran.map(({ code }) => code)).toEqual([7, 7])
    expect(await installs()).toBe(1)
  })

  test.each([
    { name: 'npm passes a Ctrl-C on', signal: 'SIGINT' as const },
    { name: 'npm is told to end', signal: 'SIGTERM' as const },
    { name: 'npm is killed', signal: 'SIGKILL' as const },
  ])('when $name, the command is told and can put things away', async ({ signal }) => {
    const { root, env } = await aCheckout()
    const [up, down] = [join(root, 'up'), join(root, 'down')]
    await writeFile(
      join(root, 'local/start.ts'),
      `import { writeFileSync } from 'node:fs'
       for (const signal of ['SIGINT', 'SIGTERM']) {
         process.on(signal, () => { writeFileSync(${JSON.stringify(down)}, ''); process.exit() })
       }
       setTimeout(() => {}, 60_000)
       writeFileSync(${JSON.stringify(up)}, '')`,
    )
    const scripts = JSON.parse(await readFile(join(LOCAL, '../package.json'), 'utf8')).scripts
    await writeFile(join(root, 'package.json'), JSON.stringify({ name: 'checkout', scripts }))
    const npm = spawn(await npmProgram(), ['start'], { cwd: root, env: { ...process.env, ...env }, stdio: 'ignore' })
    await until('the command to run', () => existsSync(up))
    npm.kill(signal)
    await until('the command to have put things away', () => existsSync(down))
  })

  test('begins anew where an installation was cut off: npm would take what it left for whole packages', async () => {
    const { bootstrap, installs, root } = await aCheckout(
      `[ -e ${'$0'}.tried ] || { touch ${'$0'}.tried; echo half > $(dirname $0)/../node_modules/half; kill -9 $PPID; }`,
    )
    await bootstrap('start')
    expect(existsSync(join(root, 'node_modules/half'))).toBe(true)
    expect((await bootstrap('start')).code).toBe(7)
    expect(existsSync(join(root, 'node_modules/half'))).toBe(false)
    expect(await installs()).toBe(2)
  })

  test('a failed installation says why and where its log is, and vouches for nothing', async () => {
    const { bootstrap, cache, lockfile, installs } = await aCheckout(
      '[ $(cat package-lock.json) != 2 ] || { echo no network; exit 3; }',
    )
    await bootstrap('start')
    await lockfile('2')
    const failed = await bootstrap('test')
    expect(failed.code).toBe(1)
    expect(failed.stderr).toContain('npm packages could not be installed (exit code 3):\n  no network\n')
    expect(failed.stderr).toContain(`(log: ${cache}`)
    expect(failed.stdout.trimEnd().split('\n').at(-1)).toBe('0 passed, 1 failed')
    await lockfile('1')
    await bootstrap('start')
    expect(await installs()).toBe(3)
  })
})
