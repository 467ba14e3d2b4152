import { randomUUID } from 'node:crypto'
import { serviceDefinition } from '../../../../src/envoy/server/protos.ts'

/** As long as each other request id, which takes its place. */
export const PLACE = '00000000-0000-0000-0000-000000000000'

/** A check as Envoy sends it for `kubectl get`, as gRPC frames it: made once, each with another request id in its place. */
export function checkMaker(path: string, token: string): () => { readonly id: string; readonly frame: Buffer } {
  const method = serviceDefinition('envoy.service.auth.v3.Authorization')['Check']
  if (method === undefined) throw new Error('no Check in the service')
  const message = method.requestSerialize(aCheck(path, token))
  const whole = Buffer.alloc(message.length + 5)
  whole.writeUInt32BE(message.length, 1)
  message.copy(whole, 5)
  const places = [...placesOf(whole)]
  return () => {
    const id = randomUUID()
    const frame = Buffer.from(whole)
    for (const place of places) frame.write(id, place, 'latin1')
    return { id, frame }
  }
}

function* placesOf(bytes: Buffer): Generator<number> {
  for (let at = bytes.indexOf(PLACE); at !== -1; at = bytes.indexOf(PLACE, at + 1)) yield at
}

function aCheck(path: string, token: string): object {
  const line = (key: string, value: string) => ({ key, raw_value: Buffer.from(value) })
  const headers = [
    line(':authority', '127.0.0.1:6443'),
    line(':path', path),
    line(':method', 'GET'),
    line(':scheme', 'https'),
    line('accept', 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json'),
    line('authorization', `Bearer ${token}`),
    line('user-agent', 'kubectl/v1.36.3 (linux/amd64) kubernetes/0123abc'),
    line('kubectl-command', 'kubectl get'),
    line('kubectl-session', '6f9619ff-8b86-d011-b42d-00c04fc964ff'),
    line('accept-encoding', 'gzip'),
    line('x-forwarded-proto', 'https'),
    line('x-request-id', PLACE),
  ]
  const peer = (port: number) => ({ address: { socket_address: { address: '127.0.0.1', port_value: port } } })
  return {
    attributes: {
      source: peer(40_000),
      destination: peer(6443),
      request: {
        time: { seconds: 1_700_000_000, nanos: 123_456_789 },
        http: {
          id: '1234567890123456789',
          method: 'GET',
          path,
          host: '127.0.0.1:6443',
          scheme: 'https',
          protocol: 'HTTP/2',
          size: -1,
          header_map: { headers },
        },
      },
      context_extensions: { route: 'read' },
      metadata_context: {},
      route_metadata_context: {},
    },
  }
}
