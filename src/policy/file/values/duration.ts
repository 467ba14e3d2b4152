const UNITS = { h: 3_600_000, m: 60_000, s: 1000 } as const
const DURATION = /^(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6})s)?$/

/** `2m`, `1h30m`, `90s` in milliseconds; null for anything else and for nothing at all. */
export function parseDuration(text: string): number | null {
  const found = DURATION.exec(text)
  if (found === null || text === '') return null
  const [, hours = '0', minutes = '0', seconds = '0'] = found
  const ms = Number(hours) * UNITS.h + Number(minutes) * UNITS.m + Number(seconds) * UNITS.s
  return ms > 0 ? ms : null
}

const LONGEST_HOLD_MS = 30 * 24 * UNITS.h

/** How long an agent is held, days too (`7d`); null for anything else, and for more than 30 days. */
export function parseHoldTime(text: string): number | null {
  const days = /^(\d{1,2})d$/.exec(text)?.[1]
  const ms = parseDuration(days === undefined ? text : `${Number(days) * 24}h`)
  return ms !== null && ms <= LONGEST_HOLD_MS ? ms : null
}

/** `90000` → `1m30s`; parts of a second count as a whole one. */
export function formatDuration(ms: number): string {
  const seconds = Math.ceil(ms / 1000)
  const parts = [
    [Math.floor(seconds / 3600), 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [seconds % 60, 's'],
  ] as const
  const text = parts.filter(([count]) => count > 0).map(([count, unit]) => `${count}${unit}`)
  return text.length === 0 ? '0s' : text.join('')
}
