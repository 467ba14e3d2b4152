import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Report } from '../../../local/toolchain/cache.ts'
import { goTools } from '../../../local/toolchain/go-tools.ts'
import type { Command } from '../client-program.ts'
import type { Client } from '../matrix/client.ts'

function versionOf(module: string, name: string): string {
  const required = readFileSync(join(import.meta.dirname, module, 'go.mod'), 'utf8')
  return new RegExp(`^\\s${name} v(\\S+)$`, 'm').exec(required)?.[1] ?? ''
}

async function program(module: string, report: Report): Promise<Command> {
  const folder = await goTools({
    name: `client-go-${module}`,
    module: join(import.meta.dirname, module),
    programs: { [module]: '.' },
    report,
  })
  return { command: join(folder, module) }
}

const CLIENT_GOS = 'it leaves that to client-go'

export const GO_CLIENTS: readonly Client[] = [
  {
    id: 'client-go',
    title: 'Go `client-go`',
    version: versionOf('library', 'k8s.io/client-go'),
    often: true,
    needs: [],
    prepare: report => program('library', report),
    without: {},
    differs: {},
  },
  {
    id: 'controller-runtime',
    title: 'Go `controller-runtime`',
    version: versionOf('manager', 'sigs.k8s.io/controller-runtime'),
    // A minute of compiling, and little that client-go does not show.
    often: false,
    needs: [],
    prepare: report => program('manager', report),
    without: {
      version: CLIENT_GOS,
      discovery: CLIENT_GOS,
      table: CLIENT_GOS,
      gzip: CLIENT_GOS,
      'watch after 410 Gone': 'its cache does that by itself',
      logs: CLIENT_GOS,
      'logs followed': CLIENT_GOS,
      exec: CLIENT_GOS,
      'exec with input': CLIENT_GOS,
      'exec that fails': CLIENT_GOS,
      'port-forward': CLIENT_GOS,
    },
    differs: {},
  },
]
