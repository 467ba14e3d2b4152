import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Notice, NotReachedError } from '../../../../src/broker/notices/notifier.ts'
import { slackNotifier } from '../../../../src/broker/notices/ways/slack.ts'
import type { SlackWay } from '../../../../src/policy/notify.ts'
import { aNotice, HOSTILE, RISKY } from './a-notice.ts'
import { ASlack, mrkdwnOf } from './a-slack.ts'

let slack: ASlack
let way: SlackWay

beforeAll(async () => {
  slack = await ASlack.start()
  const tokenFile = join(await mkdtemp(join(tmpdir(), 'leasegate-slack-')), 'token')
  way = { kind: 'slack', url: slack.url, channel: 'C0123ABCD', tokenFile, caFile: null }
})
beforeEach(async () => {
  slack.posted.length = 0
  await writeFile(way.tokenFile, `${slack.token}\n`)
})
afterAll(() => slack.stop())

const send = (given: Partial<Notice> = {}, first: string | null = null) =>
  slackNotifier(way).send(aNotice(given), first)
const sent = () => slack.posted.at(-1)?.message

/** What Slack would make more of than text: a link, a mention, a date. */
const sequences = (text: string) => [...text.matchAll(/<[^>]*>?/g)].map(([found]) => found)
/** Without what stands between backticks, where nothing is read. */
const outside = (text: string) => text.replace(/```[^`]*```|`[^`]*`/g, '')

describe('slackNotifier', () => {
  test('posts a question with its plan, and one button that leads to the console', async () => {
    await send()
    expect(slack.posted).toMatchObject([{ method: 'chat.postMessage', message: { channel: 'C0123ABCD' } }])
    const { blocks } = sent()
    const texts = JSON.stringify(blocks)
    for (const words of ['delete pods', '1 pod would be deleted', 'web-operator', 'ada@example.com']) {
      expect(texts).toContain(words)
    }
    const buttons = blocks
      .flatMap(({ elements = [] }) => elements)
      .filter(({ type }: { type: string }) => type === 'button')
    expect(buttons.map(({ url }: { url: string }) => url)).toEqual(['https://console.test/console/approvals/apr_0_1'])
    expect(sent()).toMatchObject({ parse: 'none', link_names: false, unfurl_links: false, unfurl_media: false })
  })

  test.each(RISKY)('says of a risk what the question says: $words', async ({ words, ...given }) => {
    await send(given)
    expect(JSON.stringify(sent().blocks)).toContain(`*Risk*\\n\`${words}\``)
  })

  test('without a console there is no button', async () => {
    await send({ url: null })
    expect(JSON.stringify(sent())).not.toContain('button')
  })

  test('goes on in the thread of the first, and changes the first once it is over', async () => {
    const first = await send()
    await send({ stage: 'yes', id: 'apr_0_1:yes-1', wanted: 2, yeses: ['hana'] }, first)
    expect(sent()).toMatchObject({ thread_ts: '17000000.1', reply_broadcast: true })
    await send({ stage: 'answered', answer: { verdict: 'approved', by: 'hana, grace' } }, first)
    expect(slack.posted.at(-1)).toMatchObject({
      method: 'chat.update',
      message: { channel: 'C0123ABCD', ts: '17000000.1' },
    })
    expect(JSON.stringify(sent())).toContain('hana, grace')
    expect(JSON.stringify(sent())).not.toContain('button')
  })

  test('changes what it sent to a person where it is', async () => {
    const first = await slackNotifier({ ...way, channel: 'U0123ABCD' }).send(aNotice(), null)
    await send({ stage: 'expired' }, first)
    expect(sent()).toMatchObject({ channel: 'D0123ABCD' })
  })

  test.each(HOSTILE)('an agent makes no link, mention or form of %j', async text => {
    for (const given of [
      { summary: text },
      { why: text },
      { risk: text },
      { tier: text },
      { plan: [text, text] },
      { sponsor: text },
      { yeses: [text], wanted: 2 },
    ]) {
      await send(given)
      const all = mrkdwnOf(sent())
      for (const part of all) {
        expect(sequences(part).filter(found => !found.startsWith('<!date^'))).toEqual([])
        expect(part.replace(/&(amp|lt|gt);/g, '')).not.toContain('&')
        expect(outside(part)).not.toMatch(/evil|grace|Approved|:white_check_mark:|channel/)
      }
      expect(sequences(sent().text)).toEqual([])
    }
  })

  test('however long and odd it is, Slack takes it', async () => {
    const texts = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.constantFrom(
        ...HOSTILE,
        '&'.repeat(9000),
        '`'.repeat(9000),
        '<'.repeat(9000),
        '\u{1f600}'.repeat(4000),
        'x'.repeat(50_000),
      ),
    )
    await fc.assert(
      fc.asyncProperty(texts, texts, fc.array(texts, { maxLength: 40 }), async (summary, sponsor, plan) => {
        await send({ summary, sponsor, plan })
      }),
      { numRuns: 60 },
    )
  })

  test.each([
    { name: 'says when to come again', answer: { status: 429, headers: { 'retry-after': '7' } }, againMs: 7000 },
    { name: 'wants an hour', answer: { status: 429, headers: { 'retry-after': '3600' } }, againMs: 300_000 },
    {
      name: 'says no date that we read',
      answer: { status: 429, headers: { 'retry-after': 'Sun, 29 Nov 2026' } },
      againMs: null,
    },
    { name: 'fails', answer: { status: 500 }, againMs: null },
    { name: 'sends us elsewhere', answer: { status: 302, headers: { location: '/elsewhere' } }, againMs: null },
    { name: 'is something else', answer: { status: 200, body: '<html>' }, againMs: null },
    { name: 'answers without an end', answer: { status: 200, body: 'x'.repeat(1_000_000) }, againMs: null },
  ])('is not reached where it $name', async ({ answer, againMs }) => {
    slack.before = [answer]
    const error = await send().catch(failed => failed)
    expect(error).toBeInstanceOf(Error)
    expect(error instanceof NotReachedError ? error.againMs : null).toBe(againMs)
  })

  test('says by what name Slack refuses, and never the token', async () => {
    await writeFile(way.tokenFile, 'xoxb-another-token')
    const error = await send().catch(failed => failed)
    expect(error.message).toBe('Slack says invalid_auth')
    slack.before = [{ status: 200, body: '{"ok":false,"error":"xoxb-another-token"}' }]
    expect(String(await send().catch(failed => failed))).not.toContain('xoxb')
  })

  test('a message that is not there any more is over as well', async () => {
    slack.before = [{ status: 200, body: '{"ok":false,"error":"message_not_found"}' }]
    await send({ stage: 'expired' }, JSON.stringify({ channel: 'C0123ABCD', ts: '1.1' }))
  })

  test('what the store says a message left is no address to go to', async () => {
    await send({ stage: 'expired' }, JSON.stringify({ channel: '../x', ts: '1.1' }))
    await send({ stage: 'expired' }, 'not JSON')
    expect(slack.posted).toEqual([])
  })
})
