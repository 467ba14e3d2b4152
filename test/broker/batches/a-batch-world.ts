import { isApprover } from '../../../src/approval/people/counted.ts'
import { sentKeeper } from '../../../src/approval/sent/keep-sent.ts'
import { RedisSentStore } from '../../../src/approval/sent/redis-sent-store.ts'
import { answerVerifier } from '../../../src/approval/verify-answer.ts'
import { authorize } from '../../../src/authorizer/authorize.ts'
import type { Decision } from '../../../src/authorizer/decision.ts'
import { newShares } from '../../../src/authorizer/share/shares.ts'
import type { Surroundings } from '../../../src/authorizer/surroundings.ts'
import { openContract } from '../../../src/identity/signed/contract.ts'
import { issueLeaseToken } from '../../../src/identity/token/lease-token.ts'
import { LeaseTokenVerifier } from '../../../src/identity/token/lease-token-verifier.ts'
import { RedisLeaseLedger } from '../../../src/lease/redis/redis-lease-ledger.ts'
import type { Policy } from '../../../src/policy/policy.ts'
import type { RedisLink } from '../../../src/redis/connect/connect-redis.ts'
import type { HttpRequest } from '../../../src/request/http-request.ts'
import { TestBroker } from '../test-broker.ts'

/** A request, as a client sends it and as it is told beforehand. */
export interface Planned {
  readonly method: string
  readonly target: string
  readonly contentType: string
  readonly body: string
}

const DEPLOYMENTS = '/apis/apps/v1/namespaces/shop/deployments'

/** What kubectl sends with --server-side. */
export function applying(name: string, spec: object = { replicas: 2 }): Planned {
  const body = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace: 'shop' }, spec }
  return {
    method: 'PATCH',
    target: `${DEPLOYMENTS}/${name}?fieldManager=kubectl&fieldValidation=Strict&force=false`,
    contentType: 'application/apply-patch+yaml',
    body: JSON.stringify(body),
  }
}

export function settings(name: string): Planned {
  const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'shop' }, data: { a: 'b' } }
  return {
    method: 'POST',
    target: '/api/v1/namespaces/shop/configmaps',
    contentType: 'application/json',
    body: JSON.stringify(body),
  }
}

/** The broker and the request road, on one store, with one policy. */
export class BatchWorld {
  readonly broker: TestBroker
  /** Patient, for a machine that does other things. */
  readonly #link: RedisLink
  #asked = 0

  private constructor(broker: TestBroker, link: RedisLink) {
    this.broker = broker
    this.#link = link
  }

  static async start(): Promise<BatchWorld> {
    const broker = await TestBroker.start()
    broker.policy = withDeploying(broker.policy)
    return new BatchWorld(broker, await broker.valkey.connected({ deadlineMs: 20_000 }))
  }

  async stop(): Promise<void> {
    this.#link.close()
    await this.broker.stop()
  }

  async lease(template = 'deploy'): Promise<string> {
    const wish = { template, reason: 'a release', namespaces: ['shop'], ttl: '1h' }
    const made = await this.broker.as('web-operator', 'POST', '/v1/leases', wish)
    return made.body.id
  }

