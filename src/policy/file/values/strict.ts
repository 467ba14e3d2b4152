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
