import type { Notice } from '../notifier.ts'
import { cut, headline, isOver, riskWords, yesWords } from './message-words.ts'

const MOST_SUBJECT = 150
const MOST_SUMMARY = 2000
const MOST_PLAN = 4000

export interface MailText {
  readonly subject: string
  readonly text: string
  readonly html: string
}

export function toMailText(notice: Notice): MailText {
  const { summary, agent, sponsor, endsAt, plan, url, approval, answer } = notice
  const facts: readonly (readonly [string, string])[] = [
    ['Agent', sponsor === '' ? agent : `${agent} for ${sponsor}`],
    ['Risk', riskWords(notice)],
    ...(answer === null ? [] : [[answer.verdict === 'approved' ? 'Approved by' : 'Rejected by', answer.by] as const]),
    ...(isOver(notice) ? [] : [['Ends', new Date(endsAt).toISOString()] as const]),
    ...(yesWords(notice) === '' ? [] : [['So far', yesWords(notice)] as const]),
    ['Approval', approval],
  ]
  const shownFacts = facts.map(([name, value]) => [name, noLink(value)] as const)
  const shownPlan = isOver(notice) ? '' : noLink(cut(plan.join('\n'), MOST_PLAN))
  const shownSummary = noLink(cut(summary, MOST_SUMMARY))
  const link = isOver(notice) ? null : url
  const parts = { head: headline(notice), summary: shownSummary, facts: shownFacts, plan: shownPlan, link }
  return {
    // The same for each message about a question, so that they are one thread: what changes is in the text.
    subject: `Leasegate: ${cut(shownSummary, MOST_SUBJECT)}`,
    text: toPlain(parts),
    html: toHtml(parts),
  }
}

interface Parts {
  readonly head: string
  readonly summary: string
  readonly facts: readonly (readonly [string, string])[]
  readonly plan: string
  readonly link: string | null
}

function toPlain({ head, summary, facts, plan, link }: Parts): string {
  const quoted = (text: string) => text.split('\n').map(line => `  | ${line}`)
  return [
    `${head}:`,
    '',
    ...quoted(summary),
    '',
    ...facts.map(([name, value]) => `${name}: ${value}`),
    ...(plan === '' ? [] : ['', 'What would happen:', '', ...quoted(plan)]),
    ...(link === null ? [] : ['', 'Look and answer in the console:', link]),
    '',
  ].join('\n')
}

function toHtml({ head, summary, facts, plan, link }: Parts): string {
  const rows = facts.map(([name, value]) => `<tr><th align="left">${escaped(name)}</th><td>${escaped(value)}</td></tr>`)
  return [
    `<p>${escaped(head)}:</p><pre>${escaped(summary)}</pre><table>${rows.join('')}</table>`,
    plan === '' ? '' : `<p>What would happen:</p><pre>${escaped(plan)}</pre>`,
    link === null ? '' : `<p><a href="${escaped(link)}">Look and answer in the console</a></p>`,
  ].join('')
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, sign => ENTITIES[sign] ?? '')
}

/** A domain without a scheme: one that a path follows, or that ends as those do that anybody can buy. */
const DOMAIN =
  /(?<=[\w-])\.(?=[a-z]{2,24}\/|(?:com|net|org|info|biz|io|dev|app|sh|ai|co|me|eu|us|uk|de|ru|cn|xyz|site|top|link|page|cloud|zip|mov|example)(?![\w-]))/gi

/** Programs for mail make links of what looks like one; here one link alone is ours. */
function noLink(text: string): string {
  return text
    .replaceAll('://', '[://]')
    .replace(/\bwww\./gi, 'www[.]')
    .replace(/\bmailto:/gi, 'mailto[:]')
    .replace(DOMAIN, '[.]')
}
