/** `, did you mean "audience"?` when one of the known words is near, else the known words when they are few. */
export function suggest(word: string, known: readonly string[]): string {
  const [nearest] = known
    .map(candidate => ({ candidate, far: distance(word.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.far - b.far)
  if (nearest !== undefined && nearest.far <= Math.max(1, Math.floor(word.length / 3))) {
    return `, did you mean "${nearest.candidate}"?`
  }
  if (known.length === 0) return ''
  return known.length <= 12 ? `; known are ${known.join(', ')}` : ''
}

/** Levenshtein's: least number of letters to insert, leave out or change. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1]
    for (const [j, other] of [...b].entries()) {
      const change = (row[j] ?? 0) + (letter === other ? 0 : 1)
      next.push(Math.min(change, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}
