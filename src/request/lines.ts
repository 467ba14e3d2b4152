import { headerItems, headerValues, refuseHeaders } from './headers.ts'
import type { HeaderLine } from './http-request.ts'
import type { Refused } from './refuse.ts'

/** What the header lines of a request say, whatever it asks for: a client sends the same ones again and again. */
export interface Lines {
  readonly headers: readonly HeaderLine[]
  readonly refused: Refused | null
  /** Protocols that it wants to change to, and whether it says so where that counts. */
  readonly upgrades: readonly string[]
  readonly isUpgradeAnnounced: boolean
  /** Of the body, as it was announced; undefined: nothing was. */
  readonly length: string | undefined
  readonly isChunked: boolean
  /** Media type of the body without parameters, lower case; '' when none is named. */
  readonly contentType: string
}

export function readLines(headers: readonly HeaderLine[]): Lines {
  const [type = ''] = headerValues(headers, 'content-type')
  return {
    headers,
    refused: refuseHeaders(headers),
    upgrades: headerItems(headers, 'upgrade'),
    // The API server looks for this word alone when it decides whether to tunnel.
    isUpgradeAnnounced: headerItems(headers, 'connection').some(token => token.toLowerCase() === 'upgrade'),
    length: headerValues(headers, 'content-length')[0],
    isChunked: headerValues(headers, 'transfer-encoding').length > 0,
    contentType: type.split(';', 1).join('').trim().toLowerCase(),
  }
}
