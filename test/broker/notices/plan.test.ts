import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Plan } from '../../../src/approval/plan/plan.ts'
import { until } from '../../support/until.ts'
import { Hook } from './hook.ts'
import { TellingWorld } from './telling-world.ts'

const PLAN: Plan = {
  kind: 'write',
  madeAt: 0,
  summary: 'changes Deployment web: 2 fields',
  facts: [{ name: 'image', value: 'registry.example/web:2' }],
  changes: [
    { path: 'spec.replicas', kind: 'changed', before: '3', after: '30' },
    {
      path: 'spec.template.spec.containers[app].env[DB_PASSWORD]',
      kind: 'changed',
      before: 'old-hunter2',
      after: 'new-hunter2',
    },
  ],
  affected: [{ kind: 'Pod', namespace: 'shop', name: 'web-0' }],
  counts: [{ kind: 'Pod', count: 3 }],
  notes: ['a PodDisruptionBudget is in the way'],
  cut: [],
  object: null,
}

let world: TellingWorld
let hook: Hook

beforeAll(async () => {
  world = await TellingWorld.start()
})
afterEach(async () => {
  await world.quiet()
  await hook.stop()
})
afterAll(() => world.stop())

async function told(): Promise<{ readonly plan: readonly string[] }> {
  hook = await Hook.start()
  world.tell({ receivers: [world.webhook('room', hook.url)] })
  const id = await world.ask()
  await until('the message', () => hook.events(id).length === 1)
  return hook.events(id)[0]?.data as unknown as { readonly plan: readonly string[] }
}

describe('a message about a question', () => {
  test('says what would happen, and nothing of what fields hold', async () => {
    world.planner = { ...world.planner, of: async () => ({ kind: 'plan', plan: PLAN }) }
    const { plan } = await told()
    expect(plan).toEqual([
      'changes Deployment web: 2 fields',
      '~ spec.replicas',
      '~ spec.template.spec.containers[app].env[DB_PASSWORD]',
      'meets 3 Pod',
      '! a PodDisruptionBudget is in the way',
    ])
    expect(JSON.stringify(hook.got)).not.toMatch(/hunter2|registry\.example/)
  })

  test('does not wait for a plan that takes its time', async () => {
    world.planner = { ...world.planner, of: () => new Promise(() => {}) }
    expect((await told()).plan).toEqual([])
  })

  test('has no token in its link', async () => {
    await told()
    const url = new URL(String(hook.events(JSON.parse(hook.got[0]?.body ?? '{}').data.approval)[0]?.data.url))
    expect(url.origin + url.pathname).toMatch(/^https:\/\/console\.test\/console\/approvals\/apr_[\w-]+$/)
    expect(url.search + url.hash).toBe('')
  })
})
