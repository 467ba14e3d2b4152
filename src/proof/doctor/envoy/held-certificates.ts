import type { EnvoyAdmin } from '../../../companion/envoy-admin.ts'

/** A certificate that a running Envoy has loaded, also those that it shows to nobody: the API server's CA above all. */
export interface Held {
  /** Its file; of one that came to Envoy as text, the names that it stands for. */
  readonly name: string
  /** Hex, lower case, without zeros in front. */
  readonly serial: string
  readonly until: Date
}

interface Shown {
  readonly path?: string
  readonly serial_number?: string
  readonly expiration_time?: string
  readonly subject_alt_names?: readonly Readonly<Record<string, string>>[]
}

interface Certs {
  readonly certificates?: readonly { readonly ca_cert?: readonly Shown[]; readonly cert_chain?: readonly Shown[] }[]
}

/** Each once. Rejects when Envoy does not answer. */
export async function heldCertificates(admin: EnvoyAdmin): Promise<readonly Held[]> {
  const { text } = await admin.ask('GET', '/certs')
  const { certificates = [] } = JSON.parse(text) as Certs
  const shown = certificates.flatMap(({ ca_cert = [], cert_chain = [] }) => [...ca_cert, ...cert_chain])
  const held = shown.map(each => ({
    name: nameOf(each),
    serial: toSerial(each.serial_number ?? ''),
    until: new Date(each.expiration_time ?? ''),
  }))
  return [...new Map(held.map(each => [`${each.name} ${each.serial}`, each])).values()]
}

/** A certificate that is followed while it is renewed has no path in what Envoy shows. */
function nameOf({ path = '', subject_alt_names = [] }: Shown): string {
  return path.startsWith('/') ? path : subject_alt_names.flatMap(name => Object.values(name)).join(', ')
}

export function toSerial(hex: string): string {
  return hex.toLowerCase().replace(/^0+/, '')
}
