/** `14m`, `2h5m`, `30s`, or `ended`. */
export function timeLeft(until: number, now: number): string {
  const seconds = Math.floor((until - now) / 1000)
  if (seconds <= 0) return 'ended'
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60]
  if (hours > 0) return minutes === 0 ? `${hours}h` : `${hours}h${minutes}m`
  return minutes > 0 ? `${minutes}m` : `${seconds}s`
}
