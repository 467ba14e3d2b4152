import { describe, expect, test } from 'vitest'
import { toRow } from '../../../src/record/to-rows.ts'
import { select } from '../embedded.ts'
import { item, leaseEvent } from '../entries.ts'
import { reader, writeEach } from './the-views.ts'

describe('leases', () => {
  const later = Date.now() + 3_600_000

  test.each([
    { name: 'active', events: [leaseEvent({ expiresAt: later })], want: { state: 'active', revoked_at: null } },
    { name: 'expired', events: [leaseEvent()], want: { state: 'expired' } },
    {
      name: 'revoked',
      events: [
        leaseEvent({ event: 'revoked', at: Date.UTC(2026, 8, 1, 10, 5), by: 'root@example.com', reason: 'odd' }),
        leaseEvent({ expiresAt: later }),
      ],
      want: {
        state: 'revoked',
        revoked_at: '2026-09-01 10:05:00.000',
        revoked_by: 'root@example.com',
        reason: 'odd',
        issued_at: '2026-09-01 09:59:00.000',
      },
    },
    {
      name: 'handed to its agent',
      events: [leaseEvent({ delegatedBy: 'planner' }), leaseEvent({ event: 'revoked', by: 'planner' })],
      want: { state: 'revoked', delegated_by: 'planner' },
    },
    {
      name: 'narrowed, twice',
      events: [
        leaseEvent({ expiresAt: later + 9000, namespaces: ['shop'] }),
        ...[1, 2, 1, 2].map(times =>
          leaseEvent({
            event: 'narrowed',
            times,
            at: Date.UTC(2026, 8, 1, 10, times),
            expiresAt: later - times,
            namespaces: [],
            by: `ada-${times}`,
          }),
        ),
      ],
      want: {
        state: 'active',
        narrowed_at: '2026-09-01 10:02:00.000',
        narrowed_by: 'ada-2',
        expires_at: new Date(later - 2).toISOString().replace('T', ' ').replace('Z', ''),
        revoked_at: null,
      },
    },
  ])('a lease is one row: $name', async ({ events, want }) => {
    await writeEach(events.map(event => toRow(item(event))))
    expect(await select(reader, 'SELECT * FROM leases')).toMatchObject([
      { lease: 'lse_1', agent: 'fixer', namespaces: ['shop'], ...want },
    ])
  })
})
