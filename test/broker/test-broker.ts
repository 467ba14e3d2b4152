import { mkdtemp, rm } from 'node:fs/promises'
import http, { type IncomingHttpHeaders } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { RedisBatchStore } from '../../src/approval/batch/redis-batch-store.ts'
import { RedisApprovalStore } from '../../src/approval/redis-approval-store.ts'
import { sentKeeper } from '../../src/approval/sent/keep-sent.ts'
import { RedisSentStore } from '../../src/approval/sent/redis-sent-store.ts'
import { brokerApp } from '../../src/broker/app.ts'
import type { ConsoleParts } from '../../src/broker/console/console-parts.ts'
import type { ConsoleRecord } from '../../src/broker/console/record/record.ts'
import { leaseSigner } from '../../src/broker/leases/lease-signer.ts'
import type { BrokerParts } from '../../src/broker/parts.ts'
import { noPlanner, type Planner } from '../../src/broker/plan/planner.ts'
import { readSent } from '../../src/broker/plan/read-sent.ts'
import { type Served, serve } from '../../src/broker/serve.ts'
import { certificateIdentifier } from '../../src/identity/certificate/certificate-identifier.ts'
import { jwtIdentifier } from '../../src/identity/jwt-identifier.ts'
import { RedisHoldStore } from '../../src/lease/hold/redis-hold-store.ts'
import { RedisLeaseStore } from '../../src/lease/redis/redis-lease-store.ts'
import { writeRefusal } from '../../src/lease/redis/refusals.ts'
import { RedisStopStore } from '../../src/lease/stop/redis-stop-store.ts'
import { RedisStreamEnds } from '../../src/lease/stream/redis-stream-ends.ts'
import { RedisWatchMarks } from '../../src/lease/stream/redis-watch-marks.ts'
import type { Policy } from '../../src/policy/policy.ts'
import type { RedisLink } from '../../src/redis/connect/connect-redis.ts'
import { PARTITIONS } from '../../src/redis/keys.ts'
import type { RedisSettings } from '../../src/redis/server-link.ts'
import { createLogger } from '../../src/support/logger.ts'
import { TestIssuer } from '../support/issuer.ts'
import { type TestKeys, testKeys } from '../support/keys.ts'
import { Valkey } from '../support/stores/valkey.ts'
import { aPolicy } from './a-policy.ts'
import { expectDescribed } from './http/described.ts'

export interface Answered {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  // Bodies differ by route; tests say what they expect of them.
  // biome-ignore lint/suspicious/noExplicitAny: see above
  readonly body: any
}

export interface Call {
  readonly token?: string
  readonly body?: unknown
  readonly headers?: Record<string, string | readonly string[]>
  /** Sent as it is instead of `body`. */
  readonly raw?: string | Buffer
}

/** They act for somebody; people sponsor under their own name. */
const AGENTS: ReadonlySet<string> = new Set(['web-operator', 'triage'])

/** The broker on a real socket with a real store; time, policy and tokens are the test's. */
export class TestBroker {
  readonly corp: TestIssuer
  readonly valkey: Valkey
  readonly link: RedisLink
  readonly keys: TestKeys
  readonly socket: string
  readonly logged: string[] = []
  readonly log = createLogger({
    name: 'broker',
    level: 'debug',
    destination: { write: line => this.logged.push(line) },
  })
  policy: Policy
  record: ConsoleRecord | null = null
  planner: Planner = noPlanner('there is no cluster here')
  /** Instead of what the store has of what was sent. */
  readSent: BrokerParts['readSent'] | null = null
  /** How far the broker's clock is ahead of the real one. */
  aheadMs = 0
  /** The same of the clock that tokens are judged by. */
  tokensAheadMs = 0
  #served: Served | null = null

  private constructor(corp: TestIssuer, valkey: Valkey, link: RedisLink, keys: TestKeys, socket: string) {
    this.corp = corp
    this.valkey = valkey
    this.link = link
    this.keys = keys
    this.socket = socket
    this.policy = aPolicy(corp.issuer)
  }

