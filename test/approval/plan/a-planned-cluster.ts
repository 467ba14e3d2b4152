import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { Agent, request as send } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { type Cluster, startCluster } from '../../../local/cluster/cluster.ts'
import { Supervisor } from '../../../local/process/supervisor.ts'
import { ensureToolchain } from '../../../local/toolchain/toolchain.ts'
import type { Made } from '../../../src/approval/plan/draft.ts'
import { makePlan } from '../../../src/approval/plan/make-plan.ts'
import { apiView } from '../../../src/kubernetes/api-view.ts'
import { toAdmission } from '../../../src/policy/admission/admission.ts'
import { grantedWith, withYes } from '../../../src/policy/admission/granted.ts'
import type { TaskTemplate } from '../../../src/policy/policy.ts'
import { EXTRA_KEYS, groupsOf, userOf } from '../../../src/policy/rbac/identity.ts'
import { toRbac, toYaml } from '../../../src/policy/rbac/rbac.ts'
import { maskText } from '../../../src/record/mask/mask-text.ts'
import type { HttpRequest } from '../../../src/request/http-request.ts'
import { aPolicy, aRule, aTemplate, leaseOf } from '../../policy/a-policy.ts'
import { read } from '../../request/a-http-request.ts'
import { until } from '../../support/until.ts'

export const SHOP = 'shop'
const OWN = 'leasegate'

const write = aTemplate({
  name: 'write',
  grants: [{ agent: 'bot', namespaces: [SHOP] }],
  rules: [
    aRule(),
    aRule({
      scope: 'cluster',
      apiGroups: [''],
      resources: ['namespaces'],
      resourceNames: [SHOP],
      verbs: ['get', 'delete'],
    }),
  ],
})
/** It may patch, and look at nothing. */
const blind = aTemplate({
  name: 'blind',
  grants: [{ agent: 'bot', namespaces: [SHOP] }],
  rules: [aRule({ verbs: ['patch'], apiGroups: [''], resources: ['secrets', 'configmaps'] })],
})

/** It may debug pods, and look at none. */
const debugs = aTemplate({
  name: 'debugs',
  grants: [{ agent: 'bot', namespaces: [SHOP] }],
  rules: [aRule({ verbs: ['patch'], apiGroups: [''], resources: ['pods/ephemeralcontainers'] })],
  dangerous: ['pods-ephemeral'],
})

export interface Wanted {
  readonly body?: string
  readonly type?: string
  readonly headers?: HttpRequest['headers']
  readonly template?: TaskTemplate
}

export interface Answer {
  readonly status: number
  readonly message: string
}

/** A real cluster with the rights and the admission policies of `leasegate policy rbac --planner`, and the planner's own account. */
export async function aPlannedCluster() {
  const toolchain = await ensureToolchain(() => undefined)
  const directory = await mkdtemp(join(tmpdir(), 'lg-'))
  const supervisor = new Supervisor()
  const cluster = await startCluster({ toolchain, directory, supervisor })
  const kubectl = async (args: readonly string[], input?: string) => {
    const { code, stdout, stderr } = await cluster.admin(args, input)
    if (code !== 0) throw new Error(stderr)
    return stdout.trim()
  }
  const apply = (...objects: readonly object[]) =>
    kubectl(['apply', '--server-side', '-f', '-'], objects.map(object => stringify(object)).join('---\n'))
  for (const name of [OWN, SHOP]) await kubectl(['create', 'namespace', name])
  await kubectl(['create', 'serviceaccount', 'planner', '-n', OWN])
  const policy = aPolicy({ templates: [write, blind, debugs], boundaryNamespace: OWN })
  const boundary = { kind: 'serviceAccount', namespace: OWN, name: 'boundary' } as const
  const planner = { kind: 'serviceAccount', namespace: OWN, name: 'planner' } as const
  const objects = [...toAdmission(policy, boundary), ...toRbac(policy, { mode: 'constrained', boundary, planner })]
  await kubectl(['apply', '--server-side', '-f', '-'], toYaml(objects))
  const tokenFile = join(directory, 'planner.token')
  await writeFile(tokenFile, await kubectl(['create', 'token', 'planner', '-n', OWN]))
  const view = apiView({ url: cluster.server, tokenFile, caFile: cluster.caFile })
  const plan = async (line: string, wanted: Wanted = {}): Promise<Made> => {
    const made = await makePlan({
      ...asked(line, wanted),
      view,
      sessions: 'recorded',
      now: Date.now(),
      mask: text => maskText(text),
    })
    if (made.kind === 'none') throw new Error(made.problem)
    return made
  }
  const leased = await leasedOf(cluster)
  await inForce(leased)
  return {
    cluster,
    policy,
    kubectl,
    apply,
    view,
    tokenFile,
    plan,
    blind,
    debugs,
    leased,
    stop: async () => {
      view.close()
      await supervisor.stop()
      await rm(directory, { recursive: true, force: true })
    },
  }
}
export type PlannedCluster = Awaited<ReturnType<typeof aPlannedCluster>>

