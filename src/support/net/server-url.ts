const LOOPBACK: readonly string[] = ['127.0.0.1', '[::1]', 'localhost']

/**
 * What keeps a text from being the URL of a server that secrets are sent to, as the end of "it must …"; null where nothing does. Over TLS or without
 * leaving this machine, and without a login: what stands before an @ looks like the server, and is shown and logged.
 */
export function unfitServerUrl(value: string): string | null {
  const url = /\s/.test(value) ? null : URL.parse(value)
  const isNear = url?.protocol === 'http:' && LOOPBACK.includes(url.hostname)
  if (url?.protocol !== 'https:' && !isNear) return 'begin with https:// (http:// for loopback only)'
  return url.username === '' && url.password === '' ? null : 'have no user or password in it'
}
