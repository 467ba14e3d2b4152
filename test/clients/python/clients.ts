import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { cached, type Report } from '../../../local/toolchain/cache.ts'
import { logged } from '../../../local/toolchain/logged.ts'
import type { Command } from '../client-program.ts'
import type { Client } from '../matrix/client.ts'

const REQUIREMENTS = join(import.meta.dirname, 'requirements.txt')
const PROGRAM = join(import.meta.dirname, 'program')

const pinned = readFileSync(REQUIREMENTS, 'utf8')

function versionOf(name: string): string {
  return new RegExp(`^${name}==(\\S+)`, 'm').exec(pinned)?.[1] ?? ''
}

/** What pip would fetch, checked by its hashes, and the interpreter of an environment that has it. */
export async function pythonWithClients(report: Report): Promise<{ readonly python: string; readonly wheels: string }> {
  const hash = createHash('sha256').update(`${pinned}wheels`).digest('hex').slice(0, 12)
  const folder = await cached({
    name: `python-clients-${hash}`,
    report,
    build: async (into, logFile) => {
      const wheels = join(into, 'wheels')
      const pip = ['-m', 'pip', '--disable-pip-version-check']
      const fetch = ['download', '--no-deps', '--only-binary=:all:', '--require-hashes', '--dest', wheels]
      await logged('python3', [...pip, ...fetch, '-r', REQUIREMENTS], { logFile })
      await logged('python3', ['-m', 'venv', '--copies', into], { logFile })
      const install = ['install', '--no-deps', '--no-index', '--find-links', wheels, '-r', REQUIREMENTS]
      await logged(join(into, 'bin/python'), [...pip, ...install], { logFile, env: { PIP_USER: '0' } })
    },
  })
  return { python: join(folder, 'bin/python'), wheels: join(folder, 'wheels') }
}

/** A module of the folder `program`, as it is run. */
export async function pythonProgram(module: string, report: Report): Promise<Command> {
  // Nothing is written into the checkout.
  const env = { PYTHONPATH: PROGRAM, PYTHONDONTWRITEBYTECODE: '1' }
  const { python } = await pythonWithClients(report)
  return { command: python, args: ['-u', '-m', module], env }
}

export const PYTHON_CLIENTS: readonly Client[] = [
  {
    id: 'python',
    title: 'Python `kubernetes`',
    version: versionOf('kubernetes'),
    often: true,
    needs: ['python3'],
    prepare: report => pythonProgram('with_kubernetes', report),
    without: {},
    differs: {},
  },
  {
    id: 'python-asyncio',
    title: 'Python `kubernetes_asyncio`',
    version: versionOf('kubernetes-asyncio'),
    often: true,
    needs: ['python3'],
    prepare: report => pythonProgram('with_kubernetes_asyncio', report),
    without: { informer: 'it has none', 'port-forward': 'it has none' },
    differs: {},
  },
]
