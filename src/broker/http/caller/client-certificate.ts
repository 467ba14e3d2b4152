/** As Envoy writes it in place of whatever the client did: one element, whose chain is PEM, percent-encoded. */
const CHAIN = /^(?:[A-Za-z]+=[^",;]*;)*Chain="([^"]*)"(?:;[A-Za-z]+=[^",;]*)*$/
/** A leaf and what stands below its root, in RSA. */
const LONGEST = 24_576

/** PEM of what the client showed in its handshake with Envoy; '' where that cannot be read, null where it showed nothing. */
export function clientCertificate(headers: Headers): string | null {
  const said = headers.get('x-forwarded-client-cert')
  if (said === null) return null
  const [, chain = ''] = said.length > LONGEST ? [] : (CHAIN.exec(said) ?? [])
  try {
    return decodeURIComponent(chain)
  } catch {
    return ''
  }
}
