import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { NO_TERMS } from '../../../../src/lease/scope/terms.ts'
import { mayReachHost, mayTakeIdentity } from '../../../../src/policy/risk/pod-escape.ts'
import { type Metadata, metadataOf } from '../../../../src/request/object/metadata.ts'
import type { SentObject } from '../../../../src/request/object/sent-object.ts'
import { aPolicy } from '../../../policy/a-policy.ts'
import type { BodyAnswer, BodyQuestion, DecodedObject, GoOracle } from '../../../support/programs/go-oracle.ts'
import { read } from '../../a-http-request.ts'
import { arbitraryBody } from './arbitrary-body.ts'

export interface Counts {
  /** Read, and what the API server decodes says the same. */
  same: number
  /** Not read here, which counts as the worst. */
  unreadable: number
  /** Read here, and an error there. */
  undecoded: number
}

interface Run {
  readonly seed: number
  readonly numRuns: number
}

/** Throws, with the smallest such body and the seed, when one is read in another way than the API server decodes it. */
export async function assertSameBodies(oracle: GoOracle, run: Run): Promise<Counts> {
  const counts: Counts = { same: 0, unreadable: 0, undecoded: 0 }
  const agrees = fc.asyncProperty(fc.array(arbitraryBody, { minLength: 20, maxLength: 20 }), async questions => {
    const answers = await oracle.askBodies(questions)
    for (const [at, question] of questions.entries()) counts[compareBody(question, answers[at])] += 1
  })
  await fc.assert(agrees, { seed: run.seed, numRuns: Math.ceil(run.numRuns / 20) })
  return counts
}

export function compareBody({ contentType, body }: BodyQuestion, answer: BodyAnswer | undefined): keyof Counts {
  const headers = [['content-type', contentType]] as const
  const request = read('POST /api/v1/namespaces/x/pods', { headers, body })
  const said = metadataOf(request.object)
  const decoded = [answer?.builtIn, answer?.custom].filter(each => each !== undefined && each.error === undefined)
  const asked = { request, policy: aPolicy(), terms: NO_TERMS }
  const escapes = [...(mayTakeIdentity(asked) ? ['identity'] : []), ...(mayReachHost(asked) ? ['host'] : [])]
  for (const object of decoded) {
    if (said !== null && object !== undefined && !isSame(said, object)) fail(contentType, body, said, object)
    if (!sameLabels(request.object, contentType, object)) fail(contentType, body, request.object, object)
    if (!(object?.escapes ?? []).every(reach => escapes.includes(reach))) fail(contentType, body, escapes, object)
  }
  if (said === null) return 'unreadable'
  return decoded.length === 0 ? 'undecoded' : 'same'
}

/** Of protobuf: what JSON and YAML may hold in their place is another matter. */
function sameLabels(said: SentObject, contentType: string, decoded: DecodedObject | undefined): boolean {
  if (said.kind !== 'plain' || !contentType.endsWith('protobuf')) return true
  const { labels = {} } = (said.value['metadata'] ?? {}) as { readonly labels?: object }
  return isDeepStrictEqual({ ...labels }, { ...decoded?.labels })
}

/** Go has no half characters: it puts U+FFFD in their place. */
function isSame(said: Metadata, decoded: DecodedObject): boolean {
  return (Object.keys(said) as (keyof Metadata)[]).every(key => said[key].toWellFormed() === decoded[key])
}

function fail(contentType: string, body: Uint8Array, here: unknown, there: unknown): never {
  const text = contentType.endsWith('protobuf') ? Buffer.from(body).toString('hex') : JSON.stringify(body.toString())
  const readings = [`here: ${JSON.stringify(here)}`, `there: ${JSON.stringify(there)}`]
  throw new Error([`${contentType} ${text} is read otherwise than by the API server:`, ...readings].join('\n'))
}
