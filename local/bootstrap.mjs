// Runs on any Node from 20.19 on: looks for what must be there, installs npm packages (Node 24 among them) when the lockfile has
// changed, and goes on in Node 24 with local/<command>.ts.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, openSync, readFileSync, statfsSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const modules = join(root, 'node_modules')
const stamp = join(modules, '.leasegate-lockfile')
const NEEDED_GIB = 6

/** Everything that is missing, a line each. */
function missing() {
  const problems = [
    tool('node', process.versions.node, '20.19'),
    tool('npm', output('npm', ['--version']), '1'),
    tool('python3', output('python3', ['-c', 'import platform; print(platform.python_version())']), '3.9'),
    tool('pip for python3', output('python3', ['-m', 'pip', '--version'])?.replace(/^pip /, ''), '1'),
    tool('go', output('go', ['env', 'GOVERSION'])?.replace(/^go/, ''), '1.25'),
    tool('git', output('git', ['--version'])?.replace(/^git version /, ''), '2'),
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

function output(command, args) {
  const { status, stdout } = spawnSync(command, args, { encoding: 'utf8', cwd: root })
  return status === 0 ? stdout.trim() : null
}

function fail(text) {
  process.stderr.write(`leasegate: ${text}\n`)
  process.exit(1)
}

function cacheRoot() {
  const named = process.env.LEASEGATE_CACHE_DIR
  return named || join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'leasegate')
}

function checkDisk() {
  const folder = cacheRoot()
  mkdirSync(folder, { recursive: true })
  const { bavail, bsize } = statfsSync(folder)
  const free = (bavail * bsize) / 2 ** 30
  if (free < NEEDED_GIB && !existsSync(stamp)) {
    process.stderr.write(
      `leasegate: ${free.toFixed(1)} GiB free in ${folder}; a first start needs about ${NEEDED_GIB}\n`,
    )
  }
}

function installPackages() {
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  const log = join(cacheRoot(), 'npm-install.log')
  process.stdout.write('installing npm packages …\n')
  const file = openSync(log, 'w')
  // Not `npm ci`: it wants every optional package for every other platform to be in the lockfile. This takes the lockfile's versions and
  // hashes all the same, and does not write it.
  const { status } = spawnSync('npm', ['install', '--no-save', '--no-audit', '--no-fund'], {
    cwd: root,
    stdio: ['ignore', file, file],
  })
  if (status !== 0) {
    const last = readFileSync(log, 'utf8').trimEnd().split('\n').slice(-8).join('\n  ')
    fail(`npm packages could not be installed:\n  ${last}\n  (log: ${log})`)
  }
  writeFileSync(stamp, wanted)
}

const [command, ...args] = process.argv.slice(2)
const script = join(root, 'local', `${command}.ts`)
if (command === undefined || !existsSync(script)) fail(`no such command: ${command}`)
const problems = missing()
if (problems.length > 0) fail(`this machine lacks\n  ${problems.join('\n  ')}`)
checkDisk()
installPackages()

const node = join(modules, '.bin', 'node')
const child = spawn(node, [script, ...args], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, PATH: `${join(modules, '.bin')}:${process.env.PATH}` },
})
// A Ctrl-C in the terminal reaches the child by itself; both of us wait until it has put everything away.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => child.kill('SIGTERM'))
child.once('error', error => fail(`${node} cannot be started: ${error.message}`))
child.once('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 143)))
