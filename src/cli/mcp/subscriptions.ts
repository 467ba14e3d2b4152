import type { McpServer } from '@modelcontextprotocol/server'
import { LEASES_URI } from './lease-tools.ts'

/** Whether a client of before 2026-07-28 wants to know that leases have come or gone. Those of later ones are kept by the SDK. */
export function subscriptions({ server }: McpServer): () => boolean {
  let isWanted = false
  server.setRequestHandler('resources/subscribe', ({ params: { uri } }) => {
    isWanted ||= uri === LEASES_URI
    return {}
  })
  server.setRequestHandler('resources/unsubscribe', ({ params: { uri } }) => {
    isWanted &&= uri !== LEASES_URI
    return {}
  })
  return () => isWanted
}
