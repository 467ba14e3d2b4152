/** So many lines must be the same before two texts count as together again. */
const TOGETHER = 20

/**
 * One template of two texts: the second where the condition of Helm holds, the first where not, and what both have but once. Each comes out
 * of it as it is.
 */
export function either(condition: string, otherwise: string, then: string): string {
  const [a, b] = [otherwise.split('\n'), then.split('\n')]
  const out: string[] = []
  let [i, j] = [0, 0]
  while (i < a.length || j < b.length) {
    if (a[i] === b[j]) {
      out.push(a[i] ?? '')
      i += 1
      j += 1
      continue
    }
    const [toA, toB] = nextTogether(a, b, i, j)
    const [only, instead] = [b.slice(j, toB), a.slice(i, toA)]
    if (only.length > 0) out.push(`{{- if ${condition} }}`, ...only)
    else out.push(`{{- if not (${condition}) }}`)
    if (only.length > 0 && instead.length > 0) out.push('{{- else }}')
    out.push(...instead, '{{- end }}')
    i = toA
    j = toB
  }
  return out.join('\n')
}

/** The nearest place where they go on alike; their ends if there is none. */
function nextTogether(a: readonly string[], b: readonly string[], i: number, j: number): readonly [number, number] {
  for (let far = 1; far <= a.length - i + b.length - j; far += 1) {
    for (let inA = Math.max(0, far - (b.length - j)); inA <= Math.min(far, a.length - i); inA += 1) {
      if (areAlike(a, b, i + inA, j + far - inA)) return [i + inA, j + far - inA]
    }
  }
  return [a.length, b.length]
}

function areAlike(a: readonly string[], b: readonly string[], i: number, j: number): boolean {
  for (let n = 0; n < TOGETHER; n += 1) if (a[i + n] !== b[j + n]) return false
  return i < a.length && j < b.length
}
