import { describe, expect, test } from 'vitest'
import { stretched, until } from '../../support/until.ts'
import { auditIds, playing, pods, send } from './the-guarded-edition.ts'

/** Until both authorizers are back: Envoy asks now one, now the other. */
async function service(): Promise<void> {
  await until('service', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => send(`GET ${pods()}`)))
    return answers.every(({ status }) => status === 200)
  })
}

describe('when parts fail', () => {
  test('without authorizers nothing passes, and service comes back by itself', async () => {
    for (const name of ['authorizer-0', 'authorizer-1']) await playing.supervisor.end(name, 'SIGKILL')
    const before = await auditIds()
    const answers = await Promise.all(Array.from({ length: 5 }, () => send(`GET ${pods()}`)))
    for (const { status, body, head } of answers) {
      expect(status).toBe(503)
      expect(JSON.parse(body)).toMatchObject({ kind: 'Status', reason: 'ServiceUnavailable', code: 503 })
      expect(head.toLowerCase()).toContain('retry-after:')
    }
    expect(await auditIds()).toEqual(before)
    await Promise.all(['authorizer-0', 'authorizer-1'].map(name => playing.supervisor.startAgain(name)))
    await service()
  })

  test('an authorizer that is asked to stop fails no short request', async () => {
    const stopping = playing.supervisor.end('authorizer-0', 'SIGTERM')
    const statuses = new Set<number>()
    let isStopped = false
    void stopping.then(() => {
      isStopped = true
    })
    while (!isStopped) statuses.add((await send(`GET ${pods()}`)).status)
    expect([...statuses]).toEqual([200])
    await playing.supervisor.startAgain('authorizer-0')
  })

  test('without Redis nothing passes, quickly said; back again it goes on, and the revoked stays revoked', async () => {
    const ended = await playing.lease(playing.edition.names.own)
    const bearer = await playing.token(ended)
    expect((await playing.leasegate('admin', 'lease', 'revoke', ended)).code).toBe(0)
    await playing.supervisor.end('valkey', 'SIGKILL')
    const before = await auditIds()
    const answer = await send(`GET ${pods()}`)
    expect(answer.status).toBe(503)
    expect(answer.ms).toBeLessThan(stretched(1000))
    expect(await auditIds()).toEqual(before)
    await playing.supervisor.startAgain('valkey')
    const back = performance.now()
    await service()
    expect(performance.now() - back).toBeLessThan(stretched(2000))
    const revoked = async () => (await send(`GET ${pods()}`, [], '', bearer)).status
    const seen = new Set<number>()
    await until('an answer of either authorizer', async () => {
      seen.add(await revoked())
      return seen.has(403)
    })
    expect(seen.has(200)).toBe(false)
  })

  test('a frozen Redis is as good as none', async () => {
    playing.supervisor.signal('valkey', 'SIGSTOP')
    const answer = await send(`GET ${pods()}`)
    playing.supervisor.signal('valkey', 'SIGCONT')
    expect(answer.status).toBe(503)
    expect(answer.ms).toBeLessThan(stretched(1500))
    await service()
  })

  test('the tap can die under load: nothing is lost', async () => {
    await playing.supervisor.end('tap', 'SIGKILL')
    const { status } = await send(`GET ${pods()}`)
    await playing.supervisor.startAgain('tap')
    expect(status).toBe(200)
  })
})
