import { anyAddress, duration, oneOf, path, word } from '../parsers.ts'
import { MINUTE, SECOND, type Setting, wait } from './setting.ts'

/** What every process has, and how it listens. */
export const PROCESS_SETTINGS = {
  logLevel: {
    env: 'LEASEGATE_LOG_LEVEL',
    parse: oneOf('debug', 'info', 'warn', 'error'),
    fallback: 'info',
    doc: 'Least severe log lines that are written.',
  },
  policyFile: { env: 'LEASEGATE_POLICY_FILE', parse: path, doc: 'The policy file; read again when it changes.' },
  boundaryNamespace: {
    env: 'LEASEGATE_BOUNDARY_NAMESPACE',
    parse: word,
    fallback: null,
    doc: "Namespace that the boundary runs in, out of agents' reach whatever the policy file says; a file that names another one is refused.",
  },
  authorizerListen: {
    env: 'LEASEGATE_AUTHORIZER_LISTEN',
    parse: anyAddress,
    doc: 'Where the authorizer listens for Envoy: unix:/path, or an address with a port and LEASEGATE_TLS_ files.',
  },
  healthListen: {
    env: 'LEASEGATE_HEALTH_LISTEN',
    parse: anyAddress,
    fallback: null,
    doc: 'Where /metrics, /readyz and /livez are told over plain HTTP: unix:/path or host:port; without it, nowhere.',
  },
  checkDeadline: {
    env: 'LEASEGATE_CHECK_DEADLINE',
    parse: duration({ minMs: 50, maxMs: 10 * SECOND }),
    fallback: '1s',
    doc: 'Time for one decision; after it the answer is a denial.',
  },
  drainLimit: {
    env: 'LEASEGATE_DRAIN_LIMIT',
    parse: wait,
    fallback: '30s',
    doc: 'How long a stopping process keeps open streams and running requests.',
  },
  unconfirmedLimit: {
    env: 'LEASEGATE_UNCONFIRMED_LIMIT',
    parse: wait,
    fallback: '10s',
    doc: 'Open streams are cut when their lease could not be confirmed for so long.',
  },
  publicKeysFile: {
    env: 'LEASEGATE_PUBLIC_KEYS_FILE',
    parse: path,
    doc: 'Public JWKS that lease tokens and contracts are verified with; read again when it changes.',
  },
  signingKeysFile: {
    env: 'LEASEGATE_SIGNING_KEYS_FILE',
    parse: path,
    doc: 'Private JWKS of the broker; its first key signs. Read again when it changes.',
  },
  brokerListen: {
    env: 'LEASEGATE_BROKER_LISTEN',
    parse: anyAddress,
    doc: 'Where the broker listens for Envoy; as for the authorizer, or loopback without TLS.',
  },
  tlsCertFile: {
    env: 'LEASEGATE_TLS_CERT_FILE',
    parse: path,
    fallback: null,
    doc: 'Certificate of a process that listens on TCP, PEM; read again when it changes, as the next two.',
  },
  tlsKeyFile: { env: 'LEASEGATE_TLS_KEY_FILE', parse: path, fallback: null, doc: 'Its key.' },
  tlsClientCaFile: {
    env: 'LEASEGATE_TLS_CLIENT_CA_FILE',
    parse: path,
    fallback: null,
    doc: "CA of Envoy's client certificate: nobody else may connect.",
  },
  tlsClientName: {
    env: 'LEASEGATE_TLS_CLIENT_NAME',
    parse: word,
    fallback: 'envoy.leasegate.internal',
    doc: 'DNS name in that certificate.',
  },
  leaseTokenTtl: {
    env: 'LEASEGATE_LEASE_TOKEN_TTL',
    parse: duration({ minMs: 10 * SECOND, maxMs: 15 * MINUTE }),
    fallback: '15m',
    doc: 'How long a lease token lives before the identity must be proved again; some clients ask with each request below 10m.',
  },
} as const satisfies Record<string, Setting<unknown>>
