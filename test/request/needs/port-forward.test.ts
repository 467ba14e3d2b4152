import { describe, expect, test } from 'vitest'
import { readAnywhere } from '../../../src/request/read-request.ts'

const TUNNEL = 'SPDY/3.1+portforward.k8s.io'

function readForward(query: string, protocol: string) {
  const upgrade =
    protocol === 'SPDY/3.1'
      ? [['upgrade', 'SPDY/3.1']]
      : [
          ['upgrade', 'websocket'],
          ['sec-websocket-protocol', protocol],
        ]
  const headers = [['connection', 'Upgrade'], ...upgrade] as [string, string][]
  const target = `/api/v1/namespaces/x/pods/p/portforward${query}`
  const method = protocol === 'SPDY/3.1' ? 'POST' : 'GET'
  return readAnywhere({ id: 'r', method, target, headers, body: Buffer.alloc(0), route: null, source: '::1' })
}

describe('refusePorts', () => {
  test.each([
    { query: '?ports=8080', protocol: 'SPDY/3.1' },
    { query: '?ports=8080', protocol: TUNNEL },
    { query: '?ports=8080', protocol: `v4.channel.k8s.io, ${TUNNEL}` },
    { query: '?x=1&ports=', protocol: TUNNEL },
  ])('ports that bind nothing are refused: $query by $protocol', ({ query, protocol }) => {
    expect(readForward(query, protocol)).toMatchObject({ kind: 'refused', reason: 'odd-upgrade' })
  })

  test.each([
    { query: '', protocol: 'SPDY/3.1', ports: [] },
    { query: '', protocol: TUNNEL, ports: [] },
    { query: '?ports=80&ports=443', protocol: 'v4.channel.k8s.io', ports: ['80', '443'] },
  ])('$protocol with "$query" is bound to $ports', ({ query, protocol, ports }) => {
    expect(readForward(query, protocol)).toMatchObject({ kind: 'read', request: { ports } })
  })
})
