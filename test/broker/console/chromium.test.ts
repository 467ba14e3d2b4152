import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findChromium, freshPage, signIn, startChromium } from '../../../local/browser/chromium.ts'
import { NOT_TRIED } from '../../../local/testing/count-results.ts'
import type { Plan } from '../../../src/approval/plan/plan.ts'
import { noPlanner } from '../../../src/broker/plan/planner.ts'
import type { TestDatabase } from '../../record/embedded.ts'
import { aRecord, writeRequest, writeStory } from './a-record.ts'
import { violationsOf } from './accessibility.ts'
import { ConsoleWorld, ORIGIN, PASSWORD } from './console-world.ts'
import { openTlsDoor, type TlsDoor } from './tls-door.ts'

const program = await findChromium()
const FAULTS = await readFile(new URL('./page-faults.js', import.meta.url), 'utf8')
/** Pictures of each page, for people to look at. */
const PICTURES = join(import.meta.dirname, '../../../coverage/console')
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true } as const
const DESK = { viewport: { width: 1100, height: 800 } } as const

/** A new image, as an approver sees it. */
const CHANGE = {
  summary: 'patch deployments.apps "web" in prod-shop',
  method: 'PATCH',
  target: '/apis/apps/v1/namespaces/prod-shop/deployments/web?fieldManager=kubectl-set',
  contentType: 'application/strategic-merge-patch+json',
  bodySha256: '6b0f3c1e'.repeat(8),
  bodyBytes: 197,
  bodyPreview:
    '{"spec":{"template":{"spec":{"containers":[{"name":"web","image":"registry.example/web:1.7.2","command":["sh","-c","migrate && exec web"]}],"volumes":[{"secret":{"secretName":"payments-db"}}]}}}}',
  facts: [
    '! spec.template.spec.volumes[0].secret.secretName = "payments-db"',
    'spec.template.spec.containers[0].image = "registry.example/web:1.7.2"',
    "spec.template.spec.containers[0].command = sh -c 'migrate && exec web'",
    'spec.template.spec.containers[0].name = "web"',
  ],
  risk: 'workload-code',
  sponsor: 'ada',
  task: 'roll out the fix for INC-4711: checkout answers 500 since 14:02',
}

/** What a broker with a cluster finds out about it. */
const PLAN: Plan = {
  kind: 'write',
  madeAt: Date.now() - 2000,
  summary: 'would change 4 fields',
  facts: [
    { name: 'object', value: 'deployments.apps web in prod-shop' },
    { name: 'pods', value: '3 of 3 ready' },
  ],
  changes: [
    {
      path: 'spec.template.spec.containers[web].image',
      kind: 'changed',
      before: 'registry.example/web:1.7.1',
      after: 'registry.example/web:1.7.2',
    },
    { path: 'spec.template.spec.containers[web].command', kind: 'added', after: "sh -c 'migrate && exec web'" },
    { path: 'spec.template.spec.volumes[0].secret', kind: 'removed', before: 'web-tls' },
    { path: 'data.password', kind: 'changed', hidden: true },
  ],
  affected: [{ kind: 'Pod', namespace: 'prod-shop', name: 'web-6d4b75cb6d-hx2lp', detail: 'ready' }],
  counts: [{ kind: 'Pod', count: 3 }],
  notes: ['A PodDisruptionBudget lets none of its pods go at the moment.'],
  cut: [{ what: 'pods', missing: 2 }],
  object: null,
}

