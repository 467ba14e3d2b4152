import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import type { HttpRequest } from '../../../src/request/http-request.ts'
import { readAnywhere } from '../../../src/request/read-request.ts'
import type { Answer, GoOracle } from '../../support/programs/go-oracle.ts'

export interface Counts {
  /** Read, and as the API server reads them. */
  readonly same: number
  /** Stricter than the API server, which is always allowed. */
  readonly refused: number
}

interface Run {
  readonly seed: number
  readonly numRuns: number
}

/** Throws, with the smallest such request and the seed, when one is read in another way than the API server reads it. */
export async function assertSameReading(
  oracle: GoOracle,
  requests: fc.Arbitrary<HttpRequest>,
  run: Run,
): Promise<Counts> {
  const counts = { same: 0, refused: 0 }
  const agrees = fc.asyncProperty(requests, async http => {
    counts[compare(http, await oracle.ask(http))] += 1
  })
  await fc.assert(agrees, run)
  return counts
}

export function compare(http: HttpRequest, answer: Answer): keyof Counts {
  const read = readAnywhere(http)
  if (read.kind === 'refused') return 'refused'
  if (answer.error === undefined && isDeepStrictEqual({ ...read.request.info }, answer)) return 'same'
  const readings = [JSON.stringify(read.request.info), JSON.stringify(answer)]
  throw new Error([`${http.method} ${http.target} is read otherwise than by the API server:`, ...readings].join('\n'))
}

export function shareRead({ same, refused }: Counts): number {
  return same / (same + refused)
}
