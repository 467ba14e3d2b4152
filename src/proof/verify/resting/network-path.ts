import { connect } from 'node:net'
import type { Checked, Finding } from '../../../findings/report.ts'
import type { Endpoint, VerifyParts } from '../parts.ts'

const WITHIN_MS = 3000

/** From inside a pod of the cluster: whether the API server can be reached at all without Envoy. */
export async function networkPath({ env }: VerifyParts, apiServer: Endpoint | null): Promise<Checked> {
  const name = 'network-path'
  const title = 'no way through the network leads to the API server but through the boundary'
  const host = env['KUBERNETES_SERVICE_HOST'] ?? ''
  if (host === '') {
    const seen = ["this does not run in a pod: from here the agents' network cannot be seen"]
    return { name, title, tried: [], seen, findings: [] }
  }
  const port = Number(env['KUBERNETES_SERVICE_PORT_HTTPS'] ?? '443')
  const ways = [{ host, port }, ...(apiServer === null ? [] : [toAddress(apiServer)])]
  const tried: string[] = []
  const findings: Finding[] = []
  for (const way of ways) {
    const open = await opens(way)
    tried.push(`a TCP connection to ${way.host}:${way.port} → ${open ? 'open' : 'no connection'}`)
    if (open) findings.push(toFinding(way))
  }
  return { name, title, tried, seen: [], findings }
}

interface Address {
  readonly host: string
  readonly port: number
}

function toAddress({ server }: Endpoint): Address {
  const { hostname, port } = new URL(server)
  return { host: hostname, port: port === '' ? 443 : Number(port) }
}

function opens({ host, port }: Address): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect({ host, port, timeout: WITHIN_MS })
    const end = (open: boolean) => {
      socket.destroy()
      resolve(open)
    }
    socket.once('connect', () => end(true))
    socket.once('timeout', () => end(false))
    socket.once('error', () => end(false))
  })
}

function toFinding({ host, port }: Address): Finding {
  return {
    severity: 'error',
    what: `the API server can be reached at ${host}:${port} without the boundary`,
    why: 'A credential that leaks or is found would work, and nothing of it would be on record here.',
    mend: "Give the agents' namespace a NetworkPolicy whose egress leads to DNS and to Envoy alone (the chart has one), with a network plugin that enforces it.",
  }
}