  /** No question waits any more, and none was asked in this minute. */
  async clear(): Promise<void> {
    const { approvals } = (await this.broker.as('hana', 'GET', '/v1/approvals?limit=200')).body
    for (const { id } of approvals) await this.broker.as('hana', 'POST', `/v1/approvals/${id}/reject`, { reason: '' })
    // What was taken back keeps its place among those that wait.
    const counts = await this.#link.ask('counts', async redis => [
      ...(await redis.keys('*:asks:*')),
      ...(await redis.keys('*:waits:*')),
    ])
    for (const key of counts) await this.#link.ask('counts', redis => redis.del(key))
  }

  async plan(lease: string, requests: readonly Planned[], who = 'web-operator', from = '') {
    const sent = requests.map(({ body, ...rest }) => ({ ...rest, body: Buffer.from(body).toString('base64') }))
    return this.broker.call('POST', `/v1/leases/${lease}/plan`, {
      token: await this.broker.token(who),
      body: { requests: sent },
      headers: from === '' ? {} : { 'x-forwarded-for': from },
    })
  }

  async show(id: string, who = 'hana') {
    return (await this.broker.as(who, 'GET', `/v1/approvals/${id}`)).body
  }

  async yes(id: string, who = 'hana') {
    const { digest, plan } = await this.show(id)
    return this.broker.as(who, 'POST', `/v1/approvals/${id}/approve`, { digest, plan: plan?.madeAt ?? null })
  }

  /** A fresh authorizer, which remembers nothing. */
  road(): (lease: string, planned: Planned) => Promise<Decision> {
    const { broker } = this
    const verifyAnswer = answerVerifier({
      keys: () => broker.keys.verify,
      useMs: 300_000,
      askMs: 900_000,
      isApprover: name => isApprover(name, broker.policy),
      electorate: () => broker.policy,
    })
    const ledger = new RedisLeaseLedger(this.#link, { verifyAnswer })
    const verifier = new LeaseTokenVerifier(() => broker.keys.verify)
    const findLease = async (id: string) => openContract((await ledger.contract(id)) ?? '', broker.keys.verify)
    const around: Surroundings = {
      now: () => Date.now(),
      identify: (headers, now) => verifier.identify(headers, now),
      findLease,
      policy: () => broker.policy,
      ledger,
      watchers: async () => ({ names: [], until: 0 }),
      shares: newShares(),
      cpuMs: () => 0,
      approvalTimes: { askMs: 900_000, useMs: 300_000 },
      deadlineMs: 20_000,
      onFailure: (_, error) => broker.log.error({ err: error }, 'road'),
      keepSent: sentKeeper({
        store: new RedisSentStore(this.#link),
        keys: () => broker.keys.verify,
        now: Date.now,
        keepMs: 900_000,
        onFailure: (_, error) => broker.log.error({ err: error }, 'not kept'),
      }),
    }
    return async (lease, planned) => authorize(await this.#http(lease, planned), around)
  }

  async #http(lease: string, { method, target, contentType, body }: Planned): Promise<HttpRequest> {
    const agent = 'web-operator'
    const terms = { key: this.broker.keys.signing, now: Date.now(), ttlMs: 300_000 }
    const expiresAt = Date.now() + 3_000_000
    const { token } = await issueLeaseToken({ id: lease, agent, expiresAt }, terms)
    const headers = [
      ['authorization', `Bearer ${token}`],
      ['content-type', contentType],
      ['user-agent', 'kubectl'],
    ] as const
    this.#asked += 1
    return {
      id: `request-${this.#asked}-${crypto.randomUUID()}`,
      method,
      target,
      headers,
      body: Buffer.from(body),
      route: 'write',
      source: '127.0.0.1',
    }
  }
}

function withDeploying(policy: Policy): Policy {
  const [template] = policy.templates
  const [rule] = template?.rules ?? []
  if (template === undefined || rule === undefined) throw new Error('the policy has no template')
  const verbs = ['get', 'create', 'patch', 'delete']
  const rules = [
    { ...rule, verbs, apiGroups: ['apps'], resources: ['deployments'] },
    { ...rule, verbs, apiGroups: [''], resources: ['configmaps'] },
  ]
  const approval = { skip: [], require: ['workload-write'], untilLeaseEnds: true } as const
  const deploy = { ...template, name: 'deploy', rules, maxLeases: 100, budgets: {}, approval, dangerous: ['pod-host'] }
  const two = { people: 2, groups: [] }
  const both = { ...deploy, name: 'deploy-both', approval: { ...approval, quorum: two } }
  const once = { ...deploy, name: 'deploy-once', approval: { skip: [], require: ['workload-write'] } }
  return { ...policy, templates: [...policy.templates, deploy, once, both] }
}
