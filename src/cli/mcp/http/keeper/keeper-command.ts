import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { Command } from 'commander'
import { LONGEST_TIMER_MS } from '../../../../support/time/longest-timer.ts'
import { type BrokerClient, brokerClientFor } from '../../../broker/broker-client.ts'
import type { Terminal } from '../../../command/terminal.ts'
import { endLeases } from '../../../lease/end-leases.ts'
import { parseTold } from '../../../run/parse-told.ts'
import { type Answered, BEFORE_TOKEN_MS, TOLD, type Told } from './keeper-words.ts'

const LEFT = 'the MCP server that asked for it was killed'
const TOKEN_ENDS = 'the identity token that asked for it ended'

/** Reads from the server until that is done or gone, kill -9 included, and ends what it still held then. */
export function keeperCommand(terminal: Terminal): Command {
  return new Command('mcp-keeper').action(async () => {
    const keeper = new Keeper(terminal)
    for await (const line of createInterface({ input: Readable.from(terminal.stdin) })) {
      const told = parseTold(TOLD, line)
      if (told !== null) keeper.hear(told)
    }
    await keeper.endAll(LEFT)
  })
}

/** What somebody holds, and their newest token, by which it ends. */
interface Holder {
  readonly leases: Set<string>
  readonly broker: BrokerClient
  token: string
  expiresAt: number
  timer: NodeJS.Timeout | undefined
}

class Keeper {
  readonly #terminal: Terminal
  readonly #holders = new Map<string, Holder>()

  constructor(terminal: Terminal) {
    this.#terminal = terminal
  }

  hear(told: Told): void {
    if (told.kind === 'token') this.#renew(told)
    else if (told.kind === 'hold') this.#holders.get(told.of)?.leases.add(told.lease)
    else if (told.kind === 'forget') this.#take(told.lease)
    else void this.#end(told.lease, told.reason)
  }

  async endAll(reason: string): Promise<void> {
    for (const { timer } of this.#holders.values()) clearTimeout(timer)
    const left = [...this.#holders.values()].flatMap(({ leases }) => [...leases])
    await Promise.all(left.map(lease => this.#end(lease, reason)))
  }

  /** An older one than is known is nothing new. */
  #renew({ of, token, expiresAt }: Told & { readonly kind: 'token' }): void {
    const holder = this.#holders.get(of) ?? this.#made(of)
    if (expiresAt <= holder.expiresAt) return
    clearTimeout(holder.timer)
    const leftMs = Math.max(0, expiresAt - BEFORE_TOKEN_MS - Date.now())
    const timer = setTimeout(() => this.#tokenEnds(of), Math.min(leftMs, LONGEST_TIMER_MS))
    Object.assign(holder, { token, expiresAt, timer })
  }

  #made(of: string): Holder {
    const holder: Holder = {
      leases: new Set(),
      broker: brokerClientFor(this.#terminal, () => holder.token),
      token: '',
      expiresAt: 0,
      timer: undefined,
    }
    this.#holders.set(of, holder)
    return holder
  }

  /** Afterwards nobody could. */
  #tokenEnds(of: string): void {
    for (const lease of this.#holders.get(of)?.leases ?? []) void this.#end(lease, TOKEN_ENDS)
    this.#holders.delete(of)
  }

  #take(lease: string): Holder | undefined {
    const holder = [...this.#holders.values()].find(({ leases }) => leases.has(lease))
    holder?.leases.delete(lease)
    return holder
  }

  async #end(lease: string, reason: string): Promise<void> {
    const holder = this.#take(lease)
    if (holder === undefined) return
    this.#answer({ lease, ...(await endLeases(holder.broker, [lease], { reason })) })
  }

  #answer(answered: Answered): void {
    this.#terminal.print(`${JSON.stringify(answered)}\n`)
  }
}
