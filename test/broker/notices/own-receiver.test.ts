import { describe, expect, test } from 'vitest'
import { ownReceiver, withOwn } from '../../../src/broker/notices/open-telling.ts'
import type { Notify } from '../../../src/policy/notify.ts'

const settings = { webhookUrl: 'https://hooks.example/x', webhookSecretFile: '/run/secret', webhookCaFile: null }
const policy = (name: string): Notify => ({
  receivers: [
    { name, people: [], way: { kind: 'webhook', url: 'https://other.example/', secretFile: '/run/x', caFile: null } },
  ],
  tell: [name],
  escalate: [],
  quietHours: null,
  onCall: null,
})

describe('the webhook of the settings', () => {
  test('is told alone where the policy names nobody, and nobody is where there is none', () => {
    const own = ownReceiver(settings)
    expect(withOwn(null, own)).toMatchObject({ receivers: [own], tell: ['webhook'] })
    expect(withOwn(null, ownReceiver({ ...settings, webhookUrl: null }))).toBeNull()
  })

  test('is told with those whom the policy tells first', () => {
    const both = withOwn(policy('approvers'), ownReceiver(settings))
    expect(both).toMatchObject({
      receivers: [{ name: 'approvers' }, { name: 'webhook' }],
      tell: ['approvers', 'webhook'],
    })
  })

  test('gives way to one of its name in the policy', () => {
    const both = withOwn(policy('webhook'), ownReceiver(settings))
    expect(both?.receivers).toMatchObject([{ way: { url: 'https://other.example/' } }])
  })

  test('sends nothing unsigned', () => {
    expect(() => ownReceiver({ ...settings, webhookSecretFile: null })).toThrow('LEASEGATE_WEBHOOK_SECRET_FILE')
  })
})
