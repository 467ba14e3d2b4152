import { isIPv4, isIPv6 } from 'node:net'

/** Addresses of one family that begin with the same bits. */
export interface Network {
  readonly family: 4 | 6
  readonly bits: bigint
  readonly prefix: number
}

type Address = Omit<Network, 'prefix'>

const LENGTHS = { 4: 32, 6: 128 } as const
const MAPPED = 0xffffn

/** `10.0.0.0/8`, `2001:db8::/32`, or an address alone; null for anything else, and where there are bits beyond the prefix. */
export function parseNetwork(text: string): Network | null {
  const [, plain = '', digits] = /^([^/]+)(?:\/(0|[1-9]\d{0,2}))?$/.exec(text) ?? []
  const address = parseAddress(plain)
  if (address === null) return null
  // What is written as a mapped address counts its bits from there.
  const offset = plain.includes(':') && address.family === 4 ? 96 : 0
  const length = LENGTHS[address.family]
  const prefix = digits === undefined ? length : Number(digits) - offset
  if (prefix < 0 || prefix > length || address.bits !== startOf(address, prefix)) return null
  return { ...address, prefix }
}

/** Whether the address is in one of the networks. What cannot be read is in none. An IPv4 address that comes as an IPv6 one is that IPv4 address. */
export function isInside(text: string, networks: readonly string[]): boolean {
  const address = parseAddress(text)
  if (address === null) return false
  return parsed(networks).some(
    ({ family, bits, prefix }) => family === address.family && startOf(address, prefix) === bits,
  )
}

/** Lists of a policy and of a lease are asked with each request, and never change. */
const known = new WeakMap<readonly string[], readonly Network[]>()

function parsed(networks: readonly string[]): readonly Network[] {
  const before = known.get(networks)
  if (before !== undefined) return before
  const all = networks.map(parseNetwork).filter(network => network !== null)
  known.set(networks, all)
  return all
}

function startOf({ family, bits }: Address, prefix: number): bigint {
  const rest = BigInt(LENGTHS[family] - prefix)
  return (bits >> rest) << rest
}

function parseAddress(text: string): Address | null {
  if (isIPv4(text)) return { family: 4, bits: joined(text.split('.').map(Number), 8n) }
  if (!isIPv6(text) || text.includes('%')) return null
  const bits = joined(groupsOf(text), 16n)
  return bits >> 32n === MAPPED ? { family: 4, bits: bits & 0xffffffffn } : { family: 6, bits }
}

/** All eight, of a text that is an IPv6 address. */
function groupsOf(text: string): readonly number[] {
  const dotted = /[\d.]+$/.exec(text)?.[0] ?? ''
  const plain = dotted.includes('.') ? text.replace(dotted, inHex(dotted)) : text
  const [before = [], after] = plain.split('::').map(side => side.split(':').filter(group => group !== ''))
  const zeros = after === undefined ? [] : Array<string>(8 - before.length - after.length).fill('0')
  return [...before, ...zeros, ...(after ?? [])].map(group => Number.parseInt(group, 16))
}

function inHex(dotted: string): string {
  const [a = 0, b = 0, c = 0, d = 0] = dotted.split('.').map(Number)
  return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`
}

function joined(parts: readonly number[], width: bigint): bigint {
  return parts.reduce((bits, part) => (bits << width) | BigInt(part), 0n)
}
