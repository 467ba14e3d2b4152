import { afterAll, beforeAll, beforeEach } from 'vitest'
import { type Browser, field, type Page } from '../browser.ts'
import { ConsoleWorld } from '../console-world.ts'

/** One broker for all that `pages.test.ts` has, and a person who signed in. */
export let world: ConsoleWorld
export let hana: Browser
beforeAll(async () => {
  world = await ConsoleWorld.start()
  hana = await world.signedIn('hana')
})
afterAll(() => world.stop())

export let id: string
export let digest: string
export let page: Page
/** Another one once it was answered: an agent may ask only so many. */
beforeEach(async () => {
  if (id !== undefined && (await stateOf(id)) === 'pending') return
  digest = crypto.randomUUID().replaceAll('-', '')
  id = await world.pending({}, digest)
  page = await hana.get(`/console/approvals/${id}`)
})

/** The fields of the form that answers, as the page has them. */
export const answering = (from: Page, verdict: string) => ({
  'form-token': field(from, 'form-token'),
  digest: field(from, 'digest'),
  verdict,
})

export const stateOf = async (of: string) =>
  (await world.broker.as('web-operator', 'GET', `/v1/approvals/${of}`)).body.state
