import http from 'node:http'

export interface Page {
  readonly status: number
  readonly url: string
  readonly headers: http.IncomingHttpHeaders
  readonly text: string
}

interface Sending {
  readonly method?: string
  readonly form?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string | undefined>>
  readonly raw?: string
}

/** As much of a browser as signing in takes: cookies by origin, redirects, forms, and the headers that browsers add by themselves. */
export class Browser {
  /** Each as `name=value`, by origin. */
  readonly cookies = new Map<string, Map<string, string>>()
  readonly #socket: string
  readonly #origin: string

  /** What is under `origin` is behind the socket. */
  constructor(socket: string, origin: string) {
    this.#socket = socket
    this.#origin = origin
  }

  get(url: string, sending: Sending = {}): Promise<Page> {
    return this.#follow(url, sending)
  }

  post(url: string, form: Readonly<Record<string, string>>, sending: Sending = {}): Promise<Page> {
    return this.#follow(url, { method: 'POST', form, ...sending })
  }

  /** One request, and no redirect followed. */
  async once(url: string, { method = 'GET', form, headers = {}, raw }: Sending = {}): Promise<Page> {
    const target = new URL(url, this.#origin)
    const text = raw ?? (form === undefined ? '' : new URLSearchParams(form).toString())
    const jar = this.cookies.get(target.origin) ?? new Map<string, string>()
    this.cookies.set(target.origin, jar)
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const own =
      method === 'GET'
        ? {}
        : {
            origin: target.origin,
            'content-type': 'application/x-www-form-urlencoded',
            'content-length': String(Buffer.byteLength(text)),
          }
    const sent = Object.entries({ host: target.host, ...(cookie === '' ? {} : { cookie }), ...own, ...headers })
    const options = {
      method,
      path: target.pathname + target.search,
      headers: Object.fromEntries(sent.filter(([, value]) => value !== undefined)),
    }
    const where =
      target.origin === this.#origin
        ? { socketPath: this.#socket }
        : { host: target.hostname, port: Number(target.port), agent: false as const }
    const { promise, resolve, reject } = Promise.withResolvers<http.IncomingMessage>()
    http
      .request({ ...where, ...options } as http.RequestOptions, resolve)
      .on('error', reject)
      .end(text)
    const response = await promise
    for (const line of response.headers['set-cookie'] ?? []) keep(jar, line)
    const body = Buffer.concat(await response.toArray()).toString()
    return { status: response.statusCode ?? 0, url: target.href, headers: response.headers, text: body }
  }

  async #follow(url: string, sending: Sending): Promise<Page> {
    let page = await this.once(url, sending)
    for (let hops = 0; hops < 10 && page.headers.location !== undefined; hops++) {
      page = await this.once(new URL(page.headers.location, page.url).href)
    }
    return page
  }

  /** Through the identity provider, as somebody would; the page that it ends on. */
  async signIn(name: string, password: string, to = '/console'): Promise<Page> {
    const form = await this.get(to)
    return form.url.startsWith(this.#origin) ? form : this.post(form.url, { name, password })
  }
}

function keep(jar: Map<string, string>, line: string): void {
  const [pair = '', ...attributes] = line.split('; ')
  const [, name = '', value = ''] = /^([^=]+)=(.*)$/.exec(pair) ?? []
  const isOver = attributes.some(text => /^max-age=0$/i.test(text)) || value === ''
  if (isOver) jar.delete(name)
  else jar.set(name, value)
}

/** The value of a field of a form on the page. */
export function field({ text }: Page, name: string): string {
  return new RegExp(`name="${name}" value="([^"]*)"`).exec(text)?.[1] ?? ''
}
