import { once } from 'node:events'
import { chmod, mkdtemp, rename, rm, rmdir } from 'node:fs/promises'
import type { Server } from 'node:net'
import { dirname, join } from 'node:path'
import { isMainThread } from 'node:worker_threads'

export type ListenAddress =
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }

/** Whether nobody can connect from outside of this machine. */
export function isNear(address: ListenAddress): boolean {
  return address.kind === 'unix' || /^(127\.|::1$|localhost$)/.test(address.host)
}

/** Listens; a Unix socket takes the place of a stale one and is this user's alone from its first moment. */
export async function listen(server: Server, address: ListenAddress): Promise<void> {
  if (address.kind === 'tcp') {
    server.listen(address.port, address.host)
    await once(server, 'listening')
    return
  }
  await rm(address.path, { force: true })
  if (!isMainThread) return listenInThread(server, address.path)
  const mask = process.umask(0o177)
  try {
    server.listen(address.path)
  } finally {
    process.umask(mask)
  }
  await once(server, 'listening')
}

/** A thread must not change the mask, which is the process's: its socket begins in a folder that nobody else can enter. */
async function listenInThread(server: Server, path: string): Promise<void> {
  // No longer than the name of a socket: there is not much room for its path.
  const folder = await mkdtemp(join(dirname(path), '.'))
  const made = join(folder, 's')
  try {
    server.listen(made)
    await once(server, 'listening')
    await chmod(made, 0o600)
    await rename(made, path)
  } finally {
    await rmdir(folder)
  }
}
