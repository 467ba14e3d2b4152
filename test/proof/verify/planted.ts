import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import * as x509 from '@peculiar/x509'
import { stringify } from 'yaml'
import { agentsInCluster } from '../../../src/proof/verify/resting/identities.ts'
import { agentPods } from '../../../src/proof/verify/resting/leftovers/agent-pods.ts'
import { clientCertificates } from '../../../src/proof/verify/resting/leftovers/client-certificates.ts'
import { kubeconfigs } from '../../../src/proof/verify/resting/leftovers/kubeconfigs.ts'
import { standingBindings } from '../../../src/proof/verify/resting/leftovers/standing-bindings.ts'
import { tokenSecrets } from '../../../src/proof/verify/resting/leftovers/token-secrets.ts'
import type { Look } from '../../../src/proof/verify/resting/looking.ts'
import { world } from '../the-cluster.ts'
import { AGENT } from './a-cluster.ts'

export const agents = () => agentsInCluster(world.policy)
export const look = {
  bindings: () => standingBindings(world.reader, world.policy, agents()),
  secrets: () => tokenSecrets(world.reader, agents()),
  certificates: () => clientCertificates(world.reader, agents(), Date.now()),
  kubeconfigs: () => kubeconfigs(world.reader, agents(), []),
  pods: () => agentPods(world.reader, agents()),
} as const satisfies Record<string, () => Promise<Look>>

export interface Leftover {
  readonly name: string
  readonly look: keyof typeof look
  readonly plant: () => Promise<unknown>
  readonly finds: RegExp
}

const { namespace, account } = AGENT
export const SERVICE_ACCOUNT = `--serviceaccount=${namespace}:${account}`

export const kubectl = (...args: readonly string[]) => world.kubectl(args)
export const create = (object: object) => world.kubectl(['create', '-f', '-'], stringify(object))

