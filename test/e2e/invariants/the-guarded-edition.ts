import { afterAll, beforeAll } from 'vitest'
import { rawRequest } from '../../support/wire/raw-request.ts'
import { anEdition, type TestEdition } from '../an-edition.ts'

export let playing: TestEdition
export let port: number
export let lease: string
export let token: string

beforeAll(async () => {
  playing = await anEdition()
  port = Number(playing.edition.boundaryUrl.split(':').at(-1))
  lease = await playing.lease(playing.edition.names.inspect, '--ttl', '30m')
  token = await playing.token(lease)
})
afterAll(() => playing.stop())

export const pods = () => `/api/v1/namespaces/${playing.edition.names.app}/pods`

/** A request with a good lease token, and whatever else. */
export function send(line: string, headers: readonly string[] = [], body: string | Buffer = '', bearer = token) {
  const authorization = bearer === '' ? [] : [`Authorization: Bearer ${bearer}`]
  return rawRequest(port, [`${line} HTTP/1.1`, 'Host: boundary', ...authorization, ...headers], body)
}

export async function auditIds(): Promise<ReadonlySet<string>> {
  return new Set((await playing.stage.audit()).map(({ auditId }) => auditId))
}
