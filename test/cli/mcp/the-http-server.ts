import { request } from 'node:http'
import type { Client } from '@modelcontextprotocol/client'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { until } from '../../support/until.ts'
import { CliWorld } from '../cli-world.ts'
import { HttpServer, INITIALIZE } from './an-http-server.ts'
import { stateIn } from './call-tool.ts'

/** One broker and one server in front of it, for all that `http.test.ts` has. */
export let world: CliWorld
export let server: HttpServer
/** Closed after each test. */
export const open: { close(): Promise<void> }[] = []
beforeAll(async () => {
  world = await CliWorld.start()
  server = await HttpServer.start(world)
})
afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
})
afterAll(async () => {
  await server?.stop()
  await world?.stop()
})

export const tokenOf = (sub: string, claims: Record<string, unknown> = {}) =>
  world.corp.token({ sub, email: `${sub}@corp.example`, ...claims })

export async function clientOf(sub: string, mode: 'legacy' | 'auto', at = server): Promise<Client> {
  const token = await tokenOf(sub)
  const { client } = await at.client(() => token, mode)
  open.push(client)
  return client
}

export const stateOf = (lease: string) => stateIn(world, lease)

export async function ends(lease: string, reason: string): Promise<void> {
  await until('the lease to end', async () => (await stateOf(lease)).kind !== 'active', 90_000)
  expect(await stateOf(lease)).toMatchObject({ kind: 'revoked', reason })
}

/** Node's fetch sends no other Host than that of the URL. */
export async function statusFor(port: number, host: string): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const headers = { host, 'content-type': 'application/json' }
  const asked = request({ port, host: '127.0.0.1', path: '/mcp', method: 'POST', headers }, answer => {
    answer.resume()
    resolve(answer.statusCode ?? 0)
  })
  asked.on('error', reject)
  asked.end(JSON.stringify(INITIALIZE))
  return promise
}
