import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startBoundary, type TestBoundary } from '../../support/envoy/envoy.ts'
import { openHttp1, openHttp2 } from '../../support/envoy/open-stream.ts'
import { keyOf } from '../../support/envoy/scripted-authorizer.ts'
import { until } from '../../support/until.ts'

let boundary: TestBoundary

beforeEach(async () => {
  boundary = await startBoundary()
})
afterEach(() => boundary.stop())

const WATCH = '/api/v1/pods?watch=1'
const EXEC = '/api/v1/namespaces/a/pods/b/exec'

/** A watch and an exec that the tap knows of; their keys. */
async function running() {
  openHttp2(boundary.port, WATCH)
  openHttp1(boundary.port, [`GET ${EXEC} HTTP/1.1`, 'Host: kube', 'Connection: Upgrade', 'Upgrade: websocket'])
  const known = () => new Set(boundary.outcomes.filter(({ phase }) => phase === 'open').map(({ path }) => path)).size
  await until('both to be told of', () => known() === 2)
  return [keyOf(boundary.script.check(WATCH)), keyOf(boundary.script.check(EXEC))]
}

const byId = (keys: readonly { readonly auditId: string }[]) => keys.map(({ auditId }) => auditId).sort()

describe('what was open in an Envoy', () => {
  test('is known to have ended with it', async () => {
    const keys = await running()
    await boundary.supervisor.stop()
    const ended = () => new Set(boundary.outcomes.filter(({ phase }) => phase === 'end').map(({ key }) => key?.auditId))
    const told = () => [...boundary.gone.map(({ auditId }) => auditId), ...ended()]
    await until('both to be told of', () => byId(keys).every(id => told().includes(id)))
  })

  test('and ended before it, is not', async () => {
    const path = '/api/v1/namespaces/a/pods/b/portforward'
    const lines = [`GET ${path} HTTP/1.1`, 'Host: kube', 'Connection: Upgrade', 'Upgrade: websocket']
    const stream = openHttp1(boundary.port, lines)
    await until('it to be told of', () => boundary.outcomes.some(each => each.path === path))
    stream.leave()
    await until('its end', () => boundary.outcomes.some(each => each.path === path && each.phase === 'end'))
    const keys = await running()
    await boundary.supervisor.stop()
    await until('the others', () => boundary.gone.length >= 1)
    const { id } = boundary.script.check(path)
    expect(byId(keys)).toEqual(expect.arrayContaining(byId(boundary.gone)))
    expect(boundary.gone.map(({ auditId }) => auditId)).not.toContain(id)
  })

  test('goes on when the tap is replaced', async () => {
    const keys = await running()
    const before = boundary.outcomes.length
    await boundary.replaceTap()
    const again = () => new Set(boundary.outcomes.slice(before).map(({ key }) => key?.auditId))
    await until('the new tap to hear of both', () => byId(keys).every(id => again().has(id)), 30_000)
    expect(boundary.gone).toEqual([])
  })
})
