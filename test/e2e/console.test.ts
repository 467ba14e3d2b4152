import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findChromium, freshPage, signIn, startChromium } from '../../local/browser/chromium.ts'
import type { Running } from '../../local/story/stage.ts'
import { NOT_TRIED } from '../../local/testing/count-results.ts'
import { anEdition, type TestEdition } from './an-edition.ts'

const program = await findChromium()
/** Pictures of each page, for people to look at. */
const PICTURES = join(import.meta.dirname, '../../coverage/console')

/** Without a browser on this machine this is named as not run. */
describe.skipIf(program === null)(`${program === null ? NOT_TRIED : ''}the console in a real browser`, () => {
  let playing: TestEdition
  let browser: Browser
  beforeAll(async () => {
    await mkdir(PICTURES, { recursive: true })
    ;[playing, browser] = await Promise.all([anEdition(), startChromium(program ?? '')])
    await playing.lease(playing.edition.names.inspect, '--ttl', '30m')
  })
  afterAll(async () => {
    await browser?.close()
    await playing?.stop()
  })

  async function signedIn(who: 'approver' | 'admin', options: BrowserContextOptions = {}): Promise<Page> {
    const { console, names } = playing.edition
    const page = await freshPage(browser, options)
    await signIn(page, { ...console, name: names[who] })
    return page
  }

  const picture = (page: Page, name: string) =>
    page.screenshot({ path: join(PICTURES, `edition-${name}.png`), fullPage: true })

  /** kubectl waits by itself for a while, and the agent reads what it was answered. */
  function readsSecret(): Running {
    return playing.stage.kubectlRunning(['get', 'secret', 'db', '-n', playing.edition.names.app, '-o', 'name'])
  }

  test('a question appears without a reload, is read, gets its yes, and the agent’s kubectl goes on', async () => {
    const { names } = playing.edition
    const page = await signedIn('approver', { colorScheme: 'light' })
    await page.getByText('Nothing waits for an answer.').waitFor()
    await picture(page, 'inbox-empty-light')
    await playing.lease(names.retire, '--ttl', '10m')
    const loads: string[] = []
    page.on('framenavigated', frame => void loads.push(frame.url()))
    const reading = readsSecret()
    const link = page.getByRole('link', { name: /get secrets "db"/ })
    await link.waitFor()
    expect(loads).toEqual([])
    expect(await page.title()).toBe('(1) Questions · Leasegate')
    expect(await page.getByRole('status').textContent()).toBe('1 new')
    await picture(page, 'inbox-light')
    await link.click()
    await page.getByRole('heading', { name: /get secrets "db" in/ }).waitFor()
    for (const shown of [names.agent, names.sponsor, `GET /api/v1/namespaces/${names.app}/secrets/db`])
      expect(await page.getByRole('main').textContent()).toContain(shown)
    await picture(page, 'question-light')
    await page.getByLabel('Reason').fill('once, for the incident')
    await page.getByRole('button', { name: 'Approve exactly this, once' }).click()
    await page.getByText(/Approved by/).waitFor()
    await reading.ended(30_000)
    expect(reading.output()).toContain('secret/db')
    await page.getByText(/and used/).waitFor()
    await picture(page, 'answered-light')
  })
})
