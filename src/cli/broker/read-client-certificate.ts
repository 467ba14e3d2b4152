import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createSecureContext } from 'node:tls'
import type { Config } from '../../config/read-config.ts'
import type { ClientCertificate } from '../../support/net/http-call.ts'
import { CliError } from '../command/cli-error.ts'

const PAIR = 'LEASEGATE_CLIENT_CERT_FILE and LEASEGATE_CLIENT_KEY_FILE'

/** What the caller shows in TLS, as it is now: whoever renews it swaps the files. Null where there is none. */
export async function readClientCertificate({
  clientCertFile,
  clientKeyFile,
}: Config<'clientCertFile' | 'clientKeyFile'>): Promise<ClientCertificate | null> {
  if (clientCertFile === null && clientKeyFile === null) return null
  if (clientCertFile === null || clientKeyFile === null) {
    throw new CliError('usage', `settings: ${PAIR} go together`)
  }
  const [cert, key] = await Promise.all([read(clientCertFile, 'certificate'), read(clientKeyFile, 'key')])
  try {
    // Never shown: what a parser says of a key may quote it.
    createSecureContext({ cert, key })
  } catch {
    throw new CliError(
      'usage',
      `your client certificate cannot be used: ${clientKeyFile} is not the key of ${clientCertFile}`,
    )
  }
  if (Date.parse(new X509Certificate(cert).validTo) >= Date.now()) return { cert, key }
  throw new CliError('usage', `your client certificate has expired: ${clientCertFile}`)
}

function read(file: string, what: string): Promise<string> {
  return readFile(file, 'utf8').catch(cause => {
    throw new CliError('usage', `cannot read your client ${what} (${PAIR}): ${file}`, cause)
  })
}
