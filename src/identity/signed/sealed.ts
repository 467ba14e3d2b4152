import { CompactSign, compactVerify } from 'jose'
import { z } from 'zod'
import type { SigningKey, VerifyKeys } from '../keys/keys.ts'
import { parseCompactJws } from '../token/compact-jws.ts'
import { ALGORITHM } from '../token/token-types.ts'

/** A JSON object signed by the broker. The type in its header keeps one kind from passing for another. */
export async function seal(payload: object, type: string, key: SigningKey): Promise<string> {
  return new CompactSign(Buffer.from(JSON.stringify(payload)))
    .setProtectedHeader({ alg: ALGORITHM, typ: type, kid: key.kid })
    .sign(key.key)
}

interface Kind<T> {
  readonly type: string
  readonly schema: z.ZodType<T>
  /** In characters, where it may be longer than a token. */
  readonly longest?: number
}

/** What one of these keys signed as this type, if it has this shape; else null. */
export async function openSealed<T>(
  text: string,
  { type, schema, longest }: Kind<T>,
  keys: VerifyKeys,
): Promise<T | null> {
  const jws = parseCompactJws(text, longest)
  const header = z
    .strictObject({ alg: z.literal(ALGORITHM), typ: z.literal(type), kid: z.string() })
    .safeParse(jws?.header)
  const payload = schema.safeParse(jws?.payload)
  const key = header.success ? keys.get(header.data.kid) : undefined
  if (!payload.success || key === undefined) return null
  return compactVerify(text, key, { algorithms: [ALGORITHM] }).then(
    () => payload.data,
    () => null,
  )
}
