import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import type { Server } from 'node:net'

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
  const mask = process.umask(0o177)
  try {
    server.listen(address.path)
  } finally {
    process.umask(mask)
  }
  await once(server, 'listening')
}
