import { ok, type Parsed, problem } from '../../../support/text/parsed.ts'

/** Parameters from `--name value`, `--name=value` and `name=value`; a dash in a name is an underscore in the query. */
export function parseParams(
  words: readonly string[],
  pairs: readonly string[],
): Parsed<Readonly<Record<string, string>>> {
  const params: Record<string, string> = {}
  const given = pairs.map(pair => `--${pair}`)
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? ''
    const next = words[i + 1]
    if (/^--[\w-]+$/.test(word) && next !== undefined) {
      given.push(`${word}=${next}`)
      i += 1
    } else given.push(word)
  }
  for (const word of given) {
    const [, name, value] = /^--([A-Za-z][\w-]*)=([\s\S]*)$/.exec(word) ?? []
    if (name === undefined || value === undefined) return problem(`${word} is no parameter; write --name value`)
    const key = name.replaceAll('-', '_')
    if (Object.hasOwn(params, key)) return problem(`--${name} is given twice`)
    params[key] = value
  }
  return ok(params)
}
