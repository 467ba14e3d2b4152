import type { Checked, Finding, Report } from './report.ts'

/** JUnit XML as CI systems read it: a test case a check, a failure a finding. */
export function toJunit({ title, checks }: Report): string {
  const failed = checks.filter(({ findings }) => findings.length > 0).length
  const skipped = checks.filter(isSkipped).length
  const head = `<testsuite name="${toXml(title)}" tests="${checks.length}" failures="${failed}" errors="0" skipped="${skipped}">`
  return `<?xml version="1.0" encoding="UTF-8"?>\n${head}\n${checks.map(toCase).join('')}</testsuite>\n`
}

function isSkipped({ tried, findings }: Checked): boolean {
  return tried.length === 0 && findings.length === 0
}

function toCase(check: Checked): string {
  const { name, title, tried, seen, findings } = check
  const out = [...tried.map(each => `tried  ${each}`), ...seen.map(each => `saw    ${each}`)].join('\n')
  const failures = isSkipped(check) ? '    <skipped/>\n' : findings.map(toFailure).join('')
  return `  <testcase classname="leasegate.${toXml(name)}" name="${toXml(title)}">\n${failures}    <system-out>${toXml(out)}</system-out>\n  </testcase>\n`
}

function toFailure({ severity, what, why, mend }: Finding): string {
  return `    <failure type="${severity}" message="${toXml(what)}">${toXml(`${why}\nmend: ${mend}`)}</failure>\n`
}

/** Characters that XML 1.0 cannot hold at all are replaced, the five special ones written as entities. */
function toXml(text: string): string {
  return text.replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd').replace(/[&<>"']/g, entity)
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
}

function entity(character: string): string {
  return ENTITIES[character] ?? character
}
