import { isIP } from 'node:net'
import { join } from 'node:path'
import { z } from 'zod'
import { renderEnvoy } from './render.ts'
import { renderCertificateSecret, renderTokenSecret } from './secrets.ts'
import type { EnvoySettings, Part, PartTls } from './settings.ts'

const path = z.string().startsWith('/', 'must be an absolute path')
const host = z.string().min(1)
const port = z.int().min(1).max(65_535)
const count = z.int().min(1)
const address = z.strictObject({ host, port })
const certificate = { certificateFile: path, keyFile: path }

/** What differs between two pods with Envoy, as the chart writes it: whoever may edit it decides where requests go. */
const SETTINGS = z.strictObject({
  /** Of both listeners: `::` is every address of both families. */
  address: z.string().refine(text => isIP(text) !== 0, 'must be an IP address'),
  ports: z.strictObject({ boundary: port, broker: port }),
  connections: z.strictObject({ boundary: count, broker: count }),
  heapBytes: count,
  adminSocket: path,
  clientCertificates: z.boolean(),
  server: z.strictObject(certificate),
  apiServer: z.strictObject({ host, port, certificateName: host, caFile: path, tokenFile: path }),
  parts: z.strictObject({
    caFile: path,
    ...certificate,
    authorizer: address,
    tap: address,
    broker: address,
    /** None where nothing of a session is kept. */
    recorder: address.nullable().default(null),
  }),
})

export type PodSettings = z.output<typeof SETTINGS>

/** Settings, or a line for each thing that is wrong with them. */
export type ReadPodSettings =
  | { readonly kind: 'settings'; readonly settings: PodSettings }
  | { readonly kind: 'problems'; readonly problems: readonly string[] }

export function readPodSettings(text: string): ReadPodSettings {
  let given: unknown
  try {
    given = JSON.parse(text)
  } catch {
    return { kind: 'problems', problems: ['is no JSON'] }
  }
  const read = SETTINGS.safeParse(given)
  if (read.success) return { kind: 'settings', settings: read.data }
  return { kind: 'problems', problems: read.error.issues.map(issue => `${issue.path.join('.')}: ${issue.message}`) }
}

/** The files of an Envoy that finds them in this directory, by name: `envoy.json` is what it is started with. */
export function podFiles(settings: PodSettings, directory: string): Readonly<Record<string, string>> {
  const { server, parts, apiServer } = settings
  return {
    'envoy.json': renderEnvoy(toEnvoySettings(settings, directory)),
    'server.json': renderCertificateSecret(server),
    'parts.json': renderCertificateSecret(parts),
    'boundary.json': renderTokenSecret(apiServer.tokenFile),
  }
}

function toEnvoySettings(settings: PodSettings, directory: string): EnvoySettings {
  const { address, ports, connections, heapBytes, adminSocket, clientCertificates } = settings
  const { authorizer, tap, recorder, broker, caFile } = settings.parts
  const { tokenFile: _, ...apiServer } = settings.apiServer
  const part = (component: string, at: { readonly host: string; readonly port: number }): Part => {
    const certificateName: PartTls['certificateName'] = `${component}.leasegate.internal`
    return { kind: 'tcp', ...at, tls: { certificateName, caFile, clientSecretFile: join(directory, 'parts.json') } }
  }
  return {
    boundary: { address, port: ports.boundary },
    broker: { address, port: ports.broker },
    serverSecretFile: join(directory, 'server.json'),
    clientCertificates,
    apiServer: { ...apiServer, credential: 'token', secretFile: join(directory, 'boundary.json') },
    authorizers: [part('authorizer', authorizer)],
    tap: part('tap', tap),
    recorder: recorder === null ? null : part('tap', recorder),
    brokerPart: part('broker', broker),
    adminSocket,
    connections,
    heapBytes,
  }
}
