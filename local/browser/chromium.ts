import { access, constants } from 'node:fs/promises'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'

/** Where distributions put it. */
const PROGRAMS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** The browser of this machine, null where there is none: Debian calls the package chromium. */
export async function findChromium(): Promise<string | null> {
  for (const program of PROGRAMS) {
    const found = await access(program, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (found) return program
  }
  return null
}

/** Its own sandbox wants a user that is not root. `ports`: names that lead to one of this machine. */
export function startChromium(executablePath: string, ports: Readonly<Record<string, number>> = {}): Promise<Browser> {
  const rules = Object.entries(ports).map(([host, port]) => `MAP ${host} 127.0.0.1:${port}`)
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  const quiet = ['--disable-background-networking', '--disable-component-update', '--no-first-run', '--disable-gpu']
  return chromium.launch({ executablePath, args: [...sandbox, ...quiet, `--host-resolver-rules=${rules.join(',')}`] })
}

/** A page of a browser that nobody has used. The certificate is of this machine's own CA, which no browser knows. */
export async function freshPage(browser: Browser, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, ...options })
  // What does not come says so before the test's own time is over.
  context.setDefaultTimeout(30_000)
  return context.newPage()
}

export interface WhoSignsIn {
  readonly url: string
  readonly name: string
  readonly password: string
}

/** As a newcomer does with what the terminal says. */
export async function signIn(page: Page, { url, name, password }: WhoSignsIn): Promise<void> {
  await page.goto(`${url}/console`)
  await page.getByLabel('Who').selectOption(name)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { name: 'Questions' }).waitFor()
}
