import { type HeaderLine, type HttpRequest, ROUTE_CLASSES } from '../../src/request/http-request.ts'

/** A request as text: line, headers, body. Whatever the bytes, it makes one; nothing in them is mended. */
export function toHttp(bytes: Uint8Array): HttpRequest {
  const text = Buffer.from(bytes).toString('latin1')
  const end = text.indexOf('\n\n')
  const head = end === -1 ? text : text.slice(0, end)
  const body = end === -1 ? new Uint8Array() : bytes.subarray(end + 2)
  const [line = '', ...rest] = head.split('\n')
  const at = line.indexOf(' ')
  const [method, target] = at === -1 ? [line, ''] : [line.slice(0, at), line.slice(at + 1)]
  const headers = rest.map((each): HeaderLine => {
    const cut = each.indexOf(':')
    return cut === -1 ? [each, ''] : [each.slice(0, cut), each.slice(cut + 1).replace(/^ /, '')]
  })
  return { id: 'r', method, target, headers, body, route: ROUTE_CLASSES[bytes.length % 4] ?? null, source: '::1' }
}

export function fromHttp(line: string, headers: readonly HeaderLine[] = [], body: Uint8Array | string = ''): Buffer {
  const head = [line, ...headers.map(([name, value]) => `${name}: ${value}`)].join('\n')
  return Buffer.concat([
    Buffer.from(`${head}${body.length === 0 ? '' : '\n\n'}`, 'latin1'),
    Buffer.from(body as string),
  ])
}
