import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** How often a client sends a list that is told to come again in a second: by status. */
export type Tries = Readonly<Record<429 | 503, number>>

/** By id; of the page about refusals, which has a row for each, in words. */
export const TRIES: Readonly<Record<string, Tries>> = {
  kubectl: { 429: 11, 503: 11 },
  'client-go': { 429: 11, 503: 11 },
  'controller-runtime': { 429: 11, 503: 11 },
  python: { 429: 4, 503: 4 },
  'python-asyncio': { 429: 1, 503: 1 },
  javascript: { 429: 1, 503: 1 },
  'java-client': { 429: 1, 503: 1 },
  fabric8: { 429: 11, 503: 11 },
  'rust-kube': { 429: 1, 503: 1 },
}

const GROUP = { kind: 'APIGroupList', apiVersion: 'v1', groups: [] }
const DISCOVERY: Readonly<Record<string, object>> = {
  '/version': { major: '1', minor: '36', gitVersion: 'v1.36.0' },
  '/api': { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] },
  '/apis': GROUP,
  '/api/v1': {
    kind: 'APIResourceList',
    groupVersion: 'v1',
    resources: [
      { name: 'configmaps', singularName: 'configmap', namespaced: true, kind: 'ConfigMap', verbs: ['list'] },
    ],
  },
}

/** A server that knows one kind and never has time for it, and counts how often it was asked. */
export class BusyServer {
  readonly #server = createServer((request, response) => this.#answer(request, response))
  readonly #status: 429 | 503
  asked = 0

  constructor(status: 429 | 503) {
    this.#status = status
  }

  async listen(): Promise<string> {
    await new Promise<void>(resolve => this.#server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  stop(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }

  #answer({ url = '' }: IncomingMessage, response: ServerResponse): void {
    const path = url.split('?', 1)[0] ?? ''
    response.setHeader('Content-Type', 'application/json')
    const known = DISCOVERY[path]
    if (known !== undefined) return void response.end(JSON.stringify(known))
    if (path.endsWith('/configmaps')) this.asked += 1
    const details = { retryAfterSeconds: 1 }
    const status = { kind: 'Status', apiVersion: 'v1', status: 'Failure', message: 'busy', details, code: this.#status }
    response.writeHead(this.#status, { 'Retry-After': '1' }).end(JSON.stringify(status))
  }
}

/** A kubeconfig for it. */
export function kubeconfigFor(server: string): string {
  const named = (kind: string, of: object) => ({ name: 'busy', [kind]: of })
  return JSON.stringify({
    kind: 'Config',
    apiVersion: 'v1',
    clusters: [named('cluster', { server })],
    users: [named('user', { token: 'none' })],
    contexts: [named('context', { cluster: 'busy', user: 'busy' })],
    'current-context': 'busy',
  })
}
