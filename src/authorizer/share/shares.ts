import type { HttpRequest } from '../../request/http-request.ts'
import { Share } from './share.ts'

const MEBIBYTE = 1024 * 1024
/** No body costs less to wait for: its request is kept as well. */
const LEAST_BYTES = 2048

/** What one agent may take of one authorizer, under however many leases. */
export interface Shares {
  /** Bytes of bodies that Envoy waits for: taken with the head, given back with the body, or by time when that never comes. */
  readonly bodyBytes: Share
  /** Milliseconds of CPU for judging what has a body. */
  readonly cpuMs: Share
}

/**
 * Room for whatever kubectl, helm and controllers send. Envoy waits for a minute at most: whoever takes all of it all the time keeps
 * 62 MiB of Envoy's heap of 1 GiB for each authorizer, and a quarter of that one's time.
 */
export function newShares(): Shares {
  return {
    bodyBytes: new Share({ most: 32 * MEBIBYTE, perSecond: MEBIBYTE / 2 }),
    cpuMs: new Share({ most: 250, perSecond: 250 }),
  }
}

/** What a request takes of `bodyBytes` while its body is on the way. */
export function waitedFor({ announcedBytes }: HttpRequest): number {
  return announcedBytes === undefined ? 0 : Math.max(announcedBytes, LEAST_BYTES)
}
