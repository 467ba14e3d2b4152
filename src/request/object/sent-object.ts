import type { Step } from './json-patch.ts'
import type { Fields } from './protobuf/wire.ts'
import type { Unreadable } from './unreadable.ts'

/** A JSON object, or YAML or protobuf that says the same. */
export type PlainObject = { readonly [name: string]: unknown }

/**
 * The object that a write carries, or its part, as the API server will read it. What could be read in two ways (a member named twice,
 * a YAML alias, a protobuf field in an odd number) is `unreadable`: it passes where no rule looks into it, and is refused elsewhere.
 */
export type SentObject =
  /** Nothing was sent, or what is sent is no object: options of a delete, what goes through a proxy. */
  | { readonly kind: 'none' }
  | { readonly kind: 'plain'; readonly value: PlainObject }
  /** JSON patch, RFC 6902. */
  | { readonly kind: 'steps'; readonly steps: readonly Step[] }
  /** Fields of the object itself, out of its envelope, where their names are not known: of other API servers, of newer versions. */
  | { readonly kind: 'protobuf'; readonly fields: Fields }
  | Unreadable
