import { createServer } from 'node:http'
import { type ListenAddress, listen } from './listen.ts'

export interface Health {
  readonly address: ListenAddress
  /** In Prometheus' text format. */
  readonly metrics: () => Promise<string>
  /** Why the process cannot do its work now, null when it can. Says nothing secret: whoever can connect reads it. */
  readonly unready: () => Promise<string | null>
  /** What else is told, by path. */
  readonly others?: Readonly<Record<string, () => Promise<Answer>>>
}

/** Status, content type, text. */
export type Answer = readonly [number, string, string]

export interface HealthServer {
  stop(): Promise<void>
}

const METRICS = 'text/plain; version=0.0.4; charset=utf-8'
const TEXT = 'text/plain; charset=utf-8'

/**
 * `/metrics`, `/readyz`, and `/livez` and `/startupz`, which answer as long as the event loop turns. Over plain HTTP, to read alone; who
 * may connect is for the network to say.
 */
export async function startHealthServer({ address, metrics, unready, others = {} }: Health): Promise<HealthServer> {
  const answers: Readonly<Record<string, () => Promise<Answer>>> = {
    ...others,
    '/metrics': async () => [200, METRICS, await metrics()],
    '/readyz': async () => {
      const why = await unready().catch(() => 'what it needs does not answer')
      return [why === null ? 200 : 503, TEXT, `${why ?? 'ok'}\n`]
    },
    '/livez': async () => [200, TEXT, 'ok\n'],
    '/startupz': async () => [200, TEXT, 'ok\n'],
  }
  const server = createServer({ maxHeaderSize: 8192, requestTimeout: 5000 }, async ({ method, url = '' }, response) => {
    const answer = method === 'GET' && Object.hasOwn(answers, url) ? answers[url] : undefined
    const [status, type, text] = (await answer?.().catch(() => null)) ?? [answer === undefined ? 404 : 500, TEXT, '']
    response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(text)
  })
  await listen(server, address)
  return {
    stop: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
