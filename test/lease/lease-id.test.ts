import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  agentPartition,
  isApprovalId,
  isLeaseId,
  newApprovalId,
  newChildLeaseId,
  newLeaseId,
  partitionName,
  partitionOf,
} from '../../src/lease/lease-id.ts'

describe('newLeaseId', () => {
  test('ids sort by the time they were made', () => {
    const made = Array.from({ length: 500 }, () => newLeaseId('deployer', 1))
    expect(made.toSorted()).toEqual(made)
    expect(new Set(made).size).toBe(made.length)
  })

  test('every lease of an agent lies in one partition, and agents are spread over all', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 256 }), (agent, partitions) => {
        const id = newLeaseId(agent, partitions)
        expect(isLeaseId(id)).toBe(true)
        expect(partitionOf(id)).toBe(agentPartition(agent, partitions))
        expect(Number.parseInt(partitionOf(id), 16)).toBeLessThan(partitions)
      }),
    )
    const used = new Set(Array.from({ length: 200 }, (_, i) => agentPartition(`agent-${i}`, 4)))
    expect(used).toEqual(new Set([0, 1, 2, 3].map(partitionName)))
  })
})

describe('newChildLeaseId and newApprovalId', () => {
  test('stay in the partition of the lease', () => {
    const lease = newLeaseId('deployer', 256)
    expect(partitionOf(newChildLeaseId(lease))).toBe(partitionOf(lease))
    expect(partitionOf(newApprovalId(lease))).toBe(partitionOf(lease))
    expect(isApprovalId(newApprovalId(lease))).toBe(true)
  })
})

describe('isLeaseId', () => {
  test('knows nothing but its own form, so that no text reaches a key of the store', () => {
    fc.assert(fc.property(fc.string(), text => !isLeaseId(text) && !isLeaseId(`lse_${text}`)))
    expect(isLeaseId(newApprovalId(newLeaseId('a', 4)))).toBe(false)
    expect(isLeaseId(`${newLeaseId('a', 4)}\n`)).toBe(false)
    expect(isLeaseId(newLeaseId('a', 4).toUpperCase())).toBe(false)
  })
})
