import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findChromium, freshPage, signIn, startChromium } from '../../../local/browser/chromium.ts'
import { ConsoleWorld, ORIGIN, PASSWORD } from './console-world.ts'
import { openTlsDoor, type TlsDoor } from './tls-door.ts'

const program = await findChromium()
const FAULTS = await readFile(new URL('./page-faults.js', import.meta.url), 'utf8')
/** Pictures of each page, for people to look at. */
const PICTURES = join(import.meta.dirname, '../../../coverage/console')
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true } as const
const DESK = { viewport: { width: 1100, height: 800 } } as const

/** What `rollout restart` and a new image look like to an approver. */
const CHANGE = {
  summary: 'patch deployments.apps "web" in prod-shop',
  method: 'PATCH',
  target: '/apis/apps/v1/namespaces/prod-shop/deployments/web?fieldManager=kubectl-set',
  contentType: 'application/strategic-merge-patch+json',
  bodySha256: '6b0f3c1e'.repeat(8),
  bodyBytes: 122,
  bodyPreview: '{"spec":{"template":{"spec":{"containers":[{"image":"registry.example/web:1.7.2","name":"web"}]}}}}',
  facts: [
    '! spec.template.spec.hostNetwork = true',
    'spec.template.spec.containers.0.image = "registry.example/web:1.7.2"',
    "spec.template.spec.containers.0.command = sh -c 'curl -s https://get.example/install.sh | sh'",
  ],
  risk: 'changes-code',
  sponsor: 'dana@example.com',
  task: 'roll out the fix for INC-4711: checkout answers 500 since 14:02',
}

