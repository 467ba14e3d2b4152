/** What the API server said in front of a tunnel. `rest`: where in the last piece the tunnel begins, or what is left of another answer. */
export type AnswerHead =
  | { readonly kind: 'partial' }
  /** Lines may be read in two ways, or are longer than a proxy takes. */
  | { readonly kind: 'unreadable' }
  | {
      readonly kind: 'head'
      readonly status: number
      readonly headers: ReadonlyMap<string, string>
      readonly rest: number
    }

/** As Envoy has it for the headers of an answer. */
const MAX_BYTES = 60 * 1024
const END = '\r\n\r\n'
const BARE = /(?:^|[^\r])\n|\r[^\n]/
const STATUS_LINE = /^HTTP\/1\.1 (\d{3})(?: [\t\x20-\x7e\x80-\xff]*)?$/
const FIELD = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t\x20-\x7e\x80-\xff]*?)[ \t]*$/

/**
 * Reads the head of the answer to a request for an upgrade out of the bytes of its connection (RFC 9112), in pieces of any size. Answers that
 * announce another one (100, 103) are passed over.
 */
export class AnswerHeadReader {
  #text = ''

  /** To be called until it says anything but `partial`. */
  push(piece: Uint8Array): AnswerHead {
    let before = this.#text.length
    this.#text += Buffer.from(piece).toString('latin1')
    for (;;) {
      const end = this.#text.indexOf(END)
      if (end > MAX_BYTES || (end === -1 && this.#text.length > MAX_BYTES)) return { kind: 'unreadable' }
      // To some a line ends there, too: the head could be over, and what follows be of the tunnel.
      if (BARE.test(end === -1 ? this.#text : this.#text.slice(0, end))) return { kind: 'unreadable' }
      if (end === -1) return { kind: 'partial' }
      const read = toHead(this.#text.slice(0, end))
      if (read === null) return { kind: 'unreadable' }
      const next = end + END.length
      if (read.status >= 200 || read.status === 101) return { kind: 'head', ...read, rest: next - before }
      this.#text = this.#text.slice(next)
      before -= next
    }
  }
}

function toHead(text: string): { readonly status: number; readonly headers: ReadonlyMap<string, string> } | null {
  const [first = '', ...lines] = text.split('\r\n')
  const status = STATUS_LINE.exec(first)?.[1]
  if (status === undefined) return null
  const headers = new Map<string, string>()
  for (const line of lines) {
    const [, name = '', value = ''] = FIELD.exec(line) ?? []
    if (name === '') return null
    const key = name.toLowerCase()
    const earlier = headers.get(key)
    headers.set(key, earlier === undefined ? value : `${earlier},${value}`)
  }
  return { status: Number(status), headers }
}
