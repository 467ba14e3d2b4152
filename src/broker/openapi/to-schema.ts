import { z } from 'zod'

export type JsonSchema = Readonly<Record<string, unknown>>

/** Of what is sent (`input`) or comes back (`output`), with what it names by itself. */
export interface Described {
  readonly schema: JsonSchema
  readonly named: Readonly<Record<string, JsonSchema>>
}

/** What says nothing to whoever reads the description. */
const NOISE: ReadonlySet<string> = new Set(['$schema', 'id', 'readOnly'])

/** Of answers: a field is there or it is not, and later brokers may have more. */
function isNoiseOfAnswers(key: string, of: unknown): boolean {
  return key === 'default' || (key === 'additionalProperties' && of === false)
}

export function toSchema(schema: z.ZodType, io: 'input' | 'output'): Described {
  const made = z.toJSONSchema(schema, { io, target: 'draft-2020-12' })
  const { $defs = {}, ...rest } = cleaned(made, io) as { readonly $defs?: Record<string, JsonSchema> } & JsonSchema
  return { schema: rest, named: $defs }
}

function cleaned(value: unknown, io: 'input' | 'output'): unknown {
  if (Array.isArray(value)) return value.map(one => cleaned(one, io))
  if (typeof value !== 'object' || value === null) return value
  const kept = Object.entries(value).filter(
    ([key, of]) => !NOISE.has(key) && !(io === 'output' && isNoiseOfAnswers(key, of)),
  )
  return Object.fromEntries(
    kept.map(([key, of]) => {
      if (key === '$ref') return [key, String(of).replace('#/$defs/', '#/components/schemas/')]
      // Names, not keywords.
      if (key === 'properties' || key === '$defs')
        return [key, Object.fromEntries(Object.entries(of).map(([name, one]) => [name, cleaned(one, io)]))]
      return [key, cleaned(of, io)]
    }),
  )
}
