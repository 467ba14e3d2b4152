import { createHash } from 'node:crypto'
import type { Lease } from '../lease/lease.ts'
import type { Risk } from '../policy/verdict.ts'
import type { ApiRequest } from '../request/api-request.ts'
import type { Question } from './approval.ts'

const PREVIEW_BYTES = 4096
const UNREADABLE = /(?![\t\n])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/** The request as the approver must see it: rendered by us from the bytes that will run, never from the agent's words. */
export function toQuestion(request: ApiRequest, body: Uint8Array, lease: Lease, risk: Risk): Question {
  return {
    summary: summarise(request),
    method: request.method,
    target: request.query === '' ? request.path : `${request.path}?${request.query}`,
    contentType: request.contentType,
    bodySha256: createHash('sha256').update(body).digest('hex'),
    bodyBytes: body.length,
    bodyPreview: preview(request, body),
    risk: risk.id,
    agent: lease.agent,
    sponsor: lease.sponsor,
    task: lease.task.reason,
    lease: lease.id,
  }
}

/** `delete namespaces "shop"`, `create pods/exec "web-0" in shop: sh -c 'ls'`. */
export function summarise({ info, method, path, stream }: ApiRequest): string {
  if (!info.isResourceRequest) return printable(`${method} ${path}`)
  const group = info.apiGroup === '' ? '' : `.${info.apiGroup}`
  const resource = `${info.resource}${group}${info.subresource === '' ? '' : `/${info.subresource}`}`
  const name = info.name === '' ? '' : ` "${info.name}"`
  const where = info.namespace === '' || info.resource === 'namespaces' ? '' : ` in ${info.namespace}`
  const command = stream === null || stream.command.length === 0 ? '' : `: ${stream.command.map(quote).join(' ')}`
  return printable(`${info.verb} ${resource}${name}${where}${command}`)
}

function preview(request: ApiRequest, body: Uint8Array): string {
  const readable = /^application\/(json|.*\+json|yaml|.*\+yaml)$/.test(request.contentType)
  if (!readable || request.info.resource === 'secrets') return ''
  return printable(Buffer.from(body.subarray(0, PREVIEW_BYTES)).toString('utf8'))
}

function quote(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", `'\\''`)}'`
}

/** Escape sequences and direction marks could show an approver another text than the one that runs. */
function printable(text: string): string {
  return text.replace(UNREADABLE, '\ufffd')
}
