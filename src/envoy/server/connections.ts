import type { Socket } from 'node:net'

/** What gRPC's library calls who is at the other end; on a Unix socket all have the same name. */
export function peerOf({ remoteAddress, remotePort }: Socket): string {
  return remoteAddress === undefined ? 'unknown' : `${remoteAddress}:${remotePort}`
}

/** Calls back when the last connection of a peer has ended. */
export function watchPeers(onHungUp: (peer: string) => void): (socket: Socket) => void {
  const open = new Map<string, number>()
  return socket => {
    const peer = peerOf(socket)
    open.set(peer, (open.get(peer) ?? 0) + 1)
    socket.once('close', () => {
      const left = (open.get(peer) ?? 0) - 1
      if (left > 0) open.set(peer, left)
      else {
        open.delete(peer)
        onHungUp(peer)
      }
    })
  }
}
