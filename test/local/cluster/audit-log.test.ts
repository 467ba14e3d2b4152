import { appendFile, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readAuditLog } from '../../../local/cluster/audit-log.ts'

const folder = await mkdtemp(join(tmpdir(), 'lg-audit-'))

function event(auditID: string, more: object = {}): string {
  const of = { resource: 'pods', namespace: 'shop', name: 'web-0', subresource: 'log' }
  return `${JSON.stringify({ auditID, verb: 'get', requestURI: '/x', objectRef: of, ...more })}\n`
}

describe('readAuditLog', () => {
  test('says who acted as whom, under which lease, on what', async () => {
    const file = join(folder, 'who')
    await writeFile(
      file,
      event('a1', {
        user: { username: 'system:serviceaccount:leasegate-system:leasegate-boundary' },
        impersonatedUser: {
          username: 'leasegate:a-7',
          groups: ['leasegate:agents'],
          extra: { 'leasegate.dev/lease': ['lse_1'], 'leasegate.dev/sponsor': ['Zo%C3%AB'] },
        },
        responseStatus: { code: 200 },
      }),
    )
    expect(await readAuditLog(file)).toEqual([
      {
        auditId: 'a1',
        user: 'system:serviceaccount:leasegate-system:leasegate-boundary',
        impersonated: 'leasegate:a-7',
        groups: ['leasegate:agents'],
        lease: 'lse_1',
        sponsor: 'Zo%C3%AB',
        verb: 'get',
        object: 'shop/pods/log/web-0',
        status: 200,
      },
    ])
  })

  test('a request that concerns no object is named by its path, one without impersonation by nobody', async () => {
    const file = join(folder, 'path')
    await writeFile(file, event('a1', { objectRef: undefined, requestURI: '/version' }))
    expect(await readAuditLog(file)).toMatchObject([{ object: '/version', impersonated: '', lease: '' }])
  })

  test('a stream, which is written down when it opens and when it ends, is one request', async () => {
    const file = join(folder, 'stream')
    const opened = event('a1', { stage: 'ResponseStarted', responseStatus: { code: 200 } })
    const ended = event('a1', { stage: 'ResponseComplete', responseStatus: { code: 504 } })
    await writeFile(file, opened + event('a2') + ended)
    expect((await readAuditLog(file)).map(({ auditId, status }) => [auditId, status])).toEqual([
      ['a1', 504],
      ['a2', 0],
    ])
  })

  test('a last line that is still being written is not read yet', async () => {
    const file = join(folder, 'half')
    const second = event('a2')
    await writeFile(file, event('a1') + second.slice(0, 30))
    expect((await readAuditLog(file)).map(({ auditId }) => auditId)).toEqual(['a1'])
    await appendFile(file, second.slice(30))
    expect((await readAuditLog(file)).map(({ auditId }) => auditId)).toEqual(['a1', 'a2'])
  })

  test('an API server that has seen nobody yet has no log', async () => {
    expect(await readAuditLog(join(folder, 'none'))).toEqual([])
  })
})
