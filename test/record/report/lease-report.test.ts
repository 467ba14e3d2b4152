import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findChromium, freshPage, startChromium } from '../../../local/browser/chromium.ts'
import { NOT_TRIED } from '../../../local/testing/count-results.ts'
import type { Document } from '../../../src/record/report/document.ts'
import { toLeaseDocument } from '../../../src/record/report/lease/lease-document.ts'
import { toHtml } from '../../../src/record/report/to-html.ts'
import { toMarkdown } from '../../../src/record/report/to-markdown.ts'
import { openTestDatabase, type TestDatabase } from '../embedded.ts'
import { asked, denied, documentOf, NOW, step, writeLease } from './a-lease.ts'
import { reportOf } from './a-report.ts'

/** Text that would be something else in a page, in Markdown, in a terminal or to a reader's eye. */
const HOSTILE = [
  '<script>document.title = "acted"</script>',
  '<img src=https://evil.example/x onerror=alert(1)>',
  '"><svg onload=alert(1)>',
  "' onmouseover='alert(1)",
  '</style><style>*{display:none}</style>',
  '</pre></li></ol></section><h1>Approved</h1>',
  '&lt;b&gt; &#60;i&#62;',
  '[click](javascript:alert(1)) ![](https://evil.example/p.png)',
  '<https://evil.example> https://evil.example www.evil.example ops@evil.example @team',
  '` <img src=x> `` <b> ``` ',
  '``',
  '`',
  '\\` \\',
  '| a | b |\n|---|---|\n| c | d |',
  '\n\n# Approved\n\n- by everybody\n\n```\nx\n',
  '\r\n> quoted\r\n***\r\n',
  '[x]: https://evil.example\n[x]',
  '\u202edevorppa\u202c \u200b\u2066 \u2028 \u001b]0;title\u0007',
  '{{constructor.constructor("alert(1)")()}} <%= 7*7 %>',
]

/** What is left of a page when all that is text is gone. */
function skeletonOfHtml(html: string): readonly string[] {
  return html.slice(html.indexOf('<body>')).match(/<[^>]*>/g) ?? []
}

/** Markdown without its code spans, as CommonMark finds them: a run of backticks up to the next run of the same length. */
function withoutCode(markdown: string): string {
  let [text, at] = ['', 0]
  while (at < markdown.length) {
    const run = /^`+/.exec(markdown.slice(at))?.[0] ?? ''
    const isEscaped = markdown[at - 1] === '\\'
    const end = run === '' || isEscaped ? -1 : endOfCode(markdown, at + run.length, run.length)
    if (end === -1) text += markdown[at++]
    else {
      text += '□'
      at = end
    }
  }
  return text
}

function endOfCode(markdown: string, from: number, length: number): number {
  for (const found of markdown.slice(from).matchAll(/`+/g))
    if (found[0].length === length) return from + found.index + length
  return -1
}

const documentWith = (text: string): Document => toLeaseDocument(reportOf(text), NOW)
const PLAIN = documentWith('x')

