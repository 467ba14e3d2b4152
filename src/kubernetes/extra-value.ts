/** What a header line cannot carry as it is, and the sign of escapes itself, so that there is one way back. */
const ESCAPED = /[^\x20-\x24\x26-\x7e]|^ | $/gu

/**
 * The value of an extra as it travels in a header: UTF-8, percent-encoded but for printable ASCII. Kubernetes' clients encode the keys
 * of extras this way and send values as they are, which HTTP does not promise to carry beyond ASCII; so its audit log shows
 * `Jos%C3%A9`. Throws on what has no UTF-8 (half of a surrogate pair).
 */
export function encodeExtraValue(text: string): string {
  return text.replace(ESCAPED, character => (character === ' ' ? '%20' : encodeURIComponent(character)))
}
