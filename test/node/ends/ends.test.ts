import { describe, expect, test } from 'vitest'
import { aStart } from './a-start.ts'
import { differences, machineState } from './machine-state.ts'

const STARTS_WITHIN_MS = 300_000
const TELLS_WITHIN_MS = 600_000
const UP = /The node stays up until Ctrl-C/

describe('npm start -- --node', () => {
  test("tells the story from an agent's pod, stays up, and by Ctrl-C leaves the machine as it was", async () => {
    await using start = await aStart()
    await start.said(UP, STARTS_WITHIN_MS + TELLS_WITHIN_MS)
    const told = start.output()
    expect(told.split('\n').filter(line => line.includes('✗'))).toEqual([])
    expect(told).toContain('Every step went as it should.')
    for (const part of ['exec over WebSocket', 'logs -f', 'port-forward', 'it ran beside the others']) {
      expect(told).toContain(`✓ ${part}`)
    }
    expect(told.match(/✓/g)?.length).toBeGreaterThan(60)
    // While it is there it can be seen, or what follows could not fail.
    expect(await seen()).toContain('/leasegate-node/')
    start.interrupt()
    expect(await start.ended).toBe(0)
    expect(await start.left()).toEqual([])
  })

  test.each([
    { what: 'the node starts', when: /starting the node/ },
    { what: 'the chart is installed', when: /helm install/ },
  ])('by Ctrl-C while $what leaves the machine as it was', async ({ when }) => {
    await using start = await aStart()
    await start.said(when, STARTS_WITHIN_MS)
    start.interrupt()
    expect(await start.ended).toBe(130)
    expect(start.output()).toContain('stopping')
    expect(await start.left()).toEqual([])
  })

  test('killed by what nobody can handle leaves the machine as it was, but for its folder', async () => {
    await using start = await aStart()
    await start.said(/helm install/, STARTS_WITHIN_MS)
    await start.kill()
    await start.ended
    expect(await start.left()).toEqual([])
  })
})

test('a change of the machine would be seen', () => {
  const before = { routes: ['a', 'b'], mounts: ['m'] }
  expect(differences(before, before)).toEqual([])
  expect(differences(before, { routes: ['a', 'c'], mounts: ['m'] })).toEqual(['routes: - b', 'routes: + c'])
})

async function seen(): Promise<string> {
  return (await machineState())['control groups']?.join('\n') ?? ''
}
