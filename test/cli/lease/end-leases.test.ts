import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { BrokerClient } from '../../../src/cli/broker/broker-client.ts'
import { CliError } from '../../../src/cli/command/cli-error.ts'
import { endLeases } from '../../../src/cli/lease/end-leases.ts'

test('the leases of a long run are ended a few at a time, those that may still run first', async () => {
  const leases = Array.from({ length: 100 }, (_, index) => `lse_${index}`)
  const asked: string[] = []
  let [running, most] = [0, 0]
  const broker = (async (_: string, path: string) => {
    asked.push(path.replace('/v1/leases/', ''))
    most = Math.max(most, ++running)
    await sleep(1)
    running--
    const state = { kind: 'revoked', reason: 'done' }
    return { id: path.replace('/v1/leases/', ''), state, taken: { requests: 1 } }
  }) as unknown as BrokerClient
  const { ended, said } = await endLeases(broker, leases, { reason: 'done' })
  expect(ended).toBe(true)
  expect(said).toContain(
    'lease lse_99 ended: done\n  100 requests let through, 0 of them change something, under 100 leases',
  )
  expect(most).toBeLessThanOrEqual(8)
  expect(asked.slice(0, 8)).toContain('lse_99')
  expect(asked.toSorted()).toEqual(leases.toSorted())
})

test('what the broker says no to is no word of those that are forgotten', async () => {
  const broker = (async (_: string, path: string) => {
    if (!path.endsWith('lse_2')) throw new CliError('refused', 'there is no such lease')
    return { id: 'lse_2', state: { kind: 'revoked', reason: 'done' }, taken: {} }
  }) as unknown as BrokerClient
  const { ended, said } = await endLeases(broker, ['lse_1', 'lse_2'], { reason: 'done' })
  expect({ ended, said }).toEqual({ ended: true, said: expect.stringMatching(/^leasegate: lease lse_2 ended: done\n/) })
})
