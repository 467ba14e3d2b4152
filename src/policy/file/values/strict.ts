import { z } from 'zod'
import { suggest } from '../issues/suggest.ts'

/** An object that knows all its keys. The message has one line for each unknown key, in the order of the issue's `keys`. */
export function strict<Shape extends z.ZodRawShape>(shape: Shape): z.ZodObject<Shape, z.core.$strict> {
  return z.strictObject(shape, {
    error: issue =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map(key => `has an unknown key "${key}"${suggest(key, Object.keys(shape))}`).join('\n')
        : undefined,
  })
}

/** One schema for a mapping and another for everything else: what is wrong is said of the one that was meant. */
export function eitherOf<T>(mapping: z.ZodType<T>, other: z.ZodType<T>): z.ZodType<T> {
  return z.unknown().transform((value, context): T => {
    const isMapping = typeof value === 'object' && value !== null && !Array.isArray(value)
    const parsed = (isMapping ? mapping : other).safeParse(value, { reportInput: true })
    if (parsed.success) return parsed.data
    for (const issue of parsed.error.issues)
      context.issues.push({ ...issue, input: issue.input } as z.core.$ZodRawIssue)
    return z.NEVER
  })
}

/** One of the known words. */
export function oneOf<const Word extends string>(words: readonly Word[]): z.ZodEnum<{ [Key in Word]: Key }> {
  return z.enum(words, { error: issue => `must be one of ${words.join(', ')}${near(issue.input, words)}` })
}

/** A name that another part of the file, or the catalogue, must have. */
export function known(words: readonly string[], what: string): z.ZodType<string, string> {
  const all = new Set(words)
  return z.string().refine(word => all.has(word), { error: issue => `names no ${what}${near(issue.input, words)}` })
}

function near(input: unknown, words: readonly string[]): string {
  return typeof input === 'string' ? suggest(input, words) : ''
}
