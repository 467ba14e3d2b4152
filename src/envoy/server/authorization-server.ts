import type { Server, ServerUnaryCall, sendUnaryData } from '@grpc/grpc-js'
import type { HttpRequest } from '../../request/http-request.ts'
import type { Answer, Denial } from '../answer.ts'
import { isHeadAlone, toHttpRequest } from '../to-http-request.ts'
import { AUTHORIZATION, readCheck, writeAnswer } from './check-codec.ts'
import type { UnaryMethod } from './unary.ts'

export interface Authorization {
  /** Asked about a head while nobody has waited for its body; null lets that come, to be judged with it. */
  readonly admit: (http: HttpRequest) => Promise<Denial | null>
  readonly check: (http: HttpRequest) => Promise<Answer>
  /** Something failed that should not: what is said of that one request. */
  readonly failed: (http: HttpRequest, error: unknown) => Denial
  /** Not even that could be said; the request was denied. */
  readonly onFailure: (error: unknown) => void
}

/** Serves Envoy's ext_authz. */
export function addAuthorization(server: Server, { answer }: UnaryMethod): void {
  server.addService(AUTHORIZATION, {
    Check: (call: ServerUnaryCall<Buffer, Buffer>, respond: sendUnaryData<Buffer>) => {
      answer(call.request).then(
        response => respond(null, response),
        () => respond({ code: 14, details: 'no decision' }),
      )
    },
  })
}

/**
 * The one method of that, whoever serves it. A failure in one request is a denial of that one, in our words; what cannot be said at all
 * becomes a gRPC error, which Envoy takes for a denial too.
 */
export function checkMethod(authorization: Authorization): UnaryMethod {
  return {
    path: '/envoy.service.auth.v3.Authorization/Check',
    answer: bytes =>
      answer(bytes, authorization).catch(error => {
        authorization.onFailure(error)
        throw error
      }),
  }
}

async function answer(bytes: Buffer, authorization: Authorization): Promise<Buffer> {
  const check = readCheck(bytes)
  const http = toHttpRequest(check)
  try {
    return writeAnswer(isHeadAlone(check) ? await authorization.admit(http) : await authorization.check(http))
  } catch (error) {
    return writeAnswer(authorization.failed(http, error))
  }
}
