import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findChromium, freshPage, signIn, startChromium } from '../../local/browser/chromium.ts'
import { STORY_NAMES } from '../../local/edition/names.ts'
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
    ;[playing, browser] = await Promise.all([anEdition({ names: STORY_NAMES }), startChromium(program ?? '')])
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
    await playing.lease(names.retire, '--ttl', '10m', '--reason', 'INC-4711: which user does checkout connect as')
    const loads: string[] = []
    page.on('framenavigated', frame => void loads.push(frame.url()))
    const reading = readsSecret()
    const link = page.getByRole('link', { name: /get secrets "db"/ })
    await link.waitFor()
    expect(loads).toEqual([])
    await expect.poll(() => page.title()).toBe('(1) Questions · Leasegate')
    await expect.poll(() => page.getByRole('status').textContent()).toBe('1 new')
    await picture(page, 'inbox-light')
    await link.click()
    await page.getByRole('heading', { name: /get secrets "db" in/ }).waitFor()
    for (const shown of [names.agent, names.sponsor, `GET /api/v1/namespaces/${names.app}/secrets/db`])
      await expect.poll(() => page.getByRole('main').textContent()).toContain(shown)
    await picture(page, 'question-light')
    await page.getByLabel('Reason').fill('once, for the incident')
    await page.getByRole('button', { name: 'Approve exactly this, once' }).click()
    await page.getByText(/Approved by/).waitFor()
    await reading.ended(30_000)
    expect(reading.output()).toContain('secret/db')
    await page.getByText(/and used/).waitFor()
    await picture(page, 'answered-light')
  })

  test('a write is read as what it would change, gets its yes, and stands on the page of its lease', async () => {
    const { names } = playing.edition
    const lease = await playing.lease(names.own, '--ttl', '10m', '--reason', 'INC-4711: give web the new password')
    const desk = { colorScheme: 'light', viewport: { width: 1100, height: 800 } } as const
    const page = await signedIn('approver', desk)
    const container = { name: 'web', image: 'web:2', envFrom: [{ secretRef: { name: 'db' } }] }
    const patch = JSON.stringify({ spec: { template: { spec: { containers: [container] } } } })
    const named = ['deployment', names.deployment, '-n', names.app]
    const writing = playing.stage.kubectlRunning(['patch', ...named, '-p', patch])
    const link = page.getByRole('link', { name: new RegExp(`patch deployments.apps "${names.deployment}"`) })
    await link.waitFor()
    await picture(page, 'inbox-write-light')
    await link.click()
    const changes = page.locator('.changes')
    await changes.waitFor()
    await expect.poll(() => changes.textContent()).toMatch(/image[\s\S]*web:1[\s\S]*web:2/)
    await picture(page, 'question-write-light')
    await page.getByRole('button', { name: 'Approve exactly this, once' }).click()
    await writing.ended(30_000)
    expect(writing.output()).toContain('patched')
    await page.goto(`${playing.edition.console.url}/console/leases/${lease}`)
    const done = page.locator('.timeline li', { hasText: `patch deployments.apps ${names.deployment}` })
    await done.filter({ hasText: 'allowed' }).waitFor()
    await expect.poll(() => page.locator('#asked').textContent()).toContain(`Approved by ${names.approver}, used`)
    await picture(page, 'lease-light')
  })
})
