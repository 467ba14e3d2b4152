import { describe, expect, test } from 'vitest'
import type { Lease } from '../../../src/lease/lease.ts'
import { partitionOf } from '../../../src/lease/lease-id.ts'
import { RememberedStops } from '../../../src/lease/stop/remembered-stops.ts'
import { aLease } from '../a-lease.ts'

const SECOND = 1000
const STEPS_S = [5, 300, 7200].flatMap(by => [by, -by])

/** A machine whose clock can be set; time goes on by the other one. */
function aMachine() {
  const machine = { ahead: 0, passed: 0 }
  const now = () => 1_800_000_000_000 + machine.passed + machine.ahead
  const stops = new RememberedStops({ now, steady: () => machine.passed })
  const turn = (acts: number, epoch = 0) => ({ epoch, acts })
  const lease = (given: Partial<Lease> = {}) => aLease({ agent: 'fixer', issuedAt: now(), turn: turn(0), ...given })
  const hear = (of: Lease, acts: number, given: { at?: number; epoch?: number; act?: 'end' | 'freeze' } = {}) =>
    stops.add({
      subject: 'agent:fixer',
      act: given.act ?? 'end',
      at: given.at ?? now(),
      partition: partitionOf(of.id),
      turn: turn(acts, given.epoch),
    })
  return { machine, stops, now, turn, lease, hear }
}

describe('an end of many leases, remembered', () => {
  test('is told from leases by turns: one of before has ended, one of after has not, in the very same millisecond', () => {
    const { stops, lease, hear, turn } = aMachine()
    const before = lease()
    hear(before, 1)
    expect(stops.hasEnded(before)).toBe(true)
    expect(stops.hasEnded(lease({ turn: turn(1) }))).toBe(false)
    expect(stops.hasEnded(lease({ agent: 'other' }))).toBe(false)
  })

  test.each(STEPS_S)('holds for leases of a broker that is %i s off', off => {
    const { stops, now, lease, hear } = aMachine()
    const before = lease({ issuedAt: now() + off * SECOND })
    hear(before, 1)
    expect(stops.hasEnded(before)).toBe(true)
  })

  test.each(STEPS_S)('refuses no new lease where the whole machine was %i s off at the time of the end', off => {
    const { machine, stops, lease, hear, turn } = aMachine()
    machine.ahead = off * SECOND
    const before = lease()
    hear(before, 1)
    machine.ahead = 0
    machine.passed += SECOND
    expect(stops.hasEnded(lease({ turn: turn(1) }))).toBe(false)
    expect(stops.hasEnded(before)).toBe(true)
  })

  test.each(STEPS_S)('refuses no new lease where the store was %i s off at the time of the end', off => {
    const { machine, stops, now, lease, hear, turn } = aMachine()
    hear(lease(), 1, { at: now() + off * SECOND })
    machine.passed += SECOND
    expect(stops.hasEnded(lease({ turn: turn(1) }))).toBe(false)
  })

  test('begins anew with an epoch, of which an earlier one is over with it', () => {
    const { stops, lease, hear, turn } = aMachine()
    hear(lease(), 7)
    expect(stops.hasEnded(lease({ turn: turn(1, 1) }))).toBe(false)
    hear(lease(), 2, { epoch: 1 })
    expect(stops.hasEnded(lease({ turn: turn(9, 0) }))).toBe(true)
    expect(stops.hasEnded(lease({ turn: turn(1, 1) }))).toBe(true)
    expect(stops.hasEnded(lease({ turn: turn(2, 1) }))).toBe(false)
  })

  test('reaches a lease with a turn that was still to come, by its age', () => {
    const { machine, stops, lease, hear, turn } = aMachine()
    const forged = lease({ turn: turn(1_000_000) })
    machine.passed += 60 * SECOND
    hear(forged, 1)
    machine.passed += 60 * SECOND
    expect(stops.hasEnded(forged)).toBe(true)
    expect(stops.hasEnded(lease({ turn: turn(1) }))).toBe(false)
  })

  test('a freeze ends nothing', () => {
    const { stops, lease, hear } = aMachine()
    hear(lease(), 1, { act: 'freeze' })
    expect(stops.hasEnded(lease())).toBe(false)
  })

  test('past the most that are kept, all of them are one', () => {
    const { machine, stops, now, lease, turn } = aMachine()
    const before = lease({ agent: 'agent-1' })
    const partition = partitionOf(before.id)
    for (let at = 0; at <= 10_000; at++) {
      machine.passed++
      stops.add({ subject: `agent:agent-${at}`, act: 'end', at: now(), partition, turn: turn(at + 1) })
    }
    expect(stops.hasEnded(before)).toBe(true)
    expect(stops.hasEnded(lease({ id: before.id, turn: turn(10_001) }))).toBe(false)
  })
})
