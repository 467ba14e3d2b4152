import { any } from './any.ts'

const NAME = 'leasegate'

/** Where a filter or a connection finds a secret. Envoy follows the files that it names when they are replaced by renaming. */
export function secretFrom(secretFile: string): object {
  return { name: NAME, sds_config: { path_config_source: { path: secretFile } } }
}

/** What `secretFrom` points at, for a bearer token in a file. */
export function renderTokenSecret(tokenFile: string): string {
  return render({ generic_secret: { secret: { filename: tokenFile } } })
}

/** The same for a certificate, of a server or of a client. */
export function renderCertificateSecret(files: { readonly certificateFile: string; readonly keyFile: string }): string {
  const certificate_chain = { filename: files.certificateFile }
  return render({ tls_certificate: { certificate_chain, private_key: { filename: files.keyFile } } })
}

function render(secret: object): string {
  const resources = [any('envoy.extensions.transport_sockets.tls.v3.Secret', { name: NAME, ...secret })]
  return `${JSON.stringify({ resources }, null, 2)}\n`
}
