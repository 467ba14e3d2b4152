import { createHash } from 'node:crypto'
import { uuidv7obj } from 'uuidv7'

/**
 * `lse_` or `apr_`, a UUIDv7 in 26 characters of Crockford's base32 (so that ids sort by time), and two hex digits that
 * name the partition of the store in which the lease, its children and its approvals live.
 */
export const LEASE_ID = /^lse_[0-7][0-9a-hjkmnp-tv-z]{25}[0-9a-f]{2}$/
export const APPROVAL_ID = /^apr_[0-7][0-9a-hjkmnp-tv-z]{25}[0-9a-f]{2}$/
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'

/** All root leases of one agent share a partition: how many it may hold at once is then counted in one place. */
export function newLeaseId(agent: string, partitions: number): string {
  return `lse_${timeSorted()}${agentPartition(agent, partitions)}`
}

/** A lease narrowed from `parent` stays in its partition, whose script checks both. */
export function newChildLeaseId(parent: string): string {
  return `lse_${timeSorted()}${partitionOf(parent)}`
}

export function newApprovalId(lease: string): string {
  return `apr_${timeSorted()}${partitionOf(lease)}`
}

/** The two hex digits; only of an id that `isLeaseId` or `isApprovalId` knows. */
export function partitionOf(id: string): string {
  return id.slice(-2)
}

export function agentPartition(agent: string, partitions: number): string {
  return partitionName(createHash('sha256').update(agent).digest().readUInt32BE(0) % partitions)
}

export function partitionName(index: number): string {
  return index.toString(16).padStart(2, '0')
}

export function isLeaseId(text: string): boolean {
  return LEASE_ID.test(text)
}

export function isApprovalId(text: string): boolean {
  return APPROVAL_ID.test(text)
}

function timeSorted(): string {
  let rest = BigInt(`0x${uuidv7obj().toHex()}`)
  let text = ''
  for (let i = 0; i < 26; i++) {
    text = ALPHABET.charAt(Number(rest & 31n)) + text
    rest >>= 5n
  }
  return text
}
