import type { EnvoyAdmin } from '../../../companion/envoy-admin.ts'

/** A certificate that a running Envoy has loaded, also those that it shows to nobody: the API server's CA above all. */
export interface Held {
  readonly path: string
  /** Hex, lower case, without zeros in front. */
  readonly serial: string
  readonly until: Date
}

interface Shown {
  readonly path?: string
  readonly serial_number?: string
  readonly expiration_time?: string
}

interface Certs {
  readonly certificates?: readonly { readonly ca_cert?: readonly Shown[]; readonly cert_chain?: readonly Shown[] }[]
}

/** Each once. Rejects when Envoy does not answer. */
export async function heldCertificates(admin: EnvoyAdmin): Promise<readonly Held[]> {
  const { text } = await admin.ask('GET', '/certs')
  const { certificates = [] } = JSON.parse(text) as Certs
  const shown = certificates.flatMap(({ ca_cert = [], cert_chain = [] }) => [...ca_cert, ...cert_chain])
  const held = shown.map(({ path = '', serial_number = '', expiration_time = '' }) => ({
    path,
    serial: toSerial(serial_number),
    until: new Date(expiration_time),
  }))
  return [...new Map(held.map(each => [`${each.path} ${each.serial}`, each])).values()]
}

export function toSerial(hex: string): string {
  return hex.toLowerCase().replace(/^0+/, '')
}
