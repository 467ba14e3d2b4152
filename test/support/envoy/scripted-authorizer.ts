import type { Answer, Denial } from '../../../src/envoy/answer.ts'
import { addPutOffLog } from '../../../src/envoy/server/access-log-server.ts'
import { addAuthorization, checkMethod } from '../../../src/envoy/server/authorization-server.ts'
import { type GrpcServer, startGrpcServer } from '../../../src/envoy/server/grpc-server.ts'
import { serviceDefinition } from '../../../src/envoy/server/protos.ts'
import { addStreamControl } from '../../../src/envoy/server/stream-control-server.ts'
import type { PutOff } from '../../../src/envoy/to-put-off.ts'
import type { HttpRequest } from '../../../src/request/http-request.ts'
import type { LiveStream } from '../../../src/session/live-streams.ts'

const CHECK = (() => {
  const { Check } = serviceDefinition('envoy.service.auth.v3.Authorization')
  if (Check === undefined) throw new Error('no Check in protos/')
  return Check
})()

/** What the authorizers of a test say; shared by them, changed by the test while they run. */
export class Script {
  /** The answer to a check. */
  answer: (http: HttpRequest) => Answer | Promise<Answer> = allow
  /** Put in place of the whole CheckResponse: an object as proto-loader takes it, bytes as they are, or a failure. */
  wire: (() => object | Buffer | Error | Promise<never>) | null = null
  /** The answer to a head whose body is still to come. */
  admission: (http: HttpRequest) => Denial | null | Promise<Denial | null> = () => null
  /** What is said of a request in which something failed; by default nothing can be. */
  failed: ((http: HttpRequest) => Denial) | null = null
  readonly heads: HttpRequest[] = []
  readonly checks: HttpRequest[] = []
  /** Who was asked, for each of the checks. */
  readonly asked: string[] = []
  readonly failures: unknown[] = []
  /** Requests with a yes that the API server answered with 429. */
  readonly putOff: PutOff[] = []
  /** Streams whose side stream is open, by the authorizer that holds it. */
  readonly live = new Map<LiveStream, string>()

  reset(): void {
    this.answer = allow
    this.wire = null
    this.admission = () => null
    this.failed = null
    this.heads.length = 0
    this.checks.length = 0
    this.asked.length = 0
    this.failures.length = 0
    this.putOff.length = 0
  }

  /** The check of the request with this target, the newest. */
  check(target: string): HttpRequest {
    const found = this.checks.findLast(each => each.target === target)
    if (found === undefined) throw new Error(`nobody asked about ${target}`)
    return found
  }
}

export const IDENTITY = {
  user: 'leasegate:bot',
  groups: ['leasegate:agents', 'leasegate:task:restart-web'],
  extras: { 'leasegate.dev/lease': 'lse_test', 'leasegate.dev/task': 'restart-web' },
}

export function keyOf({ id }: HttpRequest) {
  return { auditId: id, decidedAt: 1_700_000_000_000, agent: 'bot', lease: 'lse_test' }
}

export function allow(http: HttpRequest, given: Partial<Extract<Answer, { readonly kind: 'allow' }>> = {}): Answer {
  return {
    kind: 'allow',
    key: keyOf(http),
    identity: IDENTITY,
    streamMs: 60_000,
    timeoutSeconds: null,
    warning: null,
    ...given,
  }
}

export function deny(http: HttpRequest, given: Partial<Denial> = {}): Denial {
  return {
    kind: 'deny',
    key: keyOf(http),
    status: 403,
    retryAfter: null,
    body: '{"said":"by the authorizer"}',
    ...given,
  }
}

/** A real gRPC authorizer, on a real socket, that says what the script says. */
export function startScripted(socket: string, name: string, script: Script): Promise<GrpcServer> {
  const check = checkMethod({
    admit: async http => {
      script.heads.push(http)
      return script.admission(http)
    },
    check: async http => {
      script.checks.push(http)
      script.asked.push(name)
      return script.answer(http)
    },
    failed: (http, error) => {
      if (script.failed === null) throw error
      return script.failed(http)
    },
    onFailure: error => void script.failures.push(error),
  })
  return startGrpcServer({
    door: { kind: 'unix', path: socket },
    often: { ...check, answer: message => scripted(script, message, check.answer) },
    addServices: server => {
      addAuthorization(server, check)
      addPutOffLog(server, putOff => void script.putOff.push(putOff))
      addStreamControl(server, {
        onOpen: stream => void script.live.set(stream, name),
        onClose: stream => void script.live.delete(stream),
      })
    },
  })
}

/** As the authorizer answers, but for what the script gives on the wire itself: what a broken authorizer could say. */
async function scripted(
  { wire }: Script,
  message: Buffer,
  answer: (message: Buffer) => Promise<Buffer>,
): Promise<Buffer> {
  if (wire === null) return answer(message)
  const said = await wire()
  if (said instanceof Error) throw said
  return Buffer.isBuffer(said) ? said : CHECK.responseSerialize(said)
}
