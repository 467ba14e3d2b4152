// Runs on any Node: looks for what must be there, installs npm packages (Node 24 among them) when the lockfile has changed, and goes on
// in Node 24 with local/<command>.ts.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs'
import { constants, homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { lock } from './process/lock.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const modules = join(root, 'node_modules')
const stamp = join(modules, '.leasegate-lockfile')
/** There while packages are installed: npm takes a half of a package, left by one that was killed, for the whole. */
const begun = join(modules, '.leasegate-begun')
const TELL_EVERY_MS = 15_000
const PACKAGES_GIB = 1
const PROGRAMS_GIB = 5

const [command, ...args] = process.argv.slice(2)

/** Everything that is missing, a line each. */
function missing() {
  const problems = [
    tool('node', process.versions.node, '20.19'),
    tool('npm', output('npm', ['--version']), '1'),
    tool('python3', output('python3', ['-c', 'import platform; print(platform.python_version())']), '3.9'),
    tool('pip for python3', output('python3', ['-m', 'pip', '--version'])?.replace(/^pip /, ''), '1'),
    tool('go', output('go', ['env', 'GOVERSION'])?.replace(/^go/, ''), '1.25'),
    tool('git', output('git', ['--version'])?.replace(/^git version /, ''), '2'),
    disk(),
  ]
  if (process.platform !== 'linux') problems.push('Linux: Envoy and Valkey come as Linux programs')
  return problems.filter(problem => problem !== null)
}

function tool(name, found, wanted) {
  if (found == null) return `${name} ${wanted} or later: not found`
  return isAtLeast(found, wanted) ? null : `${name} ${wanted} or later: found ${found}`
}

function isAtLeast(found, wanted) {
  const numbers = text => (/^(\d+)(?:\.(\d+))?/.exec(text) ?? []).slice(1).map(part => Number(part ?? 0))
  const [[major = -1, minor = 0], [wantedMajor, wantedMinor = 0]] = [numbers(found), numbers(wanted)]
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)
}

function output(program, options) {
  const { status, stdout } = spawnSync(program, options, { encoding: 'utf8', cwd: root })
  return status === 0 ? stdout.trim() : null
}

/** What is installed already needs no room; the compiler's own cache is thought to lie on the same disk. */
function disk() {
  const folder = cacheRoot()
  try {
    mkdirSync(folder, { recursive: true })
    const compiled = readdirSync(folder).some(name => /^kubernetes-[\d.]+-[0-9a-f]+$/.test(name))
    const wanted = (existsSync(stamp) ? 0 : PACKAGES_GIB) + (compiled ? 0 : PROGRAMS_GIB)
    const { bavail, bsize } = statfsSync(folder)
    const free = (bavail * bsize) / 2 ** 30
    return free >= wanted ? null : `${wanted} GiB of free disk for ${folder}: found ${free.toFixed(1)}`
  } catch (error) {
    return `a folder to install programs in: ${error.message} (LEASEGATE_CACHE_DIR names another)`
  }
}

function cacheRoot() {
  return process.env.LEASEGATE_CACHE_DIR || join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'leasegate')
}

async function installPackages() {
  if (isInstalled()) return
  const name = createHash('sha256').update(root).digest('hex').slice(0, 12)
  const unlock = await lock(join(cacheRoot(), `npm-${name}.lock`), () =>
    say('waiting for another process that installs npm packages'),
  )
  try {
    if (!isInstalled()) await runNpm(join(cacheRoot(), `npm-${name}.log`))
  } finally {
    await unlock()
  }
}

function isInstalled() {
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === lockfileHash()
}

function lockfileHash() {
  return createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')
}

async function runNpm(log) {
  const startedAt = Date.now()
  const seconds = () => Math.round((Date.now() - startedAt) / 1000)
  // Were it cut off, the old stamp would vouch for a mixture.
  rmSync(stamp, { force: true })
  if (existsSync(begun)) rmSync(modules, { recursive: true })
  mkdirSync(modules, { recursive: true })
  writeFileSync(begun, '')
  say('installing npm packages …')
  const telling = setInterval(() => say(`  npm packages: ${seconds()} s, still at work (log: ${log})`), TELL_EVERY_MS)
  const file = openSync(log, 'w')
  // Not `npm ci`: it wants every optional package for every other platform to be in the lockfile. This takes the lockfile's versions and
  // hashes all the same, and does not write it.
  const code = await runToEnd('npm', ['install', '--no-save', '--no-audit', '--no-fund'], {
    stdio: ['ignore', file, file],
  })
  clearInterval(telling)
  closeSync(file)
  if (code !== 0) {
    const last = readFileSync(log, 'utf8').trimEnd().split('\n').slice(-8).join('\n  ')
    throw new Error(`npm packages could not be installed (exit code ${code}):\n  ${last}\n  (log: ${log})`)
  }
  writeFileSync(stamp, lockfileHash())
  rmSync(begun)
  say(`installed npm packages in ${seconds()} s`)
}

/**
 * Its exit code, in the shell's way for signals. Whoever tells us to end tells the child; we wait until it has put everything away.
 * npm passes signals on to us alone (hence `exec` in package.json: a shell between us would keep them) and can itself be killed.
 */
function runToEnd(program, options, settings) {
  const child = spawn(program, options, { cwd: root, ...settings })
  const passOn = signal => child.kill(signal)
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
  for (const signal of signals) process.on(signal, passOn)
  const starter = process.ppid
  const orphaned = setInterval(() => {
    if (process.env.npm_lifecycle_event !== undefined && process.ppid !== starter) passOn('SIGTERM')
  }, 1000)
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => resolve(code ?? 128 + constants.signals[signal]))
  }).finally(() => {
    clearInterval(orphaned)
    for (const signal of signals) process.off(signal, passOn)
  })
}

function say(line) {
  process.stdout.write(`${line}\n`)
}

async function main() {
  const script = join(root, 'local', `${command}.ts`)
  if (command === undefined || !existsSync(script)) throw new Error(`no such command: ${command}`)
  const problems = missing()
  if (problems.length > 0) throw new Error(`this machine lacks\n  ${problems.join('\n  ')}`)
  await installPackages()
  const bin = join(modules, '.bin')
  // Each process of ours would compile what the one before it compiled: half of what it does until it is ready.
  const compiled = process.env.NODE_COMPILE_CACHE || join(cacheRoot(), 'compiled')
  const env = { ...process.env, NODE_COMPILE_CACHE: compiled, PATH: `${bin}${delimiter}${process.env.PATH}` }
  return runToEnd(join(bin, 'node'), [script, ...args], { stdio: 'inherit', env })
}

main().then(
  code => {
    process.exitCode = code
  },
  error => {
    process.stderr.write(`leasegate: ${error.message}\n`)
    // The last line of a test run counts, whatever happened.
    if (command === 'test') say('0 passed, 1 failed')
    process.exitCode = 1
  },
)
