import type { AskedIssuer } from './issuer-client.ts'

export interface Wanted {
  readonly scopes: string
  /** Whether the login is to outlive its first identity token. */
  readonly renew: boolean
}

/** A refresh token is asked for where the issuer knows of asking (OpenID Connect Core 11); some give one without, some want another scope. */
export function wantedScopes({ scopes, renew }: Wanted, { config }: AskedIssuer): Record<string, string> {
  const words = scopes.split(' ').filter(word => renew || word !== 'offline_access')
  const known = config.serverMetadata().scopes_supported ?? []
  const isAsked = renew && (known.includes('offline_access') || words.includes('offline_access'))
  const all = isAsked ? [...new Set([...words, 'offline_access'])] : words
  return { scope: all.join(' '), ...(isAsked ? { prompt: 'consent' } : {}) }
}