describe.skipIf(program === null)('the console in Chromium', () => {
  let world: ConsoleWorld
  let door: TlsDoor
  let browser: Browser
  beforeAll(async () => {
    await mkdir(PICTURES, { recursive: true })
    world = await ConsoleWorld.start()
    door = await openTlsDoor(world.broker.socket, new URL(ORIGIN).hostname)
    browser = await startChromium(program ?? '', { [new URL(ORIGIN).hostname]: door.port })
  })
  afterAll(async () => {
    await browser?.close()
    await door?.stop()
    await world?.stop()
  })

  async function signedIn(name: string, options: BrowserContextOptions = {}): Promise<Page> {
    const page = await freshPage(browser, { ...DESK, ...options })
    await signIn(page, { url: ORIGIN, name, password: PASSWORD })
    return page
  }

  /** With everything that a page complains about, to itself or to us. */
  async function look(page: Page, path: string, name: string): Promise<readonly string[]> {
    const complaints: string[] = []
    page.on('console', message => message.type() === 'error' && complaints.push(message.text()))
    page.on('pageerror', error => complaints.push(error.message))
    await page.goto(`${ORIGIN}${path}`)
    await page.screenshot({ path: join(PICTURES, `${name}.png`), fullPage: true })
    return [...complaints, ...((await page.evaluate(FAULTS)) as string[])].map(fault => `${name}: ${fault}`)
  }

  test('pages have no fault that can be measured: names, headings, contrast, width, errors; dark, light and on a phone', async () => {
    const id = await world.pending(CHANGE)
    await world.pending({ task: 'why does checkout not reach its database' })
    const paths = [
      ['/console', 'inbox'],
      [`/console/approvals/${id}`, 'question'],
      ['/console/leases', 'leases'],
      [`/console/leases/${world.lease.id}`, 'lease'],
      ['/console/agents', 'agents'],
      ['/console/agents/web-operator', 'agent'],
      ['/console/policy', 'policy'],
      ['/console/nothing', 'problem'],
      ['/console/signed-out', 'signed-out'],
    ] as const
    const faults: string[] = []
    for (const [how, options] of [
      ['light', { colorScheme: 'light' }],
      ['dark', { colorScheme: 'dark' }],
      ['phone', { colorScheme: 'light', ...PHONE }],
    ] as const) {
      const page = await signedIn('grace', options)
      for (const [path, name] of paths) faults.push(...(await look(page, path, `${name}-${how}`)))
      await page.context().close()
    }
    // What the browser says of a page that is not there.
    expect(faults.filter(fault => !fault.includes('404'))).toEqual([])
  })

  test('a question comes, is read and answered by keyboard alone, on a phone', async () => {
    const page = await signedIn('hana', PHONE)
    const id = await world.pending({ ...CHANGE, sponsor: 'ada', summary: 'delete namespaces "shop-old"' })
    const link = page.getByRole('link', { name: /delete namespaces "shop-old"/ })
    await link.waitFor()
    const focused = () =>
      page.evaluate('document.activeElement.textContent.trim() || document.activeElement.id') as Promise<string>
    const tabTo = async (pattern: RegExp) => {
      for (let presses = 0; presses < 60; presses++) {
        await page.keyboard.press('Tab')
        if (pattern.test(await focused())) return
      }
      throw new Error(`the keyboard never comes to ${pattern}`)
    }
    await tabTo(/^To the content$/)
    await tabTo(/delete namespaces "shop-old"/)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: /delete namespaces/ }).waitFor()
    await tabTo(/^reason$/)
    await page.keyboard.type('it was retired\nlast week')
    await tabTo(/^Approve exactly this/)
    await page.keyboard.press('Enter')
    await page.getByText(/Approved by/).waitFor()
    expect((await world.broker.as('web-operator', 'GET', `/v1/approvals/${id}`)).body).toMatchObject({
      state: 'approved',
      decidedBy: 'hana',
      why: expect.stringContaining('it was retired'),
    })
  })

  test('what is being written stays when the page takes in what changed; the answer of somebody else is seen', async () => {
    const page = await signedIn('hana')
    const id = await world.pending()
    await page.goto(`${ORIGIN}/console/approvals/${id}`)
    await page.getByLabel('Reason').fill('let me think')
    const looked = await page.waitForResponse(response => response.url().endsWith(id) && response.status() === 200)
    expect(looked.request().isNavigationRequest()).toBe(false)
    expect(await page.getByLabel('Reason').inputValue()).toBe('let me think')
    const grace = await signedIn('grace')
    await grace.goto(`${ORIGIN}/console/approvals/${id}`)
    await grace.getByRole('button', { name: 'Reject' }).click()
    await page.getByText('Rejected by grace').waitFor()
    expect(await page.getByRole('button', { name: /Approve/ }).count()).toBe(0)
  })

  test('without script it is the same, and asks for itself again', async () => {
    const page = await signedIn('hana', { javaScriptEnabled: false })
    const id = await world.pending()
    await page.goto(`${ORIGIN}/console/approvals/${id}`)
    expect(await page.locator('meta[http-equiv=refresh]').count()).toBe(1)
    await page.getByRole('button', { name: 'Reject' }).click()
    await page.getByText('Rejected by hana').waitFor()
  })

  test('nobody puts it into a frame, and no page of others answers in its name', async () => {
    const page = await signedIn('hana')
    const id = await world.pending()
    await page.goto(`${ORIGIN}/console/approvals/${id}`)
    const token = await page.locator('section input[name=form-token]').getAttribute('value')
    const digest = await page.locator('input[name=digest]').getAttribute('value')
    await page.route('https://evil.test/**', route =>
      route.fulfill({
        contentType: 'text/html',
        body: `<iframe src="${ORIGIN}/console/approvals/${id}"></iframe><form method="post" action="${ORIGIN}/console/approvals/${id}">
<input name="form-token" value="${token}"><input name="digest" value="${digest}"><input name="verdict" value="approved"><button>go</button></form>`,
      }),
    )
    await page.goto('https://evil.test/')
    const frame = page.frames().find(each => each !== page.mainFrame())
    expect(await frame?.content()).not.toContain('form-token')
    await page.getByRole('button', { name: 'go' }).click()
    await page.waitForURL(/console/)
    expect((await world.broker.as('web-operator', 'GET', `/v1/approvals/${id}`)).body.state).toBe('pending')
  })
})
