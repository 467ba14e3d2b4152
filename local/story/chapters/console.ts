import { readFile } from 'node:fs/promises'
import { httpCall } from '../../../src/support/net/http-call.ts'
import { findChromium, freshPage, signIn, startChromium } from '../../browser/chromium.ts'
import type { Chapter, ConsoleHere, Stage } from '../stage.ts'
import { requestLease } from './access.ts'

const WAIT_MS = 20_000

export const atTheConsole: Chapter = {
  title: 'In a browser: the question comes to the console, and gets its yes there',
  play: async (stage, plot) => {
    if (stage.console === null) return
    const program = await findChromium()
    if (program === null) return withoutBrowser(stage, stage.console)
    const lease = await requestLease(stage, stage.names.retire, ['--reason', 'who uses this password', '--ttl', '2m'])
    await stage.leasegate('agent', ['kubeconfig', '--lease', lease, '--out', stage.kubeconfigFile])
    await inBrowser(stage, stage.console, program)
    await stage.leasegate('agent', ['lease', 'revoke', lease, '--reason', 'done'])
    await stage.leasegate('agent', ['kubeconfig', '--lease', plot.lease, '--out', stage.kubeconfigFile])
  },
}

async function inBrowser(stage: Stage, { url, password }: ConsoleHere, program: string): Promise<void> {
  const { app, approver } = stage.names
  const browser = await startChromium(program)
  const step = async (says: string, doing: Promise<unknown>) => {
    const problem = await doing.then(
      () => '',
      (error: Error) => error.message,
    )
    stage.check(says, problem === '', problem)
  }
  try {
    const page = await freshPage(browser)
    page.setDefaultTimeout(WAIT_MS)
    await step(
      `${approver} signs in with what the identity provider asks`,
      signIn(page, { url, name: approver, password }),
    )
    const reading = stage.kubectl(['get', 'secret', 'db', '-n', app, '-o', 'name'])
    const question = page.getByRole('link', { name: /get secrets "db"/ })
    await step('the agent’s question appears, without a reload', question.waitFor())
    await step(
      'it is opened and read',
      question.click().then(() => page.getByRole('heading', { name: 'Exactly this' }).waitFor()),
    )
    const yes = page.getByRole('button', { name: 'Approve exactly this, once' })
    await step(
      'a click says yes',
      yes.click().then(() => page.getByText(/Approved by/).waitFor()),
    )
    const read = await reading
    stage.check('the agent’s kubectl goes on', read.code === 0 && read.stdout.includes('secret/db'), read.stderr)
  } finally {
    await browser.close()
  }
}

/** So much can be seen without one. */
async function withoutBrowser({ check }: Stage, { url, caFile }: ConsoleHere): Promise<void> {
  const ca = await readFile(caFile, 'utf8')
  const call = { method: 'GET', url: `${url}/console`, headers: {}, body: '', ca, withinMs: WAIT_MS, maxBytes: 65_536 }
  const { status, headers } = await httpCall(call)
  const says = 'the console asks to sign in (no browser on this machine plays the rest: Debian calls it chromium)'
  check(says, status === 303 && headers.location?.startsWith('/console/sign-in') === true, `status ${status}`)
}
