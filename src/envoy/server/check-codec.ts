import type { ServiceDefinition } from '@grpc/grpc-js'
import type { Answer } from '../answer.ts'
import { GO_ON, toCheckResponse } from '../to-check-response.ts'
import type { CheckRequest } from '../to-http-request.ts'
import { readPlainCheck } from '../wire/plain-check.ts'
import { writePlainAllow } from '../wire/write-response.ts'
import { serviceDefinition } from './protos.ts'

const LIBRARYS = serviceDefinition('envoy.service.auth.v3.Authorization')['Check']
if (LIBRARYS === undefined) throw new Error('no Check in protos/')
const { requestDeserialize, responseSerialize } = LIBRARYS

const asTheyAre = (bytes: Buffer): Buffer => bytes

/** Envoy's ext_authz, of which both messages are bytes to the library. */
export const AUTHORIZATION: ServiceDefinition = {
  Check: { ...LIBRARYS, requestDeserialize: asTheyAre, responseSerialize: asTheyAre },
}

/** What is plain takes a twentieth of what the library takes for it; all else is the library's to read. Throws on what is no CheckRequest. */
export function readCheck(bytes: Buffer): CheckRequest {
  return readPlainCheck(bytes) ?? (requestDeserialize(bytes) as CheckRequest)
}

/** Null: to a head that may bring its body. Throws on what cannot be sent. */
export function writeAnswer(answer: Answer | null): Buffer {
  if (answer === null) return responseSerialize(GO_ON)
  return writePlainAllow(answer) ?? responseSerialize(toCheckResponse(answer))
}
