import { z } from 'zod'

const TOKENS = z.strictObject({ idToken: z.string().min(1), refreshToken: z.string().min(1).nullable() })

/** What is a secret of a login. */
export type KeptTokens = Readonly<z.infer<typeof TOKENS>>

const SHAPE = {
  version: z.literal(1),
  /** The only one that the tokens are ever sent to. */
  brokerUrl: z.string(),
  issuer: z.string(),
  issuerCaFile: z.string().nullable(),
  clientId: z.string(),
  subject: z.string(),
  how: z.enum(['browser', 'device']),
  /** Of the identity token, epoch milliseconds. */
  expiresAt: z.int(),
  /** Whether there is a refresh token. */
  renews: z.boolean(),
}

/** As it lies in a file: the tokens as they are, or closed with a key that the keychain has. */
export const LOGIN_FILE = z.discriminatedUnion('store', [
  z.strictObject({ ...SHAPE, store: z.literal('file'), tokens: TOKENS }),
  z.strictObject({ ...SHAPE, store: z.literal('keychain'), sealed: z.string() }),
])

export type LoginFile = Readonly<z.infer<typeof LOGIN_FILE>>
export type Store = LoginFile['store']
const { version: _, ...OWN } = SHAPE
/** A login, whatever keeps its tokens. */
export type Login = Readonly<z.infer<z.ZodObject<typeof OWN>>>

export function parseTokens(text: string): KeptTokens | null {
  try {
    return TOKENS.safeParse(JSON.parse(text)).data ?? null
  } catch {
    return null
  }
}

export function parseLoginFile(text: string): LoginFile | null {
  try {
    return LOGIN_FILE.safeParse(JSON.parse(text)).data ?? null
  } catch {
    return null
  }
}
