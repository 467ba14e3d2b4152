import { connect, createServer, type Server, type Socket } from 'node:net'

/** A Unix socket in front of another one that holds every answer back for a while. */
export class SlowProxy {
  delayMs = 0
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  private constructor(target: string) {
    this.#server = createServer(client => {
      const upstream = connect(target)
      for (const socket of [client, upstream]) {
        this.#sockets.add(socket)
        socket.on('error', () => socket.destroy())
        socket.on('close', () => this.#sockets.delete(socket))
      }
      client.pipe(upstream)
      upstream.on('data', data => setTimeout(() => client.write(data), this.delayMs))
      upstream.on('close', () => client.destroy())
    })
  }

  static async listen(path: string, target: string): Promise<SlowProxy> {
    const proxy = new SlowProxy(target)
    await new Promise<void>(resolve => proxy.#server.listen(path, resolve))
    return proxy
  }

  close(): void {
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
  }
}
