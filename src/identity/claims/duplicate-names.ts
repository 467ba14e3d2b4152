const TOKENS = /"(?:[^"\\]|\\.)*"|[{}[\]:,]/g

/**
 * Whether an object in this JSON text names a member twice. Readers differ in which one they take, so one token could
 * mean two things to two of them. The text must be valid JSON.
 */
export function hasDuplicateNames(json: string): boolean {
  const open: (Set<string> | null)[] = []
  let last = ''
  for (const [token] of json.matchAll(TOKENS)) {
    if (token === '{') open.push(new Set())
    else if (token === '[') open.push(null)
    else if (token === '}' || token === ']') open.pop()
    else if (token === ':') {
      const names = open.at(-1)
      const name = String(JSON.parse(last))
      if (names?.has(name)) return true
      names?.add(name)
    } else if (token !== ',') last = token
  }
  return false
}
