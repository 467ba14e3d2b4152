import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { CliError } from '../command/cli-error.ts'

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

/** PEM, with plain ends of lines: not every client reads others. `what` names the file and its setting, for the message. */
export async function readCaFile(file: string, what: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch(cause => {
    throw new CliError('usage', `cannot read ${what}: ${file}`, cause)
  })
  const found = (text.replaceAll('\r', '').match(CERTIFICATE) ?? []).filter(isCertificate)
  if (found.length > 0) return `${found.join('\n')}\n`
  throw new CliError('usage', `no certificate in PEM is in ${what}: ${file}`)
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0
  } catch {
    return false
  }
}
