/** `2026-11-29 10:00:02 UTC`. */
export function timeText(ms: number): string {
  return `${new Date(ms).toISOString().replace('T', ' ').slice(0, 19)} UTC`
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
] as const

/** `1h 5m`, `12s`, `340ms`: the two largest units. */
export function lastedText(ms: number): string {
  if (ms < 1000) return `${ms}ms`
  const first = UNITS.findIndex(([, unit]) => ms >= unit)
  const shown = UNITS.slice(first, first + 2).map(([name, unit], index) => {
    const above = index === 0 ? ms : ms % (UNITS[first]?.[1] ?? 1)
    return `${Math.floor(above / unit)}${name}`
  })
  return shown.filter((text, index) => index === 0 || !text.startsWith('0')).join(' ')
}
