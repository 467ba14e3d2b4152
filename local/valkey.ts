import { join } from 'node:path'
import { listensOn } from './process/listens-on.ts'
import type { Supervisor } from './process/supervisor.ts'

interface ValkeyOptions {
  readonly server: string
  /** Where data, log and socket go. */
  readonly directory: string
  readonly supervisor: Supervisor
}

/** A durable Valkey on a socket of its owner alone: every write is on disk before it is answered, nothing is ever evicted. */
export async function startValkey({ server, directory, supervisor }: ValkeyOptions): Promise<string> {
  const socket = join(directory, 'valkey.sock')
  const settings = {
    port: '0',
    unixsocket: socket,
    unixsocketperm: '600',
    dir: directory,
    appendonly: 'yes',
    appendfsync: 'always',
    'maxmemory-policy': 'noeviction',
    maxmemory: '512mb',
    save: '',
  }
  await supervisor.start({
    name: 'valkey',
    command: server,
    args: Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]),
    logFile: join(directory, 'valkey.log'),
    isReady: () => listensOn(socket),
  })
  return socket
}
