import { afterAll, beforeAll, beforeEach } from 'vitest'
import type { RawAnswer } from '../../support/wire/raw-request.ts'
import { aBoundary, type Boundary } from '../a-boundary.ts'

export const PODS = '/api/v1/namespaces/dev/pods'
export const CONFIG_MAPS = '/api/v1/namespaces/dev/configmaps'
export const JSON_TYPE = 'application/json'
export const YAML_TYPE = 'application/yaml'
export const PROTOBUF = 'application/vnd.kubernetes.protobuf'
export const MERGE = 'application/merge-patch+json'

export let boundary: Boundary

beforeAll(async () => {
  boundary = await aBoundary()
})
afterAll(() => boundary.stop())
beforeEach(() => {
  boundary.upstream.received.length = 0
})

export function sent(
  line: string,
  type: string,
  body: string | Buffer,
  more: readonly string[] = [],
): Promise<RawAnswer> {
  const length = Buffer.byteLength(body)
  return boundary.send('everything', line, [`Content-Type: ${type}`, `Content-Length: ${length}`, ...more], body)
}

export function reasonOf({ body }: RawAnswer): string {
  return JSON.parse(body).details.causes[0].reason
}

export const named = (metadata: object) => JSON.stringify({ metadata })
export const patch = (...steps: readonly object[]) => JSON.stringify(steps)
