/** `1:02:03.4`, from the beginning of a session. */
export function timeText(ms: number): string {
  const [hours, minutes] = [Math.floor(ms / 3_600_000), Math.floor(ms / 60_000) % 60]
  const seconds = (Math.floor((ms % 60_000) / 100) / 10).toFixed(1).padStart(4, '0')
  return `${hours}:${String(minutes).padStart(2, '0')}:${seconds}`
}
