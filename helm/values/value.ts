export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** JSON Schema, draft 7, as far as it is used here. */
export type Schema = Readonly<Record<string, unknown>>

/** One setting of the chart: what it is for, what it may be, what it is when nobody says. */
export interface Leaf {
  readonly kind: 'leaf'
  readonly doc: string
  readonly fallback: Json
  readonly schema: Schema
}

export interface Group {
  readonly kind: 'group'
  readonly doc: string
  readonly values: Values
}

export type Value = Leaf | Group
export type Values = Readonly<Record<string, Value>>

function leaf(doc: string, fallback: Json, schema: Schema): Leaf {
  return { kind: 'leaf', doc, fallback, schema }
}

export function group(doc: string, values: Values): Group {
  return { kind: 'group', doc, values }
}

export function text(doc: string, fallback = '', schema: Schema = {}): Leaf {
  return leaf(doc, fallback, { type: 'string', ...schema })
}

export function flag(doc: string, fallback: boolean): Leaf {
  return leaf(doc, fallback, { type: 'boolean' })
}

export function count(doc: string, fallback: number, minimum = 0, maximum?: number): Leaf {
  return leaf(doc, fallback, { type: 'integer', minimum, ...(maximum === undefined ? {} : { maximum }) })
}

export function oneOf(doc: string, fallback: string, choices: readonly string[]): Leaf {
  return leaf(doc, fallback, { enum: choices })
}

export function texts(doc: string, fallback: readonly string[] = []): Leaf {
  return leaf(doc, fallback, { type: 'array', items: { type: 'string' } })
}

/** Kubernetes objects or parts of them, passed on as they are. */
export function objects(doc: string): Leaf {
  return leaf(doc, [], { type: 'array', items: { type: 'object' } })
}

export function object(doc: string, fallback: Json = {}): Leaf {
  return leaf(doc, fallback, { type: 'object' })
}

/** `{key: text}`, such as labels. */
export function labels(doc: string, fallback: Readonly<Record<string, string>> = {}): Leaf {
  return leaf(doc, fallback, { type: 'object', additionalProperties: { type: 'string' } })
}

/** A count, or a share such as 25%. */
export function countOrShare(doc: string, fallback: number | string): Leaf {
  return leaf(doc, fallback, {
    anyOf: [
      { type: 'integer', minimum: 0 },
      { type: 'string', pattern: '^[0-9]+%$' },
    ],
  })
}

/** Nothing, or a number of its own. */
export function maybeCount(doc: string): Leaf {
  return leaf(doc, null, { type: ['integer', 'null'], minimum: 0 })
}

export function ports(doc: string, fallback: readonly number[]): Leaf {
  return leaf(doc, fallback, { type: 'array', items: { type: 'integer' } })
}

export function existingSecret(doc: string, keys: Readonly<Record<string, string>>): Group {
  return group(doc, {
    name: text('Its name, in the namespace of the release. Empty: none.'),
    ...Object.fromEntries(Object.entries(keys).map(([key, fallback]) => [key, text('Key in it.', fallback)])),
  })
}

/** Who a part is in the store. */
export function storeUser(doc: string): Group {
  return group(doc, {
    username: text('Its name.'),
    passwordKey: text('Key of its password in redis.existingSecret.'),
  })
}

/** Schema of such as 15m. */
export const DURATION = { pattern: '^([0-9]+(ms|s|m|h|d))+$' }
