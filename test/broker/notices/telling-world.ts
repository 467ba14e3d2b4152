import { randomBytes } from 'node:crypto'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { RedisApprovalStore } from '../../../src/approval/redis-approval-store.ts'
import { answerVerifier } from '../../../src/approval/verify-answer.ts'
import { leaseSigner } from '../../../src/broker/leases/lease-signer.ts'
import { openTelling } from '../../../src/broker/notices/open-telling.ts'
import type { BrokerParts } from '../../../src/broker/parts.ts'
import { noPlanner, type Planner } from '../../../src/broker/plan/planner.ts'
import type { BrokerConfig } from '../../../src/config/roles.ts'
import { openContract } from '../../../src/identity/signed/contract.ts'
import type { Lease } from '../../../src/lease/lease.ts'
import { newApprovalId } from '../../../src/lease/lease-id.ts'
import type { PageOf } from '../../../src/lease/lease-store.ts'
import { LIMITS } from '../../../src/lease/limits.ts'
import { ONE, type Quorum } from '../../../src/lease/questions/quorum.ts'
import { RedisLeaseLedger } from '../../../src/lease/redis/redis-lease-ledger.ts'
import { RedisLeaseStore } from '../../../src/lease/redis/redis-lease-store.ts'
import type { Notify, Receiver } from '../../../src/policy/notify.ts'
import { aQuestion, asking } from '../../lease/a-lease.ts'
import { until } from '../../support/until.ts'
import { TestBroker } from '../test-broker.ts'

export const ORIGIN = 'https://console.test'
export const SECRET = `whsec_${randomBytes(32).toString('base64')}`
export const TWO: Quorum = { people: 2, groups: [] }

/** A broker with an agent that asks and three who answer; whoever is told is the test's to say. */
export class TellingWorld {
  readonly broker: TestBroker
  readonly lease: Lease
  readonly secretFile: string
  /** How often anybody looked for questions. */
  looks = 0
  planner: Planner = noPlanner('there is no cluster here')
  readonly #ledger: RedisLeaseLedger
  readonly #running: { stop(): Promise<void> }[] = []
  readonly #digests = new Map<string, string>()

  private constructor(broker: TestBroker, lease: Lease, secretFile: string) {
    this.broker = broker
    this.lease = lease
    this.secretFile = secretFile
    const verifyAnswer = answerVerifier({ keys: () => broker.keys.verify, useMs: 300_000, isApprover: () => true })
    const many = { questionsOfLease: 100_000, questionsOfAgent: 100_000, questionsPerMinute: 100_000 }
    this.#ledger = new RedisLeaseLedger(broker.link, { verifyAnswer, limits: { ...LIMITS, ...many } })
  }

  static async start(): Promise<TellingWorld> {
    // How soon a busy store answers is not what is tried here.
    const broker = await TestBroker.start(() => null, { deadlineMs: 10_000 })
    const { policy } = broker
    const [hana] = policy.people
    if (hana === undefined) throw new Error('nobody')
    const ivy = { ...hana, name: 'ivy', match: { ...hana.match, claims: { sub: 'ivy' } } }
    broker.policy = { ...policy, people: [...policy.people, ivy] }
    const wish = { template: 'restart-web', reason: 'slow', namespaces: ['shop'], ttl: '1h' }
    const { id } = (await broker.as('web-operator', 'POST', '/v1/leases', wish)).body
    const record = await new RedisLeaseStore(broker.link).find(id, Date.now())
    const lease = await openContract(record?.contract ?? '', broker.keys.verify)
    if (lease === null) throw new Error('no lease')
    const secretFile = join(await mkdtemp(join(tmpdir(), 'leasegate-notices-')), 'secret')
    await writeFile(secretFile, `${SECRET}\n`)
    return new TellingWorld(broker, lease, secretFile)
  }

  webhook(name: string, url: string, people: readonly string[] = []): Receiver {
    return { name, people, way: { kind: 'webhook', url, secretFile: this.secretFile, caFile: null } }
  }

  /** Tells as a broker with this policy does, which runs until `quiet`. */
  tell(notify: Pick<Notify, 'receivers'> & Partial<Notify>): { stop(): Promise<void> } {
    const { broker } = this
    const tell = notify.receivers.map(({ name }) => name)
    broker.policy = { ...broker.policy, notify: { tell, escalate: [], quietHours: null, onCall: null, ...notify } }
    const policy = () => broker.policy
    const store = new RedisApprovalStore(broker.link)
    const parts = {
      approvals: {
        find: (id: string, now: number) => store.find(id, now),
        pending: (page: PageOf, now: number) => {
          this.looks += 1
          return store.pending(page, now)
        },
      },
      planner: this.planner,
      signer: leaseSigner({
        signingKey: () => broker.keys.signing,
        verifyKeys: () => broker.keys.verify,
        tokenTtlMs: 1,
      }),
      clock: () => Date.now() + broker.aheadMs,
      log: broker.log,
      policy,
    } as unknown as BrokerParts
    const config = {
      webhookUrl: null,
      webhookSecretFile: null,
      webhookCaFile: null,
      consoleUrl: ORIGIN,
    } as BrokerConfig
    const telling = openTelling(config, parts, broker.link)
    this.#running.push(telling)
    return telling
  }

  /** Resolves when it has looked at all that is there, and what it had to say is said. */
  async heard(telling: { stop(): Promise<void> }): Promise<void> {
    const before = this.looks
    await until('another look', () => this.looks > before + 1)
    await telling.stop()
  }

  /** As the authorizer asks when a request wants a human's yes. */
  async ask({ askMs = 900_000, quorum = ONE, ...words }: Asked = {}): Promise<string> {
    const digest = randomBytes(32).toString('hex')
    const asked = asking(this.lease, digest, newApprovalId(this.lease.id))
    const question = JSON.stringify({ ...aQuestion(this.lease), quorum, ...words })
    const intent = { ...asked.intent, quorum, question, askMs } as typeof asked.intent
    const committed = await this.#ledger.commit({ ...asked, intent })
    if (committed.kind !== 'pending') throw new Error(`asked, and got ${committed.kind}`)
    this.#digests.set(committed.approval, digest)
    return committed.approval
  }

  answer(sub: string, id: string, verb: 'approve' | 'reject' = 'approve') {
    return this.broker.as(sub, 'POST', `/v1/approvals/${id}/${verb}`, { digest: this.#digests.get(id), reason: 'so' })
  }

  /** Nobody is told any more, and nothing is left that could be. */
  async quiet(): Promise<void> {
    await Promise.all(this.#running.splice(0).map(each => each.stop()))
    this.broker.aheadMs = 0
    await Promise.all([...this.#digests.keys()].map(id => this.answer('grace', id, 'reject')))
    this.#digests.clear()
  }

  async stop(): Promise<void> {
    await this.quiet()
    await this.broker.stop()
  }
}

type Asked = { readonly askMs?: number; readonly quorum?: Quorum } & Readonly<Record<string, unknown>>
