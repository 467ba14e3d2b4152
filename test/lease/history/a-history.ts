import { setImmediate } from 'node:timers/promises'
import { RedisApprovalStore } from '../../../src/approval/redis-approval-store.ts'
import type { Budget, Lease } from '../../../src/lease/lease.ts'
import { newApprovalId } from '../../../src/lease/lease-id.ts'
import type { Commit } from '../../../src/lease/lease-store.ts'
import { RedisLeaseLedger } from '../../../src/lease/redis/redis-lease-ledger.ts'
import { RedisLeaseStore } from '../../../src/lease/redis/redis-lease-store.ts'
import { RedisStopStore } from '../../../src/lease/stop/redis-stop-store.ts'
import { RedisSessionSeconds } from '../../../src/lease/stream/redis-session-seconds.ts'
import type { RedisLink } from '../../../src/redis/connect/connect-redis.ts'
import { PARTITIONS } from '../../../src/redis/keys.ts'
import { until } from '../../support/until.ts'
import { verifyPlain } from '../../support/wire/plain-answer.ts'
import { aLease, answering, asking, committing, creating, revoking } from '../a-lease.ts'
import { Pair } from './a-pair.ts'
import type { Servers } from './servers.ts'

const BUDGET = 6
/** Two slices and a half. */
const SECONDS = 25
const SKEW_MS = 1500
/** Clocks that step, of one request or one act in five. */
const STEPS_MS = [5000, 300_000, 7_200_000] as const
const FAULTS = ['failover', 'failover', 'crash', 'restore'] as const

interface Told {
  readonly lease: Lease
  allowed: number
  /** That its sessions had. */
  seconds: number
  /** Acknowledged. */
  hasEnded: boolean
}

export interface History {
  readonly failovers: number
  readonly allowed: number
  readonly ended: number
  /** What must not have happened. */
  readonly wrong: readonly string[]
}

interface Options {
  readonly rounds: number
  readonly random: () => number
  /** Without it nobody looks whether the store lost something, and nothing waits for the replica. */
  readonly isGuarded: boolean
  readonly faults?: readonly (typeof FAULTS)[number][]
  /** A pair that is switched by hand, where none are named. */
  readonly start?: () => Promise<Servers>
}

/** Random requests, revocations and yeses against a store whose servers die, lag and come back old; then whether what was told held. */
export async function runHistory(options: Options): Promise<History> {
  const { rounds, random, isGuarded, faults = FAULTS, start = Pair.start } = options
  const pair = await start()
  const terms = isGuarded ? ({ partitions: PARTITIONS, eviction: 'asked' } as const) : null
  const deadlineMs = 2000
  const links = [0, 1].map(() => pair.connect({ terms, deadlineMs }))
  const brokers = pair.connect({ terms, deadlineMs, durability: 'everysec', replicas: isGuarded ? 1 : 0 })
  const world = new World(links, brokers, random)
  let failovers = 0
  try {
    await world.ready()
    for (let round = 0; round < rounds; round++) {
      await world.begin()
      await world.work(20)
      await pair.snapshot()
      await world.work(10)
      await world.yes()
      await world.endOne()
      const fault = faults[Math.floor(random() * faults.length)] ?? 'failover'
      if (fault === 'failover') {
        await pair.detach()
        await world.work(10)
        await world.useYes()
        if ((await pair.failOver(() => world.work(5))) === 'failover') failovers++
      } else if (fault === 'crash') await pair.crash()
      else await pair.restore()
      await world.ready()
      await world.tryAll()
    }
  } finally {
    await pair.stop()
  }
  return { failovers, ...world.result() }
}

class World {
  readonly #links: readonly RedisLink[]
  readonly #broker: RedisLink
  readonly #authorizers: readonly Authorizer[]
  readonly #store: RedisLeaseStore
  readonly #random: () => number
  readonly #wrong: string[] = []
  readonly #all: Told[] = []
  #told: Told[] = []
  #yes: { readonly lease: Lease; readonly digest: string; readonly id: string; uses: number } | null = null

  constructor(links: readonly RedisLink[], broker: RedisLink, random: () => number) {
    this.#links = links
    this.#broker = broker
    this.#authorizers = links.map(link => anAuthorizer(link))
    this.#store = new RedisLeaseStore(broker)
    this.#random = random
  }

