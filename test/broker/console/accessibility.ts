import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'

/** IBM's rules for WCAG 2.2; Apache-2.0, where axe-core is under the MPL. */
const ENGINE = await readFile(createRequire(import.meta.url).resolve('accessibility-checker-engine/ace.js'), 'utf8')

interface Result {
  readonly ruleId: string
  readonly message: string
  readonly snippet: string
}

/** What its rules are sure of: a line for each violation on the page, as it stands. */
export async function violationsOf(page: Page): Promise<readonly string[]> {
  const found = await page.evaluate(`(async () => {
    if (globalThis.ace === undefined) { ${ENGINE}; globalThis.ace = ace }
    const { results } = await new globalThis.ace.Checker().check(document, ['WCAG_2_2'])
    return results.filter(({ value: [kind, how] }) => kind === 'VIOLATION' && how === 'FAIL')
  })()`)
  return (found as readonly Result[]).map(({ ruleId, message, snippet }) => `${ruleId}: ${message} ${snippet}`)
}
