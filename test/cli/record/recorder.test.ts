import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, request, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Recorder, startRecorder } from '../../../src/cli/plan/recorder.ts'

let directory: string
let upstream: Server
let asked: string[]
let recorder: Recorder

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'leasegate-recorder-'))
  asked = []
  upstream = createServer((incoming, answer) => {
    asked.push(`${incoming.method} ${incoming.url} ${incoming.headers.host}`)
    answer.writeHead(200, { 'content-type': 'application/json' }).end('{"kind":"There"}')
  })
  const socket = join(directory, 's')
  await new Promise<void>(resolve => upstream.listen(socket, resolve))
  recorder = await startRecorder({ upstream: socket, secret: 'a-secret' })
})
afterEach(async () => {
  recorder.close()
  upstream.close()
  await rm(directory, { recursive: true, force: true })
})

async function send(method: string, path: string, body = '', headers: Record<string, string> = {}) {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  request({ port: recorder.port, method, path, headers }, resolve).on('error', reject).end(body)
  const answer = await promise
  return { status: answer.statusCode, text: Buffer.concat(await answer.toArray()).toString() }
}

const json = { 'content-type': 'application/json' }

describe('startRecorder', () => {
  test('hands on what reads, and nothing that changes', async () => {
    expect(await send('GET', '/a-secret/api/v1/pods?limit=1')).toEqual({ status: 200, text: '{"kind":"There"}' })
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'])
      await send(method, '/a-secret/api/v1/x?a=b', '{"a":1}', json)
    expect(asked.every(line => line.startsWith('GET '))).toBe(true)
    expect(recorder.recorded.map(({ method }) => method)).toEqual(['POST', 'PUT', 'PATCH', 'DELETE'])
  })

  test('writes down the line and the body byte for byte', async () => {
    const body = '{"a": "\\u003c<é"}'
    const type = 'application/apply-patch+yaml'
    const answer = await send('PATCH', '/a-secret/apis/x/y%2Dz?force=false&a=', body, { 'content-type': type })
    expect(answer).toEqual({ status: 200, text: body })
    expect(recorder.recorded).toEqual([
      { method: 'PATCH', target: '/apis/x/y%2Dz?force=false&a=', contentType: type, body: Buffer.from(body) },
    ])
  })

  test('is for whoever was told its secret: others on this machine read nothing through it', async () => {
    for (const path of ['/api/v1/secrets', '/b-secret/api', '/a-secretx/api', '/', '//a-secret/api'])
      expect((await send('GET', path)).status).toBe(403)
    expect((await send('POST', '/api/v1/pods', '{}', json)).status).toBe(403)
    expect(asked).toEqual([])
    expect(recorder.recorded).toEqual([])
  })

  test('has forgotten what was deleted', async () => {
    await send('DELETE', '/a-secret/api/v1/pods/web?x=y')
    expect((await send('GET', '/a-secret/api/v1/pods/web')).status).toBe(404)
  })
})