  async ready(): Promise<void> {
    await until('all to be connected', () => [...this.#links, this.#broker].every(link => link.ready))
  }

  result() {
    const allowed = this.#all.reduce((sum, told) => sum + told.allowed, 0)
    return { allowed, ended: this.#all.filter(({ hasEnded }) => hasEnded).length, wrong: this.#wrong }
  }

  /** New leases, and some of before. */
  async begin(): Promise<void> {
    this.#told = this.#told.slice(-4)
    this.#yes = null
    for (let at = 0; at < 4; at++) {
      const lease = aLease({
        agent: `agent-${crypto.randomUUID()}`,
        budgets: { requests: BUDGET, execSeconds: SECONDS },
        expiresAt: Date.now() + 600_000,
      })
      const turn = await this.#store.turn(lease.id).catch(() => null)
      if (turn === null) continue
      const told = { lease: { ...lease, turn }, allowed: 0, seconds: 0, hasEnded: false }
      const made = await this.#store.create(creating(told.lease)).catch(() => null)
      if (made?.kind !== 'created') continue
      this.#told.push(told)
      this.#all.push(told)
    }
  }

  async work(times: number): Promise<void> {
    for (let at = 0; at < times; at++) {
      await Promise.all(this.#authorizers.map(one => this.#ask(one, this.#any())))
      await setImmediate()
    }
  }

  /** One lease, or all of a subject: known to have ended once that was acknowledged. */
  async endOne(): Promise<void> {
    const told = this.#any()
    if (told === undefined) return
    const { lease } = told
    const subject = { kind: 'agent', name: lease.agent } as const
    const ending =
      this.#random() < 0.5
        ? this.#store.revoke(revoking(lease, { now: this.#now() }))
        : new RedisStopStore(this.#broker).act({ subject, act: 'end', by: 'root', reason: 'x', event: '{}' })
    const acknowledged = await ending.catch(() => null)
    if (acknowledged !== null && acknowledged !== false) told.hasEnded = true
  }

  async yes(): Promise<void> {
    const told = this.#told.find(({ hasEnded }) => !hasEnded)
    if (told === undefined) return
    const [id, digest] = [newApprovalId(told.lease.id), crypto.randomUUID()]
    const asked = await this.#authorizers[0]?.ledger.commit(asking(told.lease, digest, id)).catch(() => null)
    if (asked?.kind !== 'pending') return
    const approvals = new RedisApprovalStore(this.#broker)
    const said = await approvals.answer(answering(id, 'approved')).catch(() => null)
    if (said?.kind === 'answered') this.#yes = { lease: told.lease, digest, id, uses: 0 }
  }

  async useYes(): Promise<void> {
    for (const { ledger } of [...this.#authorizers, anAuthorizer(this.#links[0] as RedisLink)]) {
      const yes = this.#yes
      if (yes === null) return
      const request = asking(yes.lease, yes.digest, newApprovalId(yes.lease.id))
      const told = await ledger.commit({ ...request, id: crypto.randomUUID() }).catch(() => null)
      if (told?.kind !== 'allowed') continue
      if (++yes.uses > 1) this.#wrong.push(`the yes ${yes.id} was used ${yes.uses} times`)
    }
  }

  /** By those that saw it and by one that has just started: whatever may still be spent is spent. */
  async tryAll(): Promise<void> {
    const anew = this.#links.map(link => anAuthorizer(link))
    for (const told of this.#told) {
      for (let at = 0; at < BUDGET; at++) {
        await Promise.all([...this.#authorizers, ...anew].map(one => this.#ask(one, told)))
      }
    }
    await this.useYes()
  }

  async #ask(authorizer: Authorizer, told: Told | undefined): Promise<void> {
    if (told === undefined) return
    const { lease } = told
    const hadEnded = told.hasEnded
    const now = this.#now()
    const take: Budget[] = this.#random() < 0.3 ? ['requests', 'execSeconds'] : ['requests']
    const request = committing(lease, { now, intent: { kind: 'allow', take }, id: crypto.randomUUID() })
    const answer = await authorizer.ledger.commit(request).catch(() => null)
    if (answer?.kind !== 'allowed') return
    if (hadEnded) this.#wrong.push(`${lease.id} was allowed after its end was acknowledged`)
    if (++told.allowed > BUDGET) this.#wrong.push(`${lease.id} was allowed ${told.allowed} requests of ${BUDGET}`)
    if (answer.seconds !== undefined) await this.#session(authorizer, told, request, answer.seconds)
  }

  /** Takes further seconds once, and gives some back. */
  async #session({ seconds }: Authorizer, told: Told, request: Commit, first: number): Promise<void> {
    const timed = { auditId: request.id, lease: told.lease, limits: request.limits }
    const next = await seconds.take(timed, 1).catch(() => null)
    // Of what may have been taken and is not known here, nothing is given back.
    told.seconds += first + (next ?? 0)
    if (told.seconds > SECONDS) this.#wrong.push(`${told.lease.id} had ${told.seconds} seconds of ${SECONDS}`)
    // It ran a second less: known to be so before that is given back.
    told.seconds -= 1
    await seconds.giveBack(timed, 1).catch(() => null)
  }

  #now(): number {
    const near = Math.floor((this.#random() - 0.5) * 2 * SKEW_MS)
    if (this.#random() < 0.8) return Date.now() + near
    const step = STEPS_MS[Math.floor(this.#random() * STEPS_MS.length)] ?? 0
    return Date.now() + near + (this.#random() < 0.5 ? step : -step)
  }

  #any(): Told | undefined {
    return this.#told[Math.floor(this.#random() * this.#told.length)]
  }
}

interface Authorizer {
  readonly ledger: RedisLeaseLedger
  readonly seconds: RedisSessionSeconds
}

function anAuthorizer(link: RedisLink): Authorizer {
  return { ledger: new RedisLeaseLedger(link, { verifyAnswer: verifyPlain }), seconds: new RedisSessionSeconds(link) }
}

/** The same numbers from the same seed. */
export function numbers(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
