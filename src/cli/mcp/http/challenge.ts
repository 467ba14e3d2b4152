import type { HttpServing } from './http-options.ts'

const WELL_KNOWN = '/.well-known/oauth-protected-resource'

/** Where clients look first is the path of the resource (RFC 9728, section 3.1), then the root. */
export function isMetadataPath(pathname: string, { resource }: Pick<HttpServing, 'resource'>): boolean {
  return pathname === WELL_KNOWN + resource.pathname || pathname === WELL_KNOWN
}

/** Who gives out tokens for this server (RFC 9728). */
export function metadata({ resource, issuers, scopes }: HttpServing): Response {
  const document = {
    resource: resource.href,
    authorization_servers: issuers,
    bearer_methods_supported: ['header'],
    resource_name: 'Leasegate',
    ...(scopes.length === 0 ? {} : { scopes_supported: scopes }),
  }
  return Response.json(document, { headers: { 'cache-control': 'no-store' } })
}

/** Says how to get a token (RFC 6750, RFC 9728); `problem` is what was wrong with the one that came, null where none did. */
export function challenge({ resource, scopes }: HttpServing, problem: string | null): Response {
  const parts = [
    `resource_metadata="${resource.origin}${WELL_KNOWN}${resource.pathname}"`,
    ...(scopes.length === 0 ? [] : [`scope="${scopes.join(' ')}"`]),
    ...(problem === null ? [] : ['error="invalid_token"', `error_description="${quotable(problem)}"`]),
  ]
  const said = { error: problem === null ? 'unauthorized' : 'invalid_token', error_description: problem ?? 'sign in' }
  return Response.json(said, { status: 401, headers: { 'www-authenticate': `Bearer ${parts.join(', ')}` } })
}

/** What may stand there (RFC 6750, section 3). */
function quotable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').replace(/["\\]/g, "'")
}
