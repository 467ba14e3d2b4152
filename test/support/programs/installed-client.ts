import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { must } from '../../../local/process/must.ts'
import { type Ran, run } from '../../../local/process/run.ts'
import { packClient } from '../../../local/release/client/pack.ts'
import { packSingle } from '../../../local/release/client/single.ts'
import { nodeOfTheMachine } from './node-of-the-machine.ts'

/** The program of agents and approvers, as it comes to a machine that has nothing else of leasegate. */
export interface Client extends AsyncDisposable {
  readonly leasegate: (args: readonly string[], env?: Readonly<Record<string, string>>) => Promise<Ran>
}

/** The npm package, installed where there is nothing else. */
export interface InstalledClient extends Client {
  readonly tarball: string
  /** Folder of what was installed. */
  readonly folder: string
}

export async function installClient(): Promise<InstalledClient> {
  const directory = await mkdtemp(join(tmpdir(), 'lg-client-'))
  const tarball = await packClient(join(directory, 'packed'))
  const empty = join(directory, 'empty')
  const settings = ['--offline', '--no-audit', '--no-fund', '--cache', join(directory, 'cache')]
  await must('npm', ['install', '--prefix', empty, ...settings, tarball])
  const program = join(empty, 'node_modules/.bin/leasegate')
  return {
    tarball,
    folder: join(empty, 'node_modules/leasegate'),
    leasegate: (args, env = {}) => run(nodeOfTheMachine(), [program, ...args], { env }),
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  }
}

/** The single file, with nothing else in its folder and nothing in its environment but a home and what is given: no PATH, no Node.js. */
export async function singleClient(): Promise<Client & { readonly file: string }> {
  const directory = await mkdtemp(join(tmpdir(), 'lg-single-'))
  const file = await packSingle(directory)
  return {
    file,
    leasegate: (args, env = {}) => {
      const given = Object.entries({ PATH: '', HOME: directory, ...env }).map(([name, value]) => `${name}=${value}`)
      return run('/usr/bin/env', ['-i', ...given, file, ...args])
    },
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  }
}
