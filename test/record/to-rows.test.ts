import { describe, expect, test } from 'vitest'
import { toOutcomeRow, toRow } from '../../src/record/to-rows.ts'
import { decision, item, outcome } from './entries.ts'

describe('what a client says of itself', () => {
  const agentOf = (userAgent: string) => toRow(item(decision({ userAgent }))).values['user_agent']

  test('is looked through once, and a credential in it hidden each time', () => {
    const [harmless, secret] = ['kubectl/v1.36.0 (linux/amd64)', 'tool --password=hunter2hunter2']
    for (let times = 0; times < 3; times += 1) {
      expect(agentOf(harmless)).toBe(harmless)
      expect(agentOf(secret)).not.toContain('hunter2')
    }
  })

  test('is cut to what its column keeps, wherever it was said before', () => {
    const said = 'a tool whose name is longer than any method'
    expect(agentOf(said)).toBe(said)
    const key = { auditId: 'a', decidedAt: 1, agent: '', lease: '' }
    const { seen_method } = toOutcomeRow(outcome(decision({ method: said }), { key }), '').values
    expect(seen_method).toContain('more]')
  })
})
