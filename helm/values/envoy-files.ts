import { renderEnvoy } from '../../envoy/render.ts'
import { renderCertificateSecret, renderTokenSecret } from '../../envoy/secrets.ts'
import type { Part } from '../../envoy/settings.ts'
import { either } from './either.ts'

const PARTS = '/etc/leasegate/parts'
const SERVER = '/etc/leasegate/server'
const SECRETS = '/etc/envoy'

/** Stand for what a release knows; none of them could be meant. */
const HOST = 'api-server-host.invalid'
const CERTIFICATE = 'api-server-certificate.invalid'
const PORT = 65_001
const BOUNDARY_CONNECTIONS = 70_001
const BROKER_CONNECTIONS = 80_002
const HEAP_BYTES = 90_004

/** Of the tap, beside the one that all parts have. */
const RECORDER_PORT = 9002

function part(component: string, port = 9001): Part {
  return {
    kind: 'tcp',
    host: `${component}.parts.invalid`,
    port,
    tls: {
      certificateName: `${component}.leasegate.internal`,
      caFile: `${PARTS}/ca.crt`,
      clientSecretFile: `${SECRETS}/parts.json`,
    },
  }
}

/** Envoy's configuration in the cluster: the same as anywhere, with the names of the release left to Helm. */
export function envoyTemplate(): string {
  return toTemplate(either('.Values.sessions.enabled', render(null), render(part('tap', RECORDER_PORT))))
}

function render(recorder: Part | null): string {
  return renderEnvoy({
    boundary: { address: '::', port: 10_443 },
    broker: { address: '::', port: 10_444 },
    serverSecretFile: `${SECRETS}/server.json`,
    clientCertificates: true,
    apiServer: {
      host: HOST,
      port: PORT,
      certificateName: CERTIFICATE,
      caFile: '/etc/leasegate/api-server/ca.crt',
      credential: 'token',
      secretFile: `${SECRETS}/boundary.json`,
    },
    authorizers: [part('authorizer')],
    tap: part('tap'),
    recorder,
    brokerPart: part('broker'),
    adminSocket: '/run/leasegate/admin.sock',
    connections: { boundary: BOUNDARY_CONNECTIONS, broker: BROKER_CONNECTIONS },
    heapBytes: HEAP_BYTES,
  })
}

function toTemplate(rendered: string): string {
  return rendered
    .replaceAll(`"${HOST}"`, '{{ .Values.apiServer.host | toJson }}')
    .replaceAll('"address": "::"', '"address": {{ ternary "::" "0.0.0.0" .Values.ipv6 | toJson }}')
    .replaceAll('"ipv4_compat": true', '"ipv4_compat": {{ .Values.ipv6 }}')
    .replaceAll(String(HEAP_BYTES), '{{ include "leasegate.envoy.heap" . }}')
    .replaceAll(String(PORT), '{{ .Values.apiServer.port | int }}')
    .replaceAll(
      String(BOUNDARY_CONNECTIONS + BROKER_CONNECTIONS),
      '{{ add .Values.envoy.connections.boundary .Values.envoy.connections.broker }}',
    )
    .replaceAll(String(BOUNDARY_CONNECTIONS), '{{ .Values.envoy.connections.boundary | int }}')
    .replaceAll(String(BROKER_CONNECTIONS), '{{ .Values.envoy.connections.broker | int }}')
    .replaceAll(
      /"([a-z]+)\.parts\.invalid"/g,
      '{{ include "leasegate.partHost" (dict "root" . "component" "$1") | toJson }}',
    )
    .replaceAll(
      /^ *"sni": "api-server-certificate\.invalid",\n/gm,
      line => `{{- if not (include "leasegate.isAddress" .Values.apiServer.certificateName) }}\n${line}{{- end }}\n`,
    )
    .replaceAll(
      /"DNS"(,\s+"matcher": \{\s+"exact": "api-server-certificate\.invalid")/g,
      '{{ ternary "IP_ADDRESS" "DNS" (ne (include "leasegate.isAddress" .Values.apiServer.certificateName) "") | toJson }}$1',
    )
    .replaceAll(
      /^ *"validation_context": \{\n *"trust_chain_verification": "ACCEPT_UNTRUSTED"\n *\},?\n/gm,
      block => `{{- if .Values.clientCertificates.enabled }}\n${block}{{- end }}\n`,
    )
    .replaceAll(`"${CERTIFICATE}"`, '{{ .Values.apiServer.certificateName | toJson }}')
}

/** What Envoy is told of the secrets in its pod, by file name. */
export const SECRET_FILES = {
  'server.json': renderCertificateSecret({ certificateFile: `${SERVER}/tls.crt`, keyFile: `${SERVER}/tls.key` }),
  'parts.json': renderCertificateSecret({ certificateFile: `${PARTS}/tls.crt`, keyFile: `${PARTS}/tls.key` }),
  'boundary.json': renderTokenSecret('/var/run/secrets/leasegate/token'),
} as const
