import type { Notice } from '../notifier.ts'
import { cut, headline, isOver, riskWords, yesWords } from './message-words.ts'

/** Limits of Slack's: 3000 characters of a section's text, 2000 of a field's; nobody reads as much in a channel. */
const MOST_SUMMARY = 1500
const MOST_PLAN = 2500
const MOST_FIELD = 400
const MOST_FALLBACK = 300

export interface SlackMessage {
  /** For notifications, and clients that show no blocks. */
  readonly text: string
  readonly blocks: readonly object[]
}

/** Block Kit. Answering happens in the console: the button is a link, and leads nowhere else. */
export function toSlackMessage(notice: Notice): SlackMessage {
  const { summary, agent, sponsor, endsAt, plan, url, approval } = notice
  const head = headline(notice)
  const fields = [
    field(
      'Agent',
      sponsor === '' ? literal(agent, MOST_FIELD) : `${literal(agent, MOST_FIELD)} for ${literal(sponsor, MOST_FIELD)}`,
    ),
    field('Risk', literal(riskWords(notice), MOST_FIELD)),
    ...outcomeFields(notice),
    ...(isOver(notice) ? [] : [field('Ends', slackDate(endsAt))]),
  ]
  const said = yesWords(notice)
  return {
    text: `${head}: ${entities(cut(flat(summary), MOST_FALLBACK, weight))}`,
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: head, emoji: false } },
      section(block(summary, MOST_SUMMARY)),
      { type: 'section', fields },
      ...(plan.length === 0 || isOver(notice)
        ? []
        : [section(`*What would happen*\n${block(plan.join('\n'), MOST_PLAN)}`)]),
      ...(said === '' ? [] : [section(literal(said, MOST_FIELD))]),
      { type: 'context', elements: [mrkdwn(literal(approval, MOST_FIELD))] },
      ...(url === null || isOver(notice) ? [] : [button(url)]),
    ],
  }
}

function outcomeFields({ answer }: Notice): readonly object[] {
  return answer === null
    ? []
    : [field(answer.verdict === 'approved' ? 'Approved by' : 'Rejected by', literal(answer.by, MOST_FIELD))]
}

function field(name: string, value: string): object {
  return mrkdwn(`*${name}*\n${value}`)
}

function section(text: string): object {
  return { type: 'section', text: mrkdwn(text) }
}

/** `verbatim`: nothing becomes a link or a mention by how it looks. */
function mrkdwn(text: string): object {
  return { type: 'mrkdwn', text, verbatim: true }
}

function button(url: string): object {
  const text = { type: 'plain_text', text: 'Look and answer', emoji: false }
  return { type: 'actions', elements: [{ type: 'button', text, url, style: 'primary', action_id: 'open-console' }] }
}

function slackDate(ms: number): string {
  return `<!date^${Math.floor(ms / 1000)}^{date_short_pretty} {time}|${new Date(ms).toISOString()}>`
}

/** One line that is read letter by letter. */
function literal(text: string, most: number): string {
  return `\`${inCode(cut(flat(text), most, weight))}\``
}

function block(text: string, most: number): string {
  return `\`\`\`${inCode(cut(text, most, weight))}\`\`\``
}

/** Between backticks no star, colon or underscore means anything; a backtick would end it, and is written out as what is never seen is. */
function inCode(text: string): string {
  return entities(text).replaceAll('`', BACKTICK)
}

const BACKTICK = '\\u{60}'

/** All that Slack reads as the beginning of a link, a mention or an entity. */
function entities(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

function flat(text: string): string {
  return text.replace(/\s+/g, ' ')
}

/** As it is sent. */
function weight(text: string): number {
  return inCode(text).length
}