/** Without a browser on this machine they are named as not run. A browser draws in software here, beside whatever else runs. */
describe.skipIf(program === null)(
  `${program === null ? NOT_TRIED : ''}the console in Chromium`,
  { timeout: 180_000 },
  () => {
    let database: TestDatabase
    let world: ConsoleWorld
    let door: TlsDoor
    let browser: Browser
    beforeAll(async () => {
      await mkdir(PICTURES, { recursive: true })
      const { database: opened, record } = await aRecord()
      database = opened
      world = await ConsoleWorld.start({}, record)
      await writeStory(database, world.lease)
      door = await openTlsDoor(world.broker.socket, new URL(ORIGIN).hostname)
      browser = await startChromium(program ?? '', { [new URL(ORIGIN).hostname]: door.port })
    })
    afterAll(async () => {
      await browser?.close()
      await door?.stop()
      await world?.stop()
      await database?.[Symbol.asyncDispose]()
    })

    /** The session of somebody who signed in elsewhere: the form itself is tried once. */
    async function signedIn(name: string, options: BrowserContextOptions = {}): Promise<Page> {
      const cookies = (await world.signedIn(name)).cookies.get(ORIGIN) ?? new Map<string, string>()
      const page = await freshPage(browser, { ...DESK, ...options })
      const kept = [...cookies].map(([cookie, value]) => ({
        name: cookie,
        value,
        url: ORIGIN,
        secure: true,
        httpOnly: true,
      }))
      await page.context().addCookies(kept)
      await page.goto(`${ORIGIN}/console`)
      return page
    }

    test('somebody signs in with what the identity provider asks, and out again', async () => {
      const page = await freshPage(browser, DESK)
      await signIn(page, { url: ORIGIN, name: 'hana', password: PASSWORD })
      await page.getByRole('button', { name: 'Sign out' }).click()
      await page.getByRole('heading', { name: 'Signed out' }).waitFor()
      await page.getByRole('link', { name: 'Sign in' }).waitFor()
    })

    describe('what can be measured of a page is in order: names, headings, contrast, width, no error; light, dark, on a phone', () => {
      let page: Page
      let change: string
      const without = noPlanner('there is no cluster here')
      beforeAll(async () => {
        world.broker.planner = { ...without, of: async () => ({ kind: 'plan', plan: PLAN }) }
        change = await world.pending(CHANGE)
        await world.pending({ task: 'why does checkout not reach its database', risk: 'secrets-get' })
        page = await signedIn('grace')
      })
      afterAll(async () => {
        world.broker.planner = without
        await page?.context().close()
      })

      /** `shows`: what is there once the record has answered. */
      const paths: readonly (readonly [name: string, path: () => string, shows: string])[] = [
        ['inbox', () => '/console', 'h1'],
        ['question', () => `/console/approvals/${change}`, '.changes'],
        ['leases', () => '/console/leases', 'h1'],
        ['lease', () => `/console/leases/${world.lease.id}`, '.timeline'],
        ['agents', () => '/console/agents', 'h1'],
        ['agent', () => '/console/agents/web-operator', 'h1'],
        ['day', () => '/console/agents/triage/day', '.timeline'],
        ['sessions', () => '/console/sessions', '.session'],
        ['activity', () => '/console/activity', '.charts'],
        ['policy', () => '/console/policy', 'h1'],
        ['health', () => '/console/doctor', 'h1'],
        ['signed-out', () => '/console/signed-out', 'h1'],
      ]
      test.each(paths)('%s', async (name, path, shows) => {
        const faults: string[] = []
        page.on('console', message => void (message.type() === 'error' && faults.push(message.text())))
        page.on('pageerror', error => void faults.push(error.message))
        for (const [how, colorScheme, viewport] of [
          ['light', 'light', DESK.viewport],
          ['dark', 'dark', DESK.viewport],
          ['phone', 'light', PHONE.viewport],
        ] as const) {
          await page.setViewportSize(viewport)
          await page.emulateMedia({ colorScheme })
          if (how === 'light') await page.goto(`${ORIGIN}${path()}`)
          await page.locator(shows).first().waitFor()
          await page.screenshot({ path: join(PICTURES, `${name}-${how}.png`), fullPage: true })
          faults.push(...((await page.evaluate(FAULTS)) as string[]).map(fault => `${how}: ${fault}`))
          faults.push(...(await violationsOf(page)).map(fault => `${how}: ${fault}`))
        }
        expect(faults).toEqual([])
      })
    })

    test('a question comes, is read and answered by keyboard alone, on a phone', async () => {
      const page = await signedIn('hana', PHONE)
      const id = await world.pending({ ...CHANGE, summary: 'delete namespaces "shop-old"' })
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
      await page.waitForResponse(response => response.url().endsWith(id) && !response.request().isNavigationRequest())
      expect(await page.getByLabel('Reason').inputValue()).toBe('let me think')
      const grace = await signedIn('grace')
      await grace.goto(`${ORIGIN}/console/approvals/${id}`)
      await grace.getByRole('button', { name: 'Reject' }).click()
      await page.getByText('Rejected by grace').waitFor()
      expect(await page.getByRole('button', { name: /Approve/ }).count()).toBe(0)
    })

    test('what happens under a lease comes to its page without a reload, at the time of the reader’s zone', async () => {
      const page = await signedIn('hana', { timezoneId: 'Asia/Kolkata', locale: 'en-GB' })
      await page.goto(`${ORIGIN}/console/leases/${world.lease.id}`)
      await page.locator('.timeline').waitFor()
      const loads: string[] = []
      page.on('framenavigated', frame => void loads.push(frame.url()))
      const at = Date.now()
      await writeRequest(database, world.lease, { auditId: 'late', decidedAt: at, name: 'late-1' })
      const line = page.locator('.timeline li', { hasText: 'get pods late-1' })
      await line.waitFor()
      const there = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium', timeZone: 'Asia/Kolkata' })
      expect(await line.locator('time').textContent()).toBe(there.format(at))
      expect(loads).toEqual([])
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
  },
)
