import type { Place } from '../../../src/cli/token-cache/place.ts'

export const NOW = 1_800_000_000_000

/** As the broker signs them, but for the signature. */
export function aToken(lease: string, livesMs = 900_000): string {
  const iat = NOW / 1000
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${part({ alg: 'EdDSA' })}.${part({ lease, iat, exp: iat + livesMs / 1000 })}.c2lnbmVk`
}

/** What the broker gave out just now. */
export function given(lease: string, more: { readonly livesMs?: number; readonly isLast?: boolean } = {}) {
  const { livesMs = 900_000, isLast = false } = more
  const expirationTimestamp = new Date(NOW + livesMs).toISOString()
  return { token: aToken(lease, livesMs), expirationTimestamp, askedAt: NOW, isLast, certificateUntil: null }
}

export function aPlace(folder: string, change: Partial<Place> = {}): Place {
  const file = `${folder}/0123456789abcdef`
  return { folder, file, lease: 'lse_1', template: null, isForNow: false, certificate: null, ...change }
}
