import { html } from 'hono/html'
import type { Checked, Finding } from '../../../findings/report.ts'
import type { Examined } from '../doctor/console-doctor.ts'
import { ago, code, type Html, live, said } from '../words/text.ts'

/** What the broker found of the installation. */
export function doctorPage({ at, checks, notLookedAt }: Examined, now: number): Html {
  const findings = checks.flatMap(check => check.findings)
  const version = findings.map(({ what }) => what).join(' ')
  const sum = findings.length === 0 ? 'No finding.' : `${findings.length} finding${findings.length === 1 ? '' : 's'}.`
  return html`<h1>Health <small>looked ${ago(at, now)}</small></h1>
    ${live(
      'health',
      version,
      html`<p class="state ${findings.length === 0 ? 'approved' : 'rejected'}">${sum}</p>${checks.map(section)}`,
    )}
    <p class="note">From here the broker does not see: ${notLookedAt.join(', ')}. <code>leasegate doctor</code> looks at all of it.</p>`
}

function section({ title, seen, findings }: Checked): Html {
  return html`<section>
    <h2>${findings.length === 0 ? html`<span class="state approved">✓</span>` : html`<span class="state rejected">✗</span>`} ${title}</h2>
    ${findings.length === 0 ? '' : html`<ul class="plain">${findings.map(line)}</ul>`}
    ${seen.length === 0 ? '' : html`<ul class="lines">${seen.map(text => html`<li>${said(text)}</li>`)}</ul>`}
  </section>`
}

function line({ severity, what, why, mend }: Finding): Html {
  return html`<li><span class="risk ${severity === 'warning' || severity === 'unknown' ? '' : 'high'}">${severity}</span>
    <strong>${said(what)}</strong> <span class="one">${said(why)}</span> <span class="one">${code(mend)}</span></li>`
}
