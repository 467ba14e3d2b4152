import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { must } from '../../../local/process/must.ts'
import { type Ran, run } from '../../../local/process/run.ts'
import { packClient } from '../../../local/release/client/pack.ts'
import { nodeOfTheMachine } from './node-of-the-machine.ts'

/** The packed program, installed where there is nothing else. */
export interface InstalledClient extends AsyncDisposable {
  readonly tarball: string
  /** Folder of what was installed. */
  readonly folder: string
  readonly leasegate: (args: readonly string[], env?: Readonly<Record<string, string>>) => Promise<Ran>
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
