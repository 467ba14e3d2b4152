import { randomBytes } from 'node:crypto'
import { mkdtemp, writeFile } from 'node:fs/promises'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ASlack } from '../../broker/notices/ways/a-slack.ts'
import { leasegate } from '../leasegate.ts'

let directory: string
let slack: ASlack
let hooks: http.Server
let hooksUrl: string
let events: { readonly type: string }[] = []

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'leasegate-notify-'))
  slack = await ASlack.start()
  hooks = http.createServer(async (request, response) => {
    events.push(JSON.parse(Buffer.concat(await request.toArray()).toString()))
    response.end(request.url === '/now' ? '{"tell": ["hana"]}' : '')
  })
  await new Promise<void>(resolve => void hooks.listen(0, '127.0.0.1', resolve))
  hooksUrl = `http://127.0.0.1:${(hooks.address() as AddressInfo).port}`
  await writeFile(join(directory, 'token'), slack.token)
  await writeFile(join(directory, 'secret'), `whsec_${randomBytes(32).toString('base64')}`)
})
afterAll(async () => {
  hooks.close()
  await slack.stop()
})

async function aPolicyFile(notify: string): Promise<string> {
  const file = join(directory, 'policy.yaml')
  await writeFile(
    file,
    `boundaryNamespace: ''
issuers: [{name: ci, issuer: https://i.example, audience: a, jwks: {file: k.json}}]
people: [{name: hana, issuer: ci, claims: {sub: hana}, roles: [approver]}]
${notify}`,
  )
  return file
}

const toAll = () => `notify:
  receivers:
    - {name: approvers, slack: {url: "${slack.url}", channel: C0123ABCD, tokenFile: token}}
    - {name: hanas-pager, people: [hana], webhook: {url: "${hooksUrl}/hook", secretFile: secret}}
  tell: [approvers]
  onCall: {url: "${hooksUrl}/now", secretFile: secret}
`

describe('leasegate notify test', () => {
  test('sends one message to each, and says who is on call', async () => {
    events = []
    const LEASEGATE_POLICY_FILE = await aPolicyFile(toAll())
    const { code, stdout, stderr } = await leasegate(['notify', 'test'], { LEASEGATE_POLICY_FILE })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^approvers \(slack\): told, in \d+ ms\nhanas-pager \(webhook\): told, in \d+ ms\n/)
    expect(stdout).toContain('on-call: hana, told by hanas-pager\n')
    expect(slack.posted).toHaveLength(1)
    // Asked at once, in whichever order they arrive.
    expect(events.map(({ type }) => type).toSorted()).toEqual(['notify.test', 'on-call.asked'])
  })

  test('says of each that was not reached why, without its secret', async () => {
    await writeFile(join(directory, 'wrong'), 'xoxb-wrong-token')
    const file = await aPolicyFile(
      toAll().replace('tokenFile: token', 'tokenFile: wrong').replace(`${hooksUrl}/hook`, 'http://127.0.0.1:1/hook'),
    )
    const ran = await leasegate(['notify', 'test', file])
    expect(ran).toMatchObject({ code: 3, stderr: 'leasegate: 2 of 3 did not work\n' })
    expect(ran.stdout).toContain('approvers (slack): not told: Slack says invalid_auth\n')
    expect(ran.stdout).toContain('hanas-pager (webhook): not told: nobody listens there\n')
    expect(ran.stdout).not.toContain('xoxb')
  })

  test('the webhook of the settings is among them', async () => {
    const env = {
      LEASEGATE_POLICY_FILE: await aPolicyFile(''),
      LEASEGATE_WEBHOOK_URL: `${hooksUrl}/own`,
      LEASEGATE_WEBHOOK_SECRET_FILE: join(directory, 'secret'),
    }
    const { code, stdout } = await leasegate(['notify', 'test'], env)
    expect(code).toBe(0)
    expect(stdout).toMatch(/^webhook \(webhook\): told, in \d+ ms\n$/)
  })

  test('where nobody is told it says so', async () => {
    const ran = await leasegate(['notify', 'test', await aPolicyFile('')])
    expect(ran).toMatchObject({
      code: 2,
      stderr: 'leasegate: nobody is told of questions: the policy file has no notify\n',
    })
  })
})
