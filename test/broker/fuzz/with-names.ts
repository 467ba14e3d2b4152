/** What there is in the world that is fuzzed, and one more of each that is not. */
export interface Names {
  readonly lease: readonly string[]
  readonly approval: readonly string[]
  readonly agent: readonly string[]
  readonly template: readonly string[]
  readonly namespace: readonly string[]
  readonly duration: readonly string[]
}

/** Where the description has a string that is a name, by the last words on the way to it. */
const PLACES: readonly (readonly [RegExp, keyof Names])[] = [
  [/LeaseRequest\/properties\/template$/, 'template'],
  [/LeaseRequest\/properties\/namespaces\/items$/, 'namespace'],
  [/LeaseRequest\/properties\/ttl$/, 'duration'],
  [/LeaseRequest\/properties\/parent\/anyOf\/0$/, 'lease'],
  [/HoldRequest\/properties\/agent$/, 'agent'],
  [/parameter\/lease$/, 'lease'],
  [/parameter\/approval$/, 'approval'],
  [/parameter\/agent$/, 'agent'],
]

/** The same description, but for names, which would never be met by chance. */
export function withNames(value: unknown, names: Names, way = ''): unknown {
  if (Array.isArray(value)) return value.map((one, index) => withNames(one, names, `${way}/${index}`))
  if (typeof value !== 'object' || value === null) return value
  const fields = value as Readonly<Record<string, unknown>>
  const place = PLACES.find(([at]) => at.test(way))
  if (place !== undefined) return { type: 'string', enum: names[place[1]] }
  const isParameter = fields['in'] === 'path'
  const kept = Object.entries(fields).filter(([key, of]) => !(key === 'pattern' && isOfClasses(of)))
  return Object.fromEntries(
    kept.map(([key, of]) => [
      key,
      withNames(of, names, isParameter && key === 'schema' ? `/parameter/${fields['name']}` : `${way}/${key}`),
    ]),
  )
}

/** Classes of characters, from which schemathesis makes no text; it sends what such a pattern refuses all the same. */
function isOfClasses(pattern: unknown): boolean {
  return typeof pattern === 'string' && pattern.includes('\\p{')
}