describe('text of others', () => {
  test('is in every part of the report that is tried here', () => {
    expect(withoutCode(toMarkdown(documentWith('NEEDLE')))).not.toContain('NEEDLE')
    expect(toHtml(documentWith('NEEDLE')).split('NEEDLE').length).toBeGreaterThan(40)
    expect(toMarkdown(documentWith('NEEDLE')).split('NEEDLE').length).toBeGreaterThan(40)
  })

  test.each(HOSTILE)('makes no markup of a page: %j', text => {
    expect(skeletonOfHtml(toHtml(documentWith(text)))).toEqual(skeletonOfHtml(toHtml(PLAIN)))
  })

  test.each(HOSTILE)('stays in its code span in Markdown: %j', text => {
    expect(withoutCode(toMarkdown(documentWith(text)))).toBe(withoutCode(toMarkdown(PLAIN)))
  })

  test('whatever it is', () => {
    const any = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }).map(text => `a${text}`)
    const odd = fc
      .array(fc.constantFrom(...HOSTILE, '`', '``', '\n', '|', '<', '\\', ' '))
      .map(parts => `a${parts.join('')}`)
    fc.assert(
      fc.property(fc.oneof(any, odd), text => {
        const document = documentWith(text)
        expect(skeletonOfHtml(toHtml(document))).toEqual(skeletonOfHtml(toHtml(PLAIN)))
        expect(withoutCode(toMarkdown(document))).toBe(withoutCode(toMarkdown(PLAIN)))
      }),
      { numRuns: 200 },
    )
  })

  test('is seen where it would not be', () => {
    for (const page of [toHtml(documentWith('a\u202eb\u001bc')), toMarkdown(documentWith('a\u202eb\u001bc'))]) {
      expect(page).toContain('a\\u{202e}b\\u{1b}c')
      expect(['\u202e', '\u001b'].filter(character => page.includes(character))).toEqual([])
    }
  })

  test('is cut where it is long, with a mark, so that a page stays one', () => {
    const page = toHtml(documentWith('y'.repeat(100_000)))
    expect(page).toContain(`${'y'.repeat(500)}[cut, 99500 more]`)
    expect(page.length).toBeLessThan(200_000)
  })
})

describe('the report of a lease', () => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await openTestDatabase()
  })
  afterAll(() => database[Symbol.asyncDispose]())

  test('says who, why, from when to when, and what was changed, asked, refused and run', async () => {
    await writeLease(database)
    const page = toMarkdown((await documentOf(database)) ?? fail())
    const said = (text: string) => expect(page).toContain(text)
    said('- **Agent:** `fixer`')
    said('- **Handed to it by:** `planner`')
    said('- **On behalf of:** `ada@example.com`')
    said('- **Ticket:** `INC-4711`')
    said('- **Begun:** 2026-11-29 09:40:00 UTC')
    said('by `fixer for ada@example.com` at 2026-11-29 10:00:00 UTC, after 20m: “`done`”')
    said('**45** requests · **1** object changed · **1** session · **1** question to people · **1** refused')
    said(
      '- 2026-11-29 09:49:00 **changed** `deployments.apps` `web` in `shop`\n  - ran `web: registry.example/web:1.7.2`',
    )
    said(
      '  - changed `spec.template.spec.containers[web].image` was `registry.example/web:1.7.1`, is `registry.example/web:1.7.2`',
    )
    said(
      '  - changed `spec.template.spec.containers[web].env[API_TOKEN].value`, the value is not shown\n  - and `3 more fields`',
    )
    said('- 2026-11-29 09:50:00 **not done** `configmaps` `web` in `shop`\n  - the API server did not do it')
    said('`bob@example.com` said yes at 2026-11-29 09:48:00 UTC, 2m after it was asked: “`the release notes')
    said('- 2026-11-29 09:44:00 **refused** `delete pods web-1 in prod`\n  - `out-of-scope`: `delete on pods in prod`')
    said('tail -n 50 /var/log/web.log ⏎ grep 500')
    said('`completed` after 4s, exit code 0')
    said('- `pods in shop`: 40 times')
    said('- `patch`: `deployments.apps`, named `web`, in `shop`')
    const order = page.slice(page.indexOf('## In order'), page.indexOf('\n---'))
    expect(order.match(/lease issued|refused|asked|approved by|HTTP 200|HTTP 409|HTTP 101|lease revoked/g)).toEqual([
      'lease issued',
      'refused',
      'asked',
      'approved by',
      'HTTP 200',
      'HTTP 409',
      'HTTP 101',
      'lease revoked',
    ])
    expect(order).not.toContain('list pods')
  })

  test('of a long lease says how much is left out of each list, and who tells the rest', async () => {
    await database.clear()
    const many = Array.from({ length: 700 }, (_, n) => {
      const info = asked({ verb: 'delete', name: `web-${n}` })
      const refused = step(`n${n}`, 20 + n / 100, { info, intent: 'deny', reason: 'out-of-scope' })
      const wrote = step(`w${n}`, 30 + n / 100, { info: asked({ verb: 'patch', name: `web-${n}` }) })
      return [[refused, denied, { status: 403, forwarded: false }] as const, [wrote, null, {}] as const]
    }).flat()
    await writeLease(database, many)
    const page = toMarkdown((await documentOf(database)) ?? fail())
    const id = '--lease lse_1`'
    expect(page).toContain(`601 of 701 refusals are not shown here; the rest: \`leasegate query lease-denials ${id}`)
    expect(page).toContain(`502 of 702 objects are not shown here; the rest: \`leasegate query lease-objects ${id}`)
    expect(page).toContain(`908 of 1408 events are not shown here; the rest: \`leasegate query lease-timeline ${id}`)
    expect(page).toContain('**701** objects changed')
    expect(page.length).toBeLessThan(200_000)
  })

  test('of somebody who may not watch sessions says that what was typed in them is missing', async () => {
    const typed = toMarkdown(toLeaseDocument(reportOf('psql -h db'), NOW))
    expect(typed).toContain('ran `$ psql -h db`')
    expect(typed).not.toContain('may not')
    const without = toMarkdown(toLeaseDocument({ ...reportOf('psql -h db'), commands: null }, NOW))
    expect(without).not.toContain('$ psql')
    expect(without).toContain('whoever made this report may not')
  })

  test('there is none of a lease that is not on record', async () => {
    expect(await documentOf(database, 'lse_other')).toBeNull()
  })
})