  /** `console`: what a console of it is made of, once its parts are there. */
  static async start(
    console: (broker: TestBroker) => ConsoleParts | null = () => null,
    redis: Partial<RedisSettings> = {},
  ): Promise<TestBroker> {
    const valkey = await Valkey.start()
    const socket = join(await mkdtemp(join(tmpdir(), 'leasegate-broker-')), 'broker.sock')
    const link = await valkey.connected(redis)
    const broker = new TestBroker(await TestIssuer.create(), valkey, link, await testKeys(), socket)
    const { fetch } = brokerApp(broker.#parts(console(broker)))
    broker.#served = await serve({ fetch, address: { kind: 'unix', path: socket }, guard: null, drainMs: 1000 })
    return broker
  }

  #parts(console: ConsoleParts | null): BrokerParts {
    const clock = () => Date.now() + this.aheadMs
    const policy = () => this.policy
    const parts: Omit<BrokerParts, 'readSent' | 'record'> = {
      identifier: jwtIdentifier({ policy, clock: () => Date.now() + this.tokensAheadMs, onUnavailable: () => {} }),
      certificates: certificateIdentifier({ policy, clock, onProblem: (_, problem) => this.logged.push(problem) }),
      leases: new RedisLeaseStore(this.link),
      approvals: new RedisApprovalStore(this.link),
      batches: new RedisBatchStore(this.link),
      approvalTimes: { askMs: 900_000, useMs: 300_000 },
      keepSent: sentKeeper({
        store: new RedisSentStore(this.link),
        keys: () => this.keys.verify,
        now: clock,
        keepMs: 900_000,
        onFailure: (approval, err) => this.log.warn({ approval, err }, 'not kept'),
      }),
      holds: new RedisHoldStore(this.link),
      stops: new RedisStopStore(this.link),
      streams: new RedisStreamEnds(this.link),
      watches: new RedisWatchMarks(this.link),
      planner: {
        of: approval => this.planner.of(approval),
        bind: (approval, seenAt) => this.planner.bind(approval, seenAt),
        plan: id => this.planner.plan(id),
        refusal: approval => this.planner.refusal(approval),
      },
      refuse: refused => writeRefusal(this.link, refused),
      policy,
      signer: leaseSigner({
        signingKey: () => this.keys.signing,
        verifyKeys: () => this.keys.verify,
        tokenTtlMs: 300_000,
      }),
      console,
      clock,
      ahead: () => null,
      log: this.log,
      partitions: PARTITIONS,
      unready: async () => (this.link.ready ? null : 'no connection to the store'),
    }
    const { leases, signer } = parts
    const boxKey = () => ({ kid: this.keys.signing.kid, key: this.keys.signing.box })
    const reading = { store: new RedisSentStore(this.link), leases, signer, policy, boxKey, clock }
    const record = () => this.record
    return {
      ...parts,
      readSent: approval => (this.readSent === null ? readSent(approval, reading) : this.readSent(approval)),
      get record() {
        return record()
      },
    }
  }

  token(sub: string, claims: Record<string, unknown> = {}): Promise<string> {
    return this.corp.token({ sub, sponsor: AGENTS.has(sub) ? 'ada' : sub, ...claims })
  }

  /** As one of those in the policy. */
  async as(sub: string, method: string, path: string, body?: unknown): Promise<Answered> {
    return this.call(method, path, { token: await this.token(sub), ...(body === undefined ? {} : { body }) })
  }

  /** Throws where the answer is another than the API says of itself. */
  async call(method: string, path: string, { token, body, headers = {}, raw }: Call = {}): Promise<Answered> {
    const text = raw ?? (body === undefined ? '' : JSON.stringify(body))
    const sent = {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(text.length === 0
        ? {}
        : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(text)) }),
      ...headers,
    }
    const { promise, resolve, reject } = Promise.withResolvers<http.IncomingMessage>()
    http
      .request({ socketPath: this.socket, method, path, headers: sent as http.OutgoingHttpHeaders }, resolve)
      .on('error', reject)
      .end(text)
    const response = await promise
    const chunks = await response.toArray()
    const answer = Buffer.concat(chunks).toString()
    const json = response.headers['content-type']?.startsWith('application/json') === true
    const [status, told] = [response.statusCode ?? 0, json ? JSON.parse(answer) : answer]
    expectDescribed({ method, path, status, body: told })
    return { status, headers: response.headers, body: told }
  }

  async stop(): Promise<void> {
    await this.#served?.stop()
    await this.valkey.stop()
    await rm(this.socket, { force: true })
  }
}
