import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createSecureContext } from 'node:tls'

/** PEM files, as a Secret of type kubernetes.io/tls is mounted. */
export interface CertificateFiles {
  readonly certFile: string
  readonly keyFile: string
  /** Who signs the certificates of those that may connect. */
  readonly clientCaFile: string
}

export interface Pem {
  readonly cert: string
  readonly key: string
  readonly ca: string
}

interface Holding {
  readonly files: CertificateFiles
  /** What lies there now cannot be used; what was there before stays in use. */
  readonly onProblem: (message: string) => void
  readonly everyMs?: number
}

const LOOK_EVERY_MS = 5000

/** A server's certificate, kept fresh without a restart: who renews it swaps the files, and all three must fit before they count. */
export class HeldCertificate {
  readonly #holding: Holding
  readonly #timer: NodeJS.Timeout
  readonly #listeners = new Set<(pem: Pem) => void>()
  #pem: Pem
  #reported = ''

  private constructor(holding: Holding, pem: Pem) {
    this.#holding = holding
    this.#pem = pem
    this.#timer = setInterval(() => void this.#look(), holding.everyMs ?? LOOK_EVERY_MS)
    this.#timer.unref()
  }

  /** Rejects when the files cannot be read or do not fit each other. */
  static async open(holding: Holding): Promise<HeldCertificate> {
    return new HeldCertificate(holding, await read(holding.files))
  }

  get pem(): Pem {
    return this.#pem
  }

  onChange(listener: (pem: Pem) => void): void {
    this.#listeners.add(listener)
  }

  readonly close = (): void => {
    clearInterval(this.#timer)
    this.#listeners.clear()
  }

  async #look(): Promise<void> {
    const found = await read(this.#holding.files).catch((error: Error) => error)
    if (found instanceof Error) return this.#report(found.message)
    this.#reported = ''
    const { cert, key, ca } = this.#pem
    if (found.cert === cert && found.key === key && found.ca === ca) return
    this.#pem = found
    for (const listener of this.#listeners) listener(found)
  }

  /** Once, however often it is looked at. */
  #report(message: string): void {
    if (message !== this.#reported) this.#holding.onProblem(message)
    this.#reported = message
  }
}

async function read({ certFile, keyFile, clientCaFile }: CertificateFiles): Promise<Pem> {
  const [cert, key, ca] = await Promise.all([certFile, keyFile, clientCaFile].map(text))
  const pem = { cert: cert ?? '', key: key ?? '', ca: ca ?? '' }
  const certificate = parsed(certFile, 'certificate', () => new X509Certificate(pem.cert))
  const privateKey = parsed(keyFile, 'private key', () => createPrivateKey(pem.key))
  if (!certificate.checkPrivateKey(privateKey)) throw new Error(`${keyFile} is not the key of ${certFile}`)
  parsed(clientCaFile, 'certificate', () => new X509Certificate(pem.ca))
  parsed(certFile, 'certificate chain', () => createSecureContext(pem))
  return pem
}

function text(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new Error(`${file} cannot be read (${error.code ?? 'unknown error'})`)
  })
}

/** Never says what is in the file. */
function parsed<T>(file: string, what: string, parse: () => T): T {
  try {
    return parse()
  } catch {
    throw new Error(`${file} holds no ${what} in PEM that can be used`)
  }
}
