import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Report } from '../../../local/toolchain/cache.ts'
import { type PythonPackages, pythonPackages } from '../../support/programs/python-packages.ts'
import type { Command } from '../client-program.ts'
import type { Client } from '../matrix/client.ts'

const REQUIREMENTS = join(import.meta.dirname, 'requirements.txt')
const PROGRAM = join(import.meta.dirname, 'program')

const pinned = readFileSync(REQUIREMENTS, 'utf8')

function versionOf(name: string): string {
  return new RegExp(`^${name}==(\\S+)`, 'm').exec(pinned)?.[1] ?? ''
}

export function pythonWithClients(report: Report): Promise<PythonPackages> {
  return pythonPackages('python-clients', REQUIREMENTS, report)
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
    // Made from the same description as the other, and as slow.
    often: false,
    needs: ['python3'],
    prepare: report => pythonProgram('with_kubernetes_asyncio', report),
    without: { informer: 'it has none', 'port-forward': 'it has none' },
    differs: {},
  },
]
