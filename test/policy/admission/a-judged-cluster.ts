import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { Agent, request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Cluster, startCluster } from '../../../local/cluster/cluster.ts'
import { Supervisor } from '../../../local/process/supervisor.ts'
import { ensureToolchain } from '../../../local/toolchain/toolchain.ts'
import { toAdmission } from '../../../src/policy/admission/admission.ts'
import { wordsOfTerms } from '../../../src/policy/admission/granted.ts'
import type { Policy, TaskTemplate } from '../../../src/policy/policy.ts'
import { EXTRA_KEYS, groupsOf, userOf } from '../../../src/policy/rbac/identity.ts'
import { toRbac, toYaml } from '../../../src/policy/rbac/rbac.ts'
import { termsOf } from '../../../src/policy/template/terms-of.ts'
import { until } from '../../support/until.ts'
import { aPolicy, aRule, aTemplate } from '../a-policy.ts'

export const GUARDED = 'leasegate'
export const SHOP = 'shop'
export const AGENT = { namespace: 'agents', account: 'deployer' }

const TERMS = `impersonate-extra-${EXTRA_KEYS.terms.replace('/', '%2f')}`

/** What the API server said. */
export interface Answer {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it likes in it.
  readonly body: any
  /** 'done', or why not. */
  readonly said: string
}

export const PATCHES = {
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  json: 'application/json-patch+json',
  apply: 'application/apply-patch+yaml?fieldManager=agent&force=true',
} as const

export interface Person {
  readonly get: (path: string) => Promise<Answer>
  readonly post: (path: string, body: object) => Promise<Answer>
  readonly put: (path: string, body: object) => Promise<Answer>
  readonly patch: (path: string, body: object, kind?: keyof typeof PATCHES) => Promise<Answer>
  readonly remove: (path: string) => Promise<Answer>
}

export interface JudgedCluster {
  readonly cluster: Cluster
  readonly policy: Policy
  /** As the admin; fails loudly. */
  readonly kubectl: (args: readonly string[], input?: string) => Promise<string>
  /** kubectl as a lease of this template: exactly what a client of the field sends. */
  readonly leasedKubectl: (template: string, args: readonly string[], input?: string) => Promise<string>
  readonly admin: Person
  /**
   * Acts as a lease of this template; with `masters`, RBAC would let it do everything. `said` is what the boundary says of its terms, where
   * that is not what the template says today; null where it says nothing.
   */
  readonly leased: (template: string, masters?: 'masters' | null, said?: string | null) => Person
  readonly stop: () => Promise<void>
}

const WRITES = ['get', 'list', 'watch', 'create', 'update', 'patch']
const everything = (verbs: readonly string[], inCluster = verbs) => [
  aRule({ verbs }),
  aRule({ verbs: inCluster, scope: 'cluster', apiGroups: [''], resources: ['namespaces', 'persistentvolumes'] }),
]
const template = (name: string, given: Partial<TaskTemplate> = {}) =>
  aTemplate({ name, grants: [{ agent: 'bot', namespaces: [SHOP] }], rules: everything(WRITES), ...given })

/** As many as nobody names: each is compared with the others, and the API server counts what that costs. */
const MANY_FIELDS = [
  'spec.replicas in 0..2',
  ...Array.from({ length: 40 }, (_, at) => `metadata.annotations["example.org/note-${at}"]`),
  ...Array.from({ length: 10 }, (_, at) => `spec.template.spec.containers[*].resources.limits["example.org/r-${at}"]`),
]
const deployments = { apiGroups: ['apps'], resources: ['deployments'] }
const RESTARTED = 'spec.template.metadata.annotations["kubectl.kubernetes.io/restartedAt"]'
const limited = [
  aRule({ verbs: ['get', 'list', 'watch'] }),
  aRule({
    ...deployments,
    verbs: ['patch'],
    resourceNames: ['limited'],
    fields: [
      'spec.replicas in 0..2',
      'spec.template.spec.containers[*].image = registry.corp/*',
      'spec.template.spec.containers[*].resources',
      RESTARTED,
      'metadata.annotations["example.org/note"] = checked',
    ],
  }),
  aRule({ apiGroups: ['apps'], resources: ['daemonsets'], verbs: ['patch'], fields: [RESTARTED] }),
  aRule({
    ...{ apiGroups: ['apps'], resources: ['statefulsets'], verbs: ['patch'] },
    fields: [RESTARTED, 'metadata.annotations["example.org/note"]'],
  }),
  // Covers no write of an object, whatever it says.
  aRule({ apiGroups: ['apps'], resources: ['daemonsets'], verbs: ['*'], labelSelector: 'app=web' }),
  aRule({ ...deployments, verbs: ['patch'], resources: ['deployments/scale'], fields: ['spec.replicas <= 1'] }),
  aRule({ verbs: ['patch'], apiGroups: [''], resources: ['configmaps'], resourceNames: ['limited'], fields: ['data'] }),
  aRule({ verbs: ['patch', 'update'], apiGroups: [''], resources: ['configmaps'], resourceNames: ['free'] }),
]