export const LEFTOVERS: readonly Leftover[] = [
  {
    name: 'a ClusterRoleBinding of its service account',
    look: 'bindings',
    plant: () => kubectl('create', 'clusterrolebinding', 'old-admin', '--clusterrole=cluster-admin', SERVICE_ACCOUNT),
    finds: /ClusterRoleBinding old-admin gives ServiceAccount agents\/deployer the ClusterRole cluster-admin/,
  },
  {
    name: 'a RoleBinding of its user name, with a name that a shell would read',
    look: 'bindings',
    plant: () =>
      kubectl(
        'create',
        'rolebinding',
        "o'ps $(id) ; x",
        '-n',
        'shop',
        '--clusterrole=edit',
        `--user=system:serviceaccount:${namespace}:${account}`,
      ),
    finds: /RoleBinding o'ps \$\(id\) ; x in shop gives User system:serviceaccount:agents:deployer/,
  },
  {
    name: 'a binding of the group of all service accounts in its namespace',
    look: 'bindings',
    plant: () =>
      kubectl(
        'create',
        'rolebinding',
        'all',
        '-n',
        'shop',
        '--clusterrole=view',
        `--group=system:serviceaccounts:${namespace}`,
      ),
    finds: /gives Group system:serviceaccounts:agents the ClusterRole view/,
  },
  {
    name: 'a binding of an OIDC user, as the API server prefixes it',
    look: 'bindings',
    plant: () =>
      kubectl(
        'create',
        'clusterrolebinding',
        'oidc',
        '--clusterrole=view',
        '--user=https://login.corp.example#triage-1',
      ),
    finds: /ClusterRoleBinding oidc gives User https:\/\/login\.corp\.example#triage-1/,
  },
  {
    name: 'a binding of everybody',
    look: 'bindings',
    plant: () =>
      kubectl('create', 'clusterrolebinding', 'everybody', '--clusterrole=view', '--group=system:authenticated'),
    finds: /gives Group system:authenticated the ClusterRole view/,
  },
  {
    name: 'a binding of the leased group of all agents, among other subjects',
    look: 'bindings',
    plant: () =>
      kubectl(
        'create',
        'clusterrolebinding',
        'mixed',
        '--clusterrole=view',
        '--user=ada',
        '--group=leasegate:agents',
        '--user=leasegate:deployer',
      ),
    finds: /mixed gives User leasegate:deployer and Group leasegate:agents the ClusterRole view/,
  },
  {
    name: 'a wider role for the group of a task',
    look: 'bindings',
    plant: () =>
      kubectl('create', 'rolebinding', 'more', '-n', 'shop', '--clusterrole=admin', '--group=leasegate:task:look'),
    finds: /RoleBinding more in shop gives Group leasegate:task:look the ClusterRole admin/,
  },
  {
    name: "the task's own role in a namespace that nobody granted",
    look: 'bindings',
    plant: () =>
      kubectl(
        'create',
        'rolebinding',
        'leasegate:leasegate:task:look',
        '-n',
        'default',
        '--clusterrole=leasegate:leasegate:task:look',
        '--group=leasegate:task:look',
      ),
    finds: /RoleBinding leasegate:leasegate:task:look in default gives/,
  },
  {
    name: 'a second subject in a binding that the policy accounts for',
    look: 'bindings',
    plant: () =>
      kubectl(
        'patch',
        'rolebinding',
        'leasegate:leasegate:task:look',
        '-n',
        'shop',
        '--type=json',
        '-p',
        JSON.stringify([
          { op: 'add', path: '/subjects/-', value: { kind: 'ServiceAccount', name: account, namespace } },
        ]),
      ),
    finds: /RoleBinding leasegate:leasegate:task:look in shop gives ServiceAccount agents\/deployer the/,
  },
  {
    name: "a task's role that grants more than the policy says",
    look: 'bindings',
    plant: () =>
      kubectl(
        'patch',
        'clusterrole',
        'leasegate:leasegate:task:look',
        '--type=json',
        '-p',
        JSON.stringify([
          { op: 'add', path: '/rules/-', value: { verbs: ['*'], apiGroups: [''], resources: ['secrets'] } },
        ]),
      ),
    finds: /ClusterRole leasegate:leasegate:task:look grants other things/,
  },
  {
    name: "a task's role that gathers the rules of others",
    look: 'bindings',
    plant: () =>
      kubectl(
        'patch',
        'clusterrole',
        'leasegate:leasegate:task:look',
        '--type=merge',
        '-p',
        JSON.stringify({ aggregationRule: { clusterRoleSelectors: [{ matchLabels: { none: 'such' } }] } }),
      ),
    finds: /ClusterRole leasegate:leasegate:task:look grants other things/,
  },
  {
    name: 'a Secret with a token of its account',
    look: 'secrets',
    plant: () => create(tokenSecret('forgotten', account)),
    finds: /Secret agents\/forgotten holds a token of the service account deployer/,
  },
  {
    name: 'a client certificate that was given out for its name',
    look: 'certificates',
    plant: () => signed('for-agent', `CN=system:serviceaccount:${namespace}:${account}`),
    finds:
      /CertificateSigningRequest for-agent .* gave out a client certificate for system:serviceaccount:agents:deployer/,
  },
  {
    name: 'a client certificate in the leased group',
    look: 'certificates',
    plant: () => signed('for-group', 'CN=somebody, O=leasegate:agents'),
    finds: /gave out a client certificate for somebody/,
  },
  {
    name: 'a kubeconfig with a token, in a Secret',
    look: 'kubeconfigs',
    plant: () => create({ ...stored('Secret', 'kube'), stringData: { 'my.config': KUBECONFIG, other: 'kept' } }),
    finds: /secret agents\/kube has a kubeconfig \(my\.config\) with a credential of robot/,
  },
  {
    name: 'a kubeconfig with a client key, in a ConfigMap',
    look: 'kubeconfigs',
    plant: () =>
      create({ ...stored('ConfigMap', 'kube'), data: { config: KUBECONFIG.replace('token:', 'client-key-data:') } }),
    finds: /configmap agents\/kube has a kubeconfig \(config\)/,
  },
  {
    name: 'a pod of the agent that mounts a token for the API server',
    look: 'pods',
    plant: () => create(pod('mounts', account, {})),
    finds: /pod agents\/mounts mounts a token that the API server accepts/,
  },
  {
    name: "a pod of the agent that mounts another account's token",
    look: 'pods',
    plant: async () => {
      await kubectl('create', 'serviceaccount', 'operator', '-n', namespace)
      await create(tokenSecret('operator-token', 'operator'))
      const volumes = [{ name: 'token', secret: { secretName: 'operator-token' } }]
      await create(pod('borrows', account, { automountServiceAccountToken: false, volumes }))
    },
    finds: /pod agents\/borrows reads Secret operator-token, a token of the account operator/,
  },
]

export const KUBECONFIG = stringify({
  apiVersion: 'v1',
  kind: 'Config',
  clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:1' } }],
  users: [
    { name: 'robot', user: { token: 'not-a-real-one' } },
    { name: 'plugin', user: { exec: { command: 'x' } } },
  ],
})

export function stored(kind: string, name: string) {
  return { apiVersion: 'v1', kind, metadata: { name, namespace } }
}

export function tokenSecret(name: string, of: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'kubernetes.io/service-account-token',
    metadata: { name, namespace, annotations: { 'kubernetes.io/service-account.name': of } },
  }
}

export function pod(name: string, serviceAccountName: string, more: object): object {
  return {
    ...stored('Pod', name),
    spec: { serviceAccountName, containers: [{ name: 'agent', image: 'agent:1' }], ...more },
  }
}

/** As any signer does it: the certificate is written into the status of the request. */
export async function signed(name: string, subject: string): Promise<void> {
  const keys = await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify'])
  const signingAlgorithm = { name: 'ECDSA', hash: 'SHA-256' }
  const asked = await x509.Pkcs10CertificateRequestGenerator.create({ name: subject, keys, signingAlgorithm })
  const { certificateFile } = await world.cluster.authority.issue({ name, subject })
  const certificate = Buffer.from(await readFile(certificateFile)).toString('base64')
  await create({
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: { name },
    spec: {
      request: Buffer.from(asked.toString('pem')).toString('base64'),
      signerName: 'example.com/own',
      usages: ['client auth'],
    },
  })
  await kubectl('certificate', 'approve', name)
  await kubectl(
    'patch',
    'csr',
    name,
    '--subresource=status',
    '--type=merge',
    '-p',
    JSON.stringify({ status: { certificate } }),
  )
}
