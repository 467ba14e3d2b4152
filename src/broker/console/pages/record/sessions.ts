import { html } from 'hono/html'
import type { Listed } from '../../record/look.ts'
import type { Session } from '../../record/sessions.ts'
import { at, clock, code, type Html, live, said, took } from '../../words/text.ts'
import { decisionMark } from './decision.ts'
import { moreLink, noRecord } from './no-record.ts'

export interface ShownSessions {
  readonly listed: Listed<Session>
  /** Only of this agent; '' for everybody's. */
  readonly agent: string
  readonly skip: number
}

/** exec, attach and port-forward of the last days, newest first. */
export function sessionsPage({ listed, agent, skip }: ShownSessions): Html {
  const of =
    agent === ''
      ? ''
      : html` of <a href="/console/agents/${agent}">${said(agent)}</a> <small><a href="/console/sessions">of everybody</a></small>`
  const place = { path: '/console/sessions', skip, rest: agent === '' ? '' : `&agent=${encodeURIComponent(agent)}` }
  const list =
    listed.kind === 'none'
      ? noRecord(listed.why, `exec-sessions${agent === '' ? '' : ` --agent ${agent}`}`)
      : html`${listed.items.length === 0 ? html`<p class="empty">Nobody was in a pod in the last 7 days.</p>` : html`<ol class="sessions">${listed.items.map(session)}</ol>`}${moreLink(place, listed)}`
  return html`<h1>Sessions${of}</h1>
    <p class="note">exec, attach and port-forward of the last 7 days. What was typed and shown is not here: where sessions are recorded, who has their key replays them with the command of each.</p>
    ${live('sessions', versionOf(listed), list)}`
}

function versionOf(listed: Listed<Session>): string {
  if (listed.kind === 'none') return listed.why
  return listed.items.map(({ at, endedAt, state }) => `${at}${endedAt ?? state}`).join(' ')
}

const KINDS: Readonly<Record<string, string>> = { exec: 'exec', attach: 'attach', portforward: 'port-forward' }

function session(one: Session): Html {
  const { agent, sponsor, lease, kind, namespace, pod, container, command, ports, decision } = one
  return html`<li class="card session">
    <p class="what-was">${decisionMark(decision)} <strong>${KINDS[kind] ?? said(kind)}</strong> ${code(`${namespace}/${pod}`)}${container === '' ? '' : html`, container ${code(container)}`}</p>
    ${command === '' ? '' : html`<pre tabindex="0" aria-label="Command">${said(command)}</pre>`}
    ${replayLine(one)}
    ${ports === '' ? '' : html`<p>Ports ${code(ports)}</p>`}
    <p class="meta">
      <span><a href="/console/agents/${agent}">${said(agent)}</a>${sponsor === '' ? '' : html` for ${said(sponsor)}`}</span>
      ${lease === '' ? '' : html`<span><a href="/console/leases/${lease}">its lease</a></span>`}
      <span>${at(one.at)}${one.endedAt === null ? '' : html` to ${clock(one.endedAt)}`}</span>
      <span>${howItEnded(one)}</span>
      ${one.tty ? html`<span>terminal</span>` : ''}${one.stdin ? html`<span>input</span>` : ''}
    </p>
  </li>`
}

/** Ids that are one word wherever the line is pasted: others are none of ours. */
const PLAIN_ID = /^[A-Za-z0-9][A-Za-z0-9-]{0,63}$/

/** A port-forward is not recorded, nor what was refused. */
function replayLine({ auditId, kind, decision }: Session): Html | '' {
  if (kind === 'portforward' || decision !== 'allow' || !PLAIN_ID.test(auditId)) return ''
  return html`<p><small>Replay: ${code(`leasegate sessions replay ${auditId}`)}</small></p>`
}

function howItEnded({ decision, reason, state, exitCode, endReason, durationMs }: Session): Html {
  if (decision !== 'allow') return said(reason)
  const lasted = durationMs === null ? '' : ` after ${took(durationMs)}`
  if (state === 'open') return html`<strong>runs now</strong>`
  const end = html`${said(endReason === '' ? state : endReason)}${lasted}`
  return exitCode === null ? end : html`${end}, exit code ${exitCode}`
}
