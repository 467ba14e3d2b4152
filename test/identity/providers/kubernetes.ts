import { type LookAlike, NOW, type Provider, type Variant } from './a-provider.ts'

const pod = { name: 'web-operator-7d9c5b8f6-x2x4z', uid: 'eb2c1a3d-0f4e-4b5a-9c6d-7e8f9a0b1c2d' }
const node = { name: 'ip-10-0-3-17', uid: '0a1b2c3d-4e5f-4061-8273-8495a6b7c8d9' }

/** Of the TokenRequest API, Kubernetes 1.32 and later, bound to a pod on a node. */
function bound(account: string, issuer: string, namespace = 'agents') {
  return {
    iss: issuer,
    aud: ['leasegate'],
    exp: NOW + 3607,
    iat: NOW,
    nbf: NOW,
    jti: 'c8d2f1a0-7b6e-4d5c-8a9f-0e1d2c3b4a59',
    'kubernetes.io': {
      namespace,
      node,
      pod,
      serviceaccount: { name: account, uid: '2c4e6a80-1b3d-4f57-9a7b-8c6d4e2f0a1b' },
      warnafter: NOW + 3600,
    },
    sub: `system:serviceaccount:${namespace}:${account}`,
  }
}

const jwks: Provider['jwks'] = ({ kid, n, e }) => ({
  keys: [
    { use: 'sig', kty: 'RSA', kid: 'retired', alg: 'RS256', n, e: 'AQAB' },
    { use: 'sig', kty: 'RSA', kid, alg: 'RS256', n, e },
  ],
})

const alsoGood = (issuer: string, account: string): readonly Variant[] => [
  {
    name: 'without a pod, by kubectl create token',
    claims: { 'kubernetes.io': { namespace: 'agents', serviceaccount: { name: account, uid: 'x' } } },
  },
  { name: 'with the audience as text', claims: { aud: 'leasegate' } },
  { name: 'of another pod of the account', claims: { ...bound(account, issuer), jti: 'another' } },
]

const lookAlikes = (issuer: string): readonly LookAlike[] => [
  { name: 'for the API server itself', claims: { aud: [issuer] } },
  { name: 'for both', claims: { aud: ['leasegate', issuer] } },
  { name: 'of another account', claims: bound('other', issuer), reason: 'unknown-identity' },
  {
    name: 'of the account in another namespace',
    claims: bound('operator', issuer, 'other'),
    reason: 'unknown-identity',
  },
  {
    name: 'of an account that is called like a path to another',
    claims: { ...bound('other', issuer), 'kubernetes.io.namespace': 'agents' },
    reason: 'unknown-identity',
  },
  {
    name: 'from a Secret, for ever',
    claims: {
      iss: 'kubernetes/serviceaccount',
      aud: undefined,
      exp: undefined,
      iat: undefined,
      nbf: undefined,
      'kubernetes.io/serviceaccount/namespace': 'agents',
      'kubernetes.io/serviceaccount/service-account.name': 'web-operator',
    },
  },
]

function provider(name: string, issuer: string, account = 'operator'): Provider {
  return {
    issuer: name,
    algorithm: 'RS256',
    header: {},
    jwks,
    claims: bound(account, issuer),
    is: name === 'cluster' ? 'web-operator' : `${name}-operator`,
    alsoGood: alsoGood(issuer, account),
    lookAlikes: lookAlikes(issuer),
  }
}

export const KUBERNETES: readonly Provider[] = [
  provider('cluster', 'https://kubernetes.default.svc.cluster.local', 'web-operator'),
  provider('eks', 'https://oidc.eks.eu-central-1.amazonaws.com/id/3FA0C5E1B2D94F6E8A7B1C2D3E4F5A6B'),
  provider('gke', 'https://container.googleapis.com/v1/projects/acme-prod/locations/europe-west1/clusters/agents'),
  provider(
    'aks',
    'https://westeurope.oic.prod-aks.azure.com/8b1f2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d/5c6d7e8f-9a0b-4c1d-8e2f-3a4b5c6d7e8f/',
  ),
  provider('factory', 'https://kubernetes.default.svc.factory.example'),
]
