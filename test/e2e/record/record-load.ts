import { Agent, request } from 'node:https'
import { setTimeout as pause } from 'node:timers/promises'
import type { TestEdition } from '../an-edition.ts'

/** One request of the load. Its name is nobody else's, so that its row can be found without an id. */
export interface Sent {
  readonly name: string
  readonly wanted: 'allow' | 'deny'
  /** 0: no answer. */
  readonly status: number
}

export interface Load {
  readonly sent: readonly Sent[]
  /** Lets every client finish what it is at. */
  readonly stop: () => Promise<void>
}

const CLIENTS = 8
const TOKEN_MS = 90_000

/** Clients that keep their connections and never wait: reads, writes, and what the lease does not cover. */
export async function startLoad(edition: TestEdition, lease: string): Promise<Load> {
  const { app, foreign } = edition.edition.names
  const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS, rejectUnauthorized: false })
  const sent: Sent[] = []
  const stopping = new AbortController()
  let token = await edition.token(lease)
  let count = 0

  const renew = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await pause(TOKEN_MS, undefined, { signal: stopping.signal }).catch(() => undefined)
      token = await edition.token(lease).catch(() => token)
    }
  }
  const client = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const number = count++
      const name = `r-${number}`
      const wanted = number % 5 === 0 ? 'deny' : 'allow'
      const namespace = wanted === 'deny' ? foreign : app
      const writes = wanted === 'allow' && number % 7 === 0
      const status = await ask({ base: edition.edition.boundaryUrl, agent, token, namespace, name, writes })
      sent.push({ name, wanted, status })
      // A boundary that is away refuses at once: no need to ask thousands of times.
      await pause(status === 0 || status === 503 ? 20 : 2)
    }
  }
  const running = [renew(), ...Array.from({ length: CLIENTS }, client)]
  return {
    sent,
    stop: async () => {
      stopping.abort()
      await Promise.all(running)
      agent.destroy()
    },
  }
}

interface Asked {
  readonly base: string
  readonly agent: Agent
  readonly token: string
  readonly namespace: string
  readonly name: string
  readonly writes: boolean
}

function ask({ base, agent, token, namespace, name, writes }: Asked): Promise<number> {
  const kind = writes ? 'configmaps' : 'pods'
  const options = {
    agent,
    method: writes ? 'DELETE' : 'GET',
    headers: { authorization: `Bearer ${token}`, 'user-agent': 'load' },
    timeout: 5000,
  }
  return new Promise(resolve => {
    const asking = request(`${base}/api/v1/namespaces/${namespace}/${kind}/${name}`, options, response => {
      response.resume()
      response.once('end', () => resolve(response.statusCode ?? 0))
      response.once('error', () => resolve(0))
    })
    asking.once('timeout', () => asking.destroy())
    asking.once('error', () => resolve(0))
    asking.end()
  })
}
