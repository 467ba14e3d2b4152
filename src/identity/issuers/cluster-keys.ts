import { readFile } from 'node:fs/promises'
import { type HttpAnswer, httpCall } from '../../support/net/http-call.ts'

/** What Kubernetes puts there for the account of a pod; both are renewed. */
const ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount'
const WITHIN_MS = 3000
const MAX_BYTES = 1_048_576

/** The API server answered, and with something else. */
export class ClusterKeysError extends Error {
  readonly code = 'cluster-keys-refused'
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

export interface InCluster {
  readonly host: string
  readonly port: string
  /** Folder with `token` and `ca.crt`. */
  readonly account: string
}

/**
 * The keys that the API server signs tokens of service accounts with, as it publishes them to every account of its cluster: a copy of
 * them would end at their next rotation, which some providers make each week. Rejects with what went wrong.
 */
export async function fetchClusterKeys(where: InCluster = here()): Promise<string> {
  const { status, text } = await askCluster({ method: 'GET', path: '/openid/v1/jwks' }, where)
  if (status === 200) return text
  throw new ClusterKeysError(
    status,
    status === 403
      ? 'the API server does not publish them to this account (ClusterRole system:service-account-issuer-discovery)'
      : `the answer has status ${status}`,
  )
}

interface Asking {
  readonly method: 'GET' | 'POST'
  readonly path: string
  /** JSON. */
  readonly body?: string
}

/** Asks the API server of this cluster, as the account of this pod. Rejects when it cannot be asked. */
export async function askCluster({ method, path, body = '' }: Asking, where: InCluster = here()): Promise<HttpAnswer> {
  const { host, port, account } = where
  if (host === '') throw new Error('this does not run in a pod')
  const [token, ca] = await Promise.all([read(account, 'token'), read(account, 'ca.crt')])
  return httpCall({
    method,
    url: `https://${host.includes(':') ? `[${host}]` : host}:${port}${path}`,
    headers: {
      authorization: `Bearer ${token.trim()}`,
      ...(body === '' ? {} : { accept: 'application/json', 'content-type': 'application/json' }),
    },
    body,
    ca,
    withinMs: WITHIN_MS,
    maxBytes: MAX_BYTES,
  })
}

/** Set by the kubelet in every container, like those files. */
function here(): InCluster {
  const { KUBERNETES_SERVICE_HOST: host = '', KUBERNETES_SERVICE_PORT: port = '443' } = process.env
  return { host, port, account: ACCOUNT }
}

function read(folder: string, file: string): Promise<string> {
  return readFile(`${folder}/${file}`, 'utf8')
}
