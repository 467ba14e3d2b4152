import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { leasegate } from '../leasegate.ts'

const seen: string[] = []
const broker = createServer(async (request, response) => {
  seen.push(Buffer.concat(await request.toArray()).toString())
  response.writeHead(403, { 'content-type': 'application/json' })
  response.end('{"kind":"Status","message":"not today"}')
})
let directory: string
let env: Record<string, string>
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lg-consent-'))
  await writeFile(join(directory, 'identity'), 'aaa.bbb.ccc\n')
  await writeFile(join(directory, 'consent'), 'ddd.eee.fff\n')
  await new Promise<void>(resolve => broker.listen(0, '127.0.0.1', resolve))
  env = {
    LEASEGATE_BROKER_URL: `http://127.0.0.1:${(broker.address() as AddressInfo).port}`,
    LEASEGATE_IDENTITY_TOKEN_FILE: join(directory, 'identity'),
  }
})
beforeEach(() => void seen.splice(0))
afterAll(async () => {
  broker.close()
  await rm(directory, { recursive: true, force: true })
})

const REQUEST = ['lease', 'request', '--template', 'restart-web', '--reason', 'grace asked', '--on-behalf-of']

describe('leasegate lease request --on-behalf-of', () => {
  test('sends the token of a file, or of standard input', async () => {
    await leasegate([...REQUEST, join(directory, 'consent')], env)
    await leasegate([...REQUEST, '-'], env, 'ggg.hhh.iii\n')
    expect(seen.map(body => JSON.parse(body))).toMatchObject([
      { onBehalfOf: 'ddd.eee.fff' },
      { onBehalfOf: 'ggg.hhh.iii' },
    ])
  })

  test('asks nobody without one, and never says what is in the file', async () => {
    await writeFile(join(directory, 'odd'), 'this is no token')
    for (const file of [join(directory, 'odd'), join(directory, 'gone')]) {
      const ran = await leasegate([...REQUEST, file], env)
      expect(ran).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('there is no token in') })
      expect(ran.stderr).not.toContain('this is no token')
    }
    expect(seen).toEqual([])
  })
})
