import { type ChildProcess, spawn } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { keychainOf } from '../../../src/cli/login/store/keychain.ts'
import { until } from '../../support/until.ts'

/** What a process needs to use it. */
export interface Keyring extends AsyncDisposable {
  readonly env: Readonly<Record<string, string>>
}

/** `secret-tool` as a script that has files for secrets, and writes down how it was called. */
export async function standIn(): Promise<Keyring & { readonly calls: string; readonly folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'lg-keyring-'))
  await writeFile(join(folder, 'secret-tool'), SCRIPT, { mode: 0o755 })
  const env = { PATH: `${folder}${delimiter}${process.env['PATH']}`, KEYRING: folder }
  const remove = () => rm(folder, { recursive: true, force: true })
  return { env, calls: join(folder, 'calls'), folder, [Symbol.asyncDispose]: remove }
}

/** Ends as the real one does: 1 for what is not there, and with words where it cannot be asked. */
const SCRIPT = `#!/bin/sh
{ echo "$*"; env; } >> "$KEYRING/calls"
if [ -e "$KEYRING/locked" ]; then echo 'secret-tool: Cannot autolaunch D-Bus' >&2; exit 1; fi
for account; do :; done
case $1 in
  store) cat > "$KEYRING/kept-$account" ;;
  lookup) [ -e "$KEYRING/kept-$account" ] && cat "$KEYRING/kept-$account" ;;
  clear) rm "$KEYRING/kept-$account" 2> "$KEYRING/unsaid" ;;
esac
`

const PROGRAMS = ['secret-tool', 'gnome-keyring-daemon', 'dbus-daemon']

/** Which programs of a real one this machine lacks. */
export function missingPrograms(): readonly string[] {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  return PROGRAMS.filter(program => !folders.some(folder => isExecutable(join(folder, program))))
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** GNOME Keyring on a bus of its own, unlocked and empty. */
export async function realKeyring(): Promise<Keyring> {
  const folder = await mkdtemp(join(tmpdir(), 'lg-keyring-'))
  const surroundings = ['PATH', 'LD_LIBRARY_PATH'].map(name => [name, process.env[name] ?? ''] as const)
  const own = { ...Object.fromEntries(surroundings.filter(([, value]) => value !== '')), HOME: folder }
  const bus = spawn('dbus-daemon', ['--session', '--nofork', '--print-address=1'], {
    env: own,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  let address = ''
  bus.stdout.on('data', chunk => {
    address += chunk
  })
  await until('the bus to say where it is', async () => address.includes('\n'), 30_000)
  const env = { ...own, DBUS_SESSION_BUS_ADDRESS: address.trim(), XDG_RUNTIME_DIR: folder }
  const daemon = spawn('gnome-keyring-daemon', ['--foreground', '--unlock', '--components=secrets'], {
    env,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  daemon.stdin.end('password of this test')
  const isThere = () =>
    keychainOf(env, 'linux')
      ?.find('nothing')
      .then(
        () => true,
        () => false,
      ) ?? false
  await until('the keyring to be there', async () => isThere(), 30_000)
  const stop = async (child: ChildProcess) => {
    const ended = new Promise(resolve => child.once('exit', resolve))
    child.kill('SIGTERM')
    await ended
  }
  return {
    env,
    [Symbol.asyncDispose]: async () => {
      await stop(daemon)
      await stop(bus)
      await rm(folder, { recursive: true, force: true })
    },
  }
}
