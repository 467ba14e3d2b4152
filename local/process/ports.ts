import { createServer } from 'node:net'

/** A port of loopback that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = await listen(0)
  const address = server.address()
  await new Promise(resolve => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port was given')
  return address.port
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