function asked(line: string, { body = '', type, headers = [], template = write }: Wanted) {
  const bytes = Buffer.from(body)
  const lines = type === undefined ? headers : ([...headers, ['content-type', type]] as const)
  const at = line.indexOf(' ')
  const request = read(line, { headers: lines, body: bytes })
  const granted = withYes(request, { granted: grantedWith(request, template) }, false) ?? ''
  return {
    request,
    granted,
    sent: { method: line.slice(0, at), target: line.slice(at + 1), headers: lines, body: bytes },
    lease: leaseOf(template),
  }
}

/** As the boundary would send it for a lease of `write`, with what a yes was bound to. */
async function leasedOf({ authority, port, caFile }: Cluster) {
  const { certificateFile, keyFile } = await authority.issue({ name: 'tester', subject: 'CN=tester, O=system:masters' })
  const [ca, cert, key] = await Promise.all([caFile, certificateFile, keyFile].map(file => readFile(file)))
  const agent = new Agent({ keepAlive: true, maxSockets: 4 })
  return (line: string, bound: string | null, body = '', type = 'application/merge-patch+json') =>
    new Promise<Answer>((resolve, reject) => {
      const [method = '', path = ''] = line.split(' ')
      const headers = {
        accept: 'application/json',
        'impersonate-user': userOf('bot'),
        'impersonate-group': [...groupsOf('write')],
        ...(bound === null ? {} : { [`impersonate-extra-${EXTRA_KEYS.bound.replace('/', '%2f')}`]: bound }),
        ...(body === '' ? {} : { 'content-type': type }),
      }
      const sent = send({ host: '127.0.0.1', port, agent, ca, cert, key, method, path, headers }, answer => {
        const parts: Buffer[] = []
        answer.on('data', part => parts.push(part))
        answer.on('end', () => {
          const text = Buffer.concat(parts).toString()
          const { message = '' } = text.startsWith('{') ? JSON.parse(text) : { message: text }
          resolve({ status: answer.statusCode ?? 0, message })
        })
      })
      sent.on('error', reject)
      sent.end(body === '' ? undefined : body)
    })
}

/** The API server learns of policies a little later. */
async function inForce(leased: Awaited<ReturnType<typeof leasedOf>>): Promise<void> {
  const body = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' } })
  await until(
    'the admission policies to be in force',
    async () => {
      const path = `/api/v1/namespaces/${SHOP}/configmaps`
      return (await leased(`POST ${path}?dryRun=All`, 'u@1', body, 'application/json')).status === 403
    },
    60_000,
  )
}

/** A Deployment whose pods kwok says are ready. */
export function web(image = 'web:1', env: readonly object[] = []): object {
  const labels = { app: 'web' }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: SHOP },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          automountServiceAccountToken: false,
          containers: [{ name: 'web', image, env }],
          volumes: [{ name: 'db', secret: { secretName: 'db' } }],
        },
      },
    },
  }
}
