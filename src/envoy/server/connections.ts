import type { Socket } from 'node:net'

/** What gRPC's library calls who is at the other end; on a Unix socket all have the same name. */
function peerOf({ remoteAddress, remotePort }: Socket): string {
  return remoteAddress === undefined ? 'unknown' : `${remoteAddress}:${remotePort}`
}

/** The connections that are open. */
export class Connections {
  readonly #byPeer = new Map<string, number>()
  readonly #onHungUp: (peer: string) => void
  #onNone: (() => void)[] = []

  /** `onHungUp` hears of a peer whose last connection has ended. */
  constructor(onHungUp: (peer: string) => void) {
    this.#onHungUp = onHungUp
  }

  add(socket: Socket): void {
    const peer = peerOf(socket)
    this.#byPeer.set(peer, (this.#byPeer.get(peer) ?? 0) + 1)
    socket.once('close', () => this.#remove(peer))
  }

  /** Resolves once there is none. */
  none(): Promise<void> {
    if (this.#byPeer.size === 0) return Promise.resolve()
    return new Promise(resolve => {
      this.#onNone.push(resolve)
    })
  }

  #remove(peer: string): void {
    const left = (this.#byPeer.get(peer) ?? 0) - 1
    if (left > 0) {
      this.#byPeer.set(peer, left)
      return
    }
    this.#byPeer.delete(peer)
    this.#onHungUp(peer)
    if (this.#byPeer.size === 0) for (const told of this.#onNone.splice(0)) told()
  }
}