/** Each enough by itself, whatever the others make of a value or find on their way. */
const several = ['maxUnavailable <= 3', 'maxUnavailable = 25%', 'maxSurge.of[*].no', 'maxSurge.such.thing'].map(field =>
  aRule({ ...deployments, verbs: ['patch'], fields: [`spec.strategy.rollingUpdate.${field}`] }),
)

/** One template that may write everything, and others that may one thing more. */
export function judgedPolicy(): Policy {
  const sub = `system:serviceaccount:${AGENT.namespace}:${AGENT.account}`
  return aPolicy({
    boundaryNamespace: GUARDED,
    agents: [{ name: 'bot', match: { issuer: 'i', claims: { sub } }, sponsor: { kind: 'fixed', name: '' } }],
    templates: [
      template('write'),
      template('delete', { rules: everything([...WRITES, 'delete']) }),
      template('delete-inside', { rules: everything([...WRITES, 'delete'], WRITES) }),
      template('as-web', { serviceAccounts: ['web', 'api'] }),
      template('on-host', { dangerous: ['pod-host'] }),
      template('with-secrets', { podSecrets: ['db', 'registry'] }),
      template('spreads-secrets', { approval: { skip: ['pod-secrets'], require: [] } }),
      template('from-corp', { images: [['registry.corp/*']] }),
      template('limited', { rules: limited }),
      template('several-rules', { rules: several }),
      template('many-fields', { rules: [aRule({ ...deployments, verbs: ['patch'], fields: MANY_FIELDS })] }),
      template('as-anybody', { dangerous: ['pod-identity', 'token-secret', 'revisions-write'] }),
    ],
  })
}

