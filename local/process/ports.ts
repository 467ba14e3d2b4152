import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

/** Below what the kernel gives to outgoing connections: one of those could take the port before whoever asked for it listens. */
const [LOWEST, HIGHEST] = [12_000, 29_999]
const TRIES = 100
const given = new Set<number>()

/** A port of loopback that was free a moment ago, and is told to nobody else in this process. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const port = randomInt(LOWEST, HIGHEST + 1)
    if (given.has(port)) continue
    const server = await listen(port).catch(() => null)
    if (server === null) continue
    await new Promise(resolve => server.close(resolve))
    given.add(port)
    return port
  }
  throw new Error(`no free port among ${LOWEST} to ${HIGHEST}`)
}

/** Throws a message for people when somebody else listens there. */
export async function assertFree(port: number, what: string, option: string): Promise<void> {
  try {
    const server = await listen(port)
    await new Promise(resolve => server.close(resolve))
  } catch {
    throw new Error(`port ${port} (${what}) is in use; end what listens there or choose another with ${option} PORT`)
  }
}

/** Those that people and agents reach. */
export async function assertPortsFree(ports: {
  readonly boundaryPort: number
  readonly brokerPort: number
}): Promise<void> {
  await assertFree(ports.boundaryPort, 'boundary', '--port')
  await assertFree(ports.brokerPort, 'broker', '--broker-port')
}

async function listen(port: number) {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  return server
}
