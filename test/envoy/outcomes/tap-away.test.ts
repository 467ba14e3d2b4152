import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startBoundary, type TestBoundary } from '../../support/envoy/envoy.ts'
import { until } from '../../support/until.ts'
import { rawRequest } from '../../support/wire/raw-request.ts'

let boundary: TestBoundary

beforeAll(async () => {
  boundary = await startBoundary()
})
afterAll(() => boundary.stop())

async function send(path: string): Promise<void> {
  const { status } = await rawRequest(boundary.port, [`GET ${path} HTTP/1.1`, 'Host: kube'])
  expect(status).toBe(200)
}

describe('while the tap is away', () => {
  test('requests go on, and their outcomes come when it is back', async () => {
    const paths = Array.from({ length: 200 }, (_, i) => `/api/v1/away${i}`)
    await boundary.withoutTap(async () => {
      for (const path of paths) await send(path)
    })
    await send('/api/v1/back')
    const missing = () => {
      const seen = new Set(boundary.outcomes.map(({ path }) => path))
      return [...paths, '/api/v1/back'].filter(path => !seen.has(path))
    }
    await until('the outcomes', () => missing().length === 0)
  })
})
