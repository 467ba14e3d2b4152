/**
 * First patch of each line in which bytes behind an SPDY upgrade cannot reach the upstream as a request of their own
 * (GHSA-3vhp-c83q-jqc2). Lines before these are no longer supported; later ones have it from the start.
 */
const SAFE_FROM: Readonly<Record<number, number>> = { 38: 5, 39: 1 }
const OLDEST_MINOR = 38

/** Whether this Envoy may stand in front of an API server; takes what `envoy --version` prints, or a bare version. */
export function isSafeVersion(printed: string): boolean {
  const [, major = '', minor = '', patch = ''] = /(?:^|\/)(\d+)\.(\d+)\.(\d+)(?:\/|$)/.exec(printed.trim()) ?? []
  if (major === '' || Number(major) < 1) return false
  if (Number(major) > 1) return true
  return Number(minor) >= OLDEST_MINOR && Number(patch) >= (SAFE_FROM[Number(minor)] ?? 0)
}
