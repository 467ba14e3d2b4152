import type { Server, ServerUnaryCall, sendUnaryData } from '@grpc/grpc-js'
import type { HttpRequest } from '../../request/http-request.ts'
import type { Answer, Denial } from '../answer.ts'
import { GO_ON, toCheckResponse } from '../to-check-response.ts'
import { type CheckRequest, isHeadAlone, toHttpRequest } from '../to-http-request.ts'
import { serviceDefinition } from './protos.ts'

export interface Authorization {
  /** Asked about a head while nobody has waited for its body; null lets that come, to be judged with it. */
  readonly admit: (http: HttpRequest) => Promise<Denial | null>
  readonly check: (http: HttpRequest) => Promise<Answer>
  /** Something failed that should not: what is said of that one request. */
  readonly failed: (http: HttpRequest, error: unknown) => Denial
  /** Not even that could be said; the request was denied. */
  readonly onFailure: (error: unknown) => void
}

/**
 * Serves Envoy's ext_authz. A failure in one request is a denial of that one, in our words; what cannot be said at all becomes a gRPC
 * error, which Envoy takes for a denial too.
 */
export function addAuthorization(server: Server, authorization: Authorization): void {
  server.addService(serviceDefinition('envoy.service.auth.v3.Authorization'), {
    Check: (call: ServerUnaryCall<CheckRequest, object>, respond: sendUnaryData<object>) => {
      answer(call.request, authorization).then(
        response => respond(null, response),
        error => {
          authorization.onFailure(error)
          respond({ code: 14, details: 'no decision' })
        },
      )
    },
  })
}

async function answer(check: CheckRequest, authorization: Authorization): Promise<object> {
  const http = toHttpRequest(check)
  try {
    if (!isHeadAlone(check)) return toCheckResponse(await authorization.check(http))
    const denial = await authorization.admit(http)
    return denial === null ? GO_ON : toCheckResponse(denial)
  } catch (error) {
    return toCheckResponse(authorization.failed(http, error))
  }
}