/** A real cluster with controllers, in which what `leasegate policy rbac` prints is in force. */
export async function aJudgedCluster(): Promise<JudgedCluster> {
  const toolchain = await ensureToolchain(() => undefined)
  const directory = await mkdtemp(join(tmpdir(), 'lg-'))
  const supervisor = new Supervisor()
  const cluster = await startCluster({ toolchain, directory, supervisor })
  const policy = judgedPolicy()
  const kubectl = async (args: readonly string[], input?: string) => {
    const { code, stdout, stderr } = await cluster.admin(args, input)
    if (code !== 0) throw new Error(stderr)
    return stdout.trim()
  }
  for (const name of [GUARDED, SHOP, AGENT.namespace]) await kubectl(['create', 'namespace', name])
  const boundary = { kind: 'serviceAccount', namespace: GUARDED, name: 'boundary' } as const
  const objects = [...toAdmission(policy, boundary), ...toRbac(policy, { mode: 'constrained', boundary })]
  await kubectl(['apply', '--server-side', '-f', '-'], toYaml(objects))
  const person = await personOf(cluster)
  const saidOf = (name: string) => {
    const found = policy.templates.find(each => each.name === name)
    return found === undefined ? '' : wordsOfTerms(termsOf(found)).join(' ')
  }
  const leased: JudgedCluster['leased'] = (name, masters = null, said = saidOf(name)) => {
    const groups = [...groupsOf(name), ...(masters === null ? [] : ['system:masters'])]
    return person(userOf('bot'), groups, said === null || said === '' ? {} : { [TERMS]: said })
  }
  await inForce(leased('write'))
  return {
    cluster,
    policy,
    kubectl,
    leasedKubectl: async (name, args, input) => {
      const groups = groupsOf(name).map(group => `--as-group=${group}`)
      const said = saidOf(name)
      const extra = said === '' ? [] : [`--as-user-extra=${EXTRA_KEYS.terms}=${said}`]
      const { code, stderr } = await cluster.admin([...args, `--as=${userOf('bot')}`, ...groups, ...extra], input)
      return code === 0 ? 'done' : stderr
    },
    admin: person(),
    leased,
    stop: async () => {
      await supervisor.stop()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/** The API server learns of policies a little later. Each of them is seen to refuse something. */
async function inForce(leased: Person): Promise<void> {
  const refused = async (path: string, body: object, why: RegExp) =>
    why.test((await leased.post(`${path}?dryRun=All`, body)).said)
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x' } }
  const spec = { hostPID: true, containers: [{ name: 'c', image: 'x' }] }
  const claims = { persistentVolumeClaimRetentionPolicy: { whenScaled: 'Delete' } }
  const labels = { matchLabels: { a: 'b' } }
  const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'x' }] } }
  const set = { apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name: 'x' } }
  const namespace = {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'x', labels: { 'istio-injection': 'disabled' } },
  }
  await until(
    'the admission policies to be in force',
    async () =>
      (await refused(`/api/v1/namespaces/${SHOP}/pods`, { ...pod, spec }, /share the host/)) &&
      (await refused('/api/v1/namespaces', namespace, /loosen no Pod Security/)) &&
      (await refused(
        `/apis/apps/v1/namespaces/${SHOP}/statefulsets`,
        { ...set, spec: { selector: labels, template, ...claims } },
        /let no StatefulSet delete/,
      )),
    60_000,
  )
}

async function personOf({ authority, port, caFile }: Cluster) {
  const { certificateFile, keyFile } = await authority.issue({ name: 'tester', subject: 'CN=tester, O=system:masters' })
  const [ca, cert, key] = await Promise.all([caFile, certificateFile, keyFile].map(file => readFile(file)))
  const agent = new Agent({ keepAlive: true, maxSockets: 4 })
  const send = (
    method: string,
    path: string,
    body: object | null,
    type: string,
    as: Record<string, string | string[]>,
  ) =>
    new Promise<Answer>((resolve, reject) => {
      const headers = { ...as, accept: 'application/json', ...(body === null ? {} : { 'content-type': type }) }
      const sent = request({ host: '127.0.0.1', port, agent, ca, cert, key, method, path, headers }, answer => {
        const parts: Buffer[] = []
        answer.on('data', part => parts.push(part))
        answer.on('end', () => resolve(toAnswer(answer.statusCode ?? 0, Buffer.concat(parts).toString())))
      })
      sent.on('error', reject)
      sent.end(body === null ? undefined : JSON.stringify(body))
    })
  return (user?: string, groups: readonly string[] = [], extra: Readonly<Record<string, string>> = {}): Person => {
    const as: Record<string, string | string[]> =
      user === undefined ? {} : { 'impersonate-user': user, 'impersonate-group': [...groups], ...extra }
    return {
      get: path => send('GET', path, null, '', as),
      post: (path, body) => send('POST', path, body, 'application/json', as),
      put: (path, body) => send('PUT', path, body, 'application/json', as),
      patch: (path, body, kind = 'merge') => {
        const [type = '', query] = PATCHES[kind].split('?')
        const mark = path.includes('?') ? '&' : '?'
        return send('PATCH', query === undefined ? path : `${path}${mark}${query}`, body, type, as)
      },
      remove: path => send('DELETE', path, null, '', as),
    }
  }
}

/** What is not served yet is told in plain text. */
function toAnswer(status: number, text: string): Answer {
  const body = text.startsWith('{') ? (JSON.parse(text) as { readonly message?: string }) : { message: text }
  return { status, body, said: status < 300 ? 'done' : (body.message ?? '') }
}
