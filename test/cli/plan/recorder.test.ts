import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { startRecorder } from '../../../src/cli/plan/recorder.ts'

const stops: (() => unknown)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

/** With something behind it that says yes to all, and notes what came. */
async function recording() {
  const directory = await mkdtemp(join(tmpdir(), 'leasegate-recorder-'))
  const upstream = join(directory, 's')
  const came: string[] = []
  const behind = createServer((incoming, answer) => {
    came.push(`${incoming.method} ${incoming.url}`)
    answer.end('{}')
  })
  await once(behind.listen(upstream), 'listening')
  const recorder = await startRecorder({ upstream, secret: 'known' })
  stops.push(
    recorder.close,
    () => behind.close(),
    () => rm(directory, { recursive: true }),
  )
  const ask = async (method: string, path: string, headers: Record<string, string> = {}) => {
    const asking = request({ port: recorder.port, host: '127.0.0.1', method, path, headers })
    const [answer] = await once(asking.end(), 'response')
    answer.resume()
    return answer.statusCode as number
  }
  return { recorder, came, ask }
}

describe('startRecorder', () => {
  test('hands on what reads, and keeps what changes something', async () => {
    const { recorder, came, ask } = await recording()
    expect(await ask('GET', '/known/api/v1/pods')).toBe(200)
    expect(await ask('DELETE', '/known/api/v1/namespaces/shop/pods/web')).toBe(200)
    expect(came).toEqual(['GET /api/v1/pods'])
    expect(recorder.recorded).toMatchObject([{ method: 'DELETE', target: '/api/v1/namespaces/shop/pods/web' }])
    expect(recorder.heard()).toBe(2)
  })

  test('begins no session, also where that is a GET', async () => {
    const { came, ask } = await recording()
    const upgrade = {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-key': 'AAAA',
      'sec-websocket-version': '13',
    }
    expect(await ask('GET', '/known/api/v1/namespaces/shop/pods/web/portforward', upgrade)).toBe(403)
    expect(came).toEqual([])
  })

  test('answers nobody else on this machine, and does not count them', async () => {
    const { recorder, came, ask } = await recording()
    expect(await ask('GET', '/api/v1/pods')).toBe(403)
    expect(await ask('GET', '/known-not/api/v1/pods')).toBe(403)
    expect(came).toEqual([])
    expect(recorder.heard()).toBe(0)
  })
})