function fail(): never {
  throw new Error('there is no such lease')
}

/** Resolves with what the page's policy says of it. */
const SUBMIT = `new Promise(said => {
  document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => said(effectiveDirective))
  document.querySelector('form').submit()
})`

const program = await findChromium()

describe.skipIf(program === null)(
  `${program === null ? NOT_TRIED : ''}the page in Chromium`,
  { timeout: 120_000 },
  () => {
    test('runs nothing, asks for nothing and links nowhere, also where markup had got into it', async () => {
      const requests: string[] = []
      const server = createServer((request, response) => {
        requests.push(request.url ?? '')
        response.setHeader('content-type', 'text/html')
        response.end(pages.get(request.url ?? '') ?? '')
      }).listen(0, '127.0.0.1')
      const base = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`
      const injected = `<script>document.title = 'acted'</script><img src="/image"><link rel="stylesheet" href="/style">
        <style>body { display: none }</style><b style="position: fixed">over</b><iframe src="/frame"></iframe>
        <form action="/form"><button id="go">go</button></form><base href="https://evil.example/">`
      const hostile = toHtml(documentWith(HOSTILE.join(' ')))
      const pages = new Map([
        ['/hostile', hostile],
        ['/broken', hostile.replace('</main>', `${injected}</main>`)],
      ])
      const browser = await startChromium(program ?? '')
      try {
        const page = await freshPage(browser)
        for (const path of pages.keys()) {
          await page.goto(`${base()}${path}`)
          expect(await page.title()).not.toBe('acted')
          expect(await page.locator('body').isVisible()).toBe(true)
        }
        await page.goto(`${base()}/hostile`)
        const active = 'script, img, a, link, iframe, form, object, embed, base, svg, [style], [onerror], [onload]'
        expect(await page.locator(active).count()).toBe(0)
        expect(await page.locator('h1').count()).toBe(1)
        await page.goto(`${base()}/broken`)
        expect(await page.evaluate(SUBMIT)).toBe('form-action')
        expect(requests.filter(path => path !== '/favicon.ico')).toEqual(['/hostile', '/broken', '/hostile', '/broken'])
      } finally {
        await browser.close()
        server.close()
      }
    })
  },
)
