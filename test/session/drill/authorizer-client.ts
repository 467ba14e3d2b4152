import { Client, type ClientDuplexStream, credentials } from '@grpc/grpc-js'
import { METADATA_NAMESPACE } from '../../../src/envoy/metadata.ts'
import { serviceDefinition } from '../../../src/envoy/server/protos.ts'
import { toStruct } from '../../../src/envoy/struct.ts'
import type { Lease } from '../../../src/lease/lease.ts'

const check = method('envoy.service.auth.v3.Authorization', 'Check')
const control = method('envoy.service.ext_proc.v3.ExternalProcessor', 'Process')

function method(service: string, name: string) {
  const found = serviceDefinition(service)[name]
  if (found === undefined) throw new Error(`no ${name} in ${service}`)
  return found
}

export interface OpenStream {
  readonly lease: string
  /** Why it was cut, '' while it runs. */
  readonly cut: string
  /** On the clock that only goes forward. */
  readonly cutAt: number
}

let asked = 0

/** Asks an authorizer as Envoy does: one connection, checks and side streams. */
export class AuthorizerClient {
  readonly #client: Client
  readonly #calls: ClientDuplexStream<object, object>[] = []

  constructor(socket: string) {
    this.#client = new Client(`unix:${socket}`, credentials.createInsecure())
  }

  /** True when it is allowed. */
  async allows(token: string, namespace: string): Promise<boolean> {
    const answer = await new Promise<{ status?: { code?: number } }>((resolve, reject) => {
      this.#client.makeUnaryRequest<object, { status?: { code?: number } }>(
        check.path,
        check.requestSerialize,
        bytes => check.responseDeserialize(bytes) as { status?: { code?: number } },
        aCheck(token, `/api/v1/namespaces/${namespace}/pods/web-0`),
        (error, answered) => (error === null && answered !== undefined ? resolve(answered) : reject(error)),
      )
    })
    return (answer.status?.code ?? 0) === 0
  }

  /** A watch that runs under the lease; resolves once the authorizer has it. */
  open({ id, agent }: Lease): Promise<OpenStream> {
    const stream = { lease: id, cut: '', cutAt: 0 }
    const call = this.#client.makeBidiStreamRequest<object, object>(control.path, control.requestSerialize, bytes =>
      control.responseDeserialize(bytes),
    )
    this.#calls.push(call)
    call.on('error', () => undefined)
    const row = { audit_id: `drill-${asked++}`, decided_at: Date.now(), agent, lease: id }
    return new Promise(resolve => {
      call.on('data', (answer: { readonly immediate_response?: { readonly details: string } | null }) => {
        if (answer.immediate_response == null) return resolve(stream)
        stream.cut = answer.immediate_response.details
        stream.cutAt = performance.now()
      })
      call.write({
        request_headers: {},
        metadata_context: { filter_metadata: { [METADATA_NAMESPACE]: toStruct({ row }) } },
      })
    })
  }

  close(): void {
    for (const call of this.#calls) call.cancel()
    this.#client.close()
  }
}

function aCheck(token: string, path: string): object {
  const line = (key: string, value: string) => ({ key, raw_value: Buffer.from(value) })
  const headers = [
    line('authorization', `Bearer ${token}`),
    line('x-request-id', `drill-${asked++}`),
    line('user-agent', 'kubectl/v1.36.3 (linux/amd64)'),
    line('accept', 'application/json'),
  ]
  return {
    attributes: {
      source: { address: { socket_address: { address: '127.0.0.1', port_value: 1 } } },
      request: { http: { method: 'GET', path, header_map: { headers } } },
      context_extensions: { route: 'read' },
    },
  }
}
