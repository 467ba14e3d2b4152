/** `3d`, `5h`, `12m`, as kubectl has it; '' where nobody knows. */
export function ageOf(createdAt: string, now: number): string {
  const ms = now - Date.parse(createdAt)
  if (!Number.isFinite(ms)) return ''
  const [days, hours, minutes] = [86_400_000, 3_600_000, 60_000].map(unit => Math.floor(ms / unit))
  if (days !== undefined && days > 1) return `${days}d`
  if (hours !== undefined && hours > 1) return `${hours}h`
  return `${Math.max(0, minutes ?? 0)}m`
}
