import { type Address, toAddress } from '../guide/address.ts'

/** A node of a cluster, as one of them sees it. */
export interface NodeSeen {
  /** Its own for as long as it lives, wherever it is. */
  readonly id: string
  /** Null: nobody can reach it, or not so: who was asked by TLS names ports that speak it, and no others. */
  readonly at: Address | null
  readonly isPrimary: boolean
  /** Whether it is the one that was asked. */
  readonly isSelf: boolean
  /** Of two that both claim a slot, the one with the higher number has it. */
  readonly epoch: number
  /** First and last of each range. */
  readonly slots: readonly (readonly [number, number])[]
}

/** Most that a cluster may have: each is asked all the time. */
export const MOST_NODES = 200

/**
 * The answer to CLUSTER NODES; null for what is none. One that has a name is called by it, for that is what its certificate says; one that
 * does not know its own address is where it was asked. Who only just comes is left out.
 */
export function parseNodes(text: string, askedAt: Address): readonly NodeSeen[] | null {
  const lines = text.split('\n').filter(line => line !== '')
  const seen = lines.map(line => parseNode(line, askedAt))
  if (lines.length === 0 || lines.length > MOST_NODES || seen.includes('unreadable')) return null
  return seen.filter((one): one is NodeSeen => one !== null && one !== 'unreadable')
}

/** `<id> <ip:port@cport[,hostname[,…]]> <flags> <primary> <ping-sent> <pong-recv> <config-epoch> <link-state> <slot> <slot> …` */
function parseNode(line: string, askedAt: Address): NodeSeen | 'unreadable' | null {
  const [id = '', where = '', flagged = '', , , , epoch = '', , ...slots] = line.split(' ')
  const flags = flagged.split(',')
  if (!/^\d{1,15}$/.test(epoch)) return 'unreadable'
  if (flags.includes('handshake')) return null
  const isSelf = flags.includes('myself')
  const [, ip = '', port = '', name = ''] = /^(.*):(\d+)(?:@\d+)?(?:,([^,]*))?/.exec(where) ?? []
  const told = name === '' ? ip : name
  const isNowhere = flags.includes('noaddr') || port === '0'
  const at = isNowhere ? null : told === '' && isSelf ? askedAt : toAddress(told, port)
  if (at === null && !isNowhere) return 'unreadable'
  const isPrimary = flags.includes('master')
  return { id, at, isPrimary, isSelf, epoch: Number(epoch), slots: isPrimary ? slots.flatMap(toRange) : [] }
}

/** `93`, `0-5460`; not `[93-<-292f…]`, which is only on its way. */
function toRange(text: string): [number, number][] {
  const [, first, last = first] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text) ?? []
  return first === undefined ? [] : [[Number(first), Number(last)]]
}
