import QuickLRU from 'quick-lru'
import { type Running, whatRuns } from '../../policy/pods/what-runs.ts'
import type { MaskRules } from '../../policy/policy.ts'
import { cut, cutAndMask, cutCommand, KEPT, marked } from '../../record/journal/cut.ts'
import type { DecisionEntry } from '../../record/journal/journal-entry.ts'
import { hiddenIn } from '../../record/mask/hidden.ts'
import { maskCommand } from '../../record/mask/mask.ts'
import { maskText } from '../../record/mask/mask-text.ts'
import type { RequestInfo, StreamTarget } from '../../request/api-request.ts'
import { clientClaims, clientSession } from '../../request/headers.ts'
import type { HttpRequest } from '../../request/http-request.ts'
import { metadataOf } from '../../request/object/metadata.ts'
import { shownCommand } from '../../support/text/shown-text.ts'
import type { Known } from '../settle.ts'

/** What names of Kubernetes look like. Whatever else stands in a path or a name may be anything, also a token. */
const PLAIN_PATH = /^[a-z0-9./:-]*$/

/** Of somebody without a lease, who pays for nothing, less is kept. */
const STRANGERS_PATH = 512

const NO_STREAM: StreamTarget = { command: [], container: '', stdin: false, tty: false }
const NO_OPTIONS = { dryRun: false, propagationPolicy: '', force: false, gracePeriodSeconds: null, fieldManager: '' }

type Asked = Pick<
  DecisionEntry,
  | 'kind'
  | 'auditId'
  | 'decidedAt'
  | 'method'
  | 'path'
  | 'info'
  | 'command'
  | 'runs'
  | 'container'
  | 'ports'
  | 'stdin'
  | 'tty'
  | 'dryRun'
  | 'propagationPolicy'
  | 'force'
  | 'gracePeriodSeconds'
  | 'fieldManager'
  | 'source'
  | 'userAgent'
  | 'kubectlCommand'
  | 'kubectlSession'
  | 'masked'
>

/** What was asked, as it is kept: cut, then masked. */
export function asked(http: HttpRequest, known: Known, rules: MaskRules): Asked {
  const masking = new Masking(rules)
  const { request } = known
  const { propagationPolicy, fieldManager, ...options } = request?.options ?? NO_OPTIONS
  const { command, container, stdin, tty } = request?.stream ?? NO_STREAM
  const entry = {
    ...said(http, known, masking, KEPT.path),
    ...claims(http, masking, word => masking.claim(word)),
    info: toInfo(infoOf(known), masking),
    command: command.length === 0 ? command : masking.command(command),
    runs: request === null ? [] : masking.runs(whatRuns(request)),
    container: masking.text(container, KEPT.word),
    ports: masking.text((request?.ports ?? []).join(','), KEPT.word),
    stdin,
    tty,
    ...options,
    propagationPolicy: masking.text(propagationPolicy, KEPT.word),
    fieldManager: masking.text(fieldManager, KEPT.word),
  } as const
  return { ...entry, masked: masking.hidden }
}

/** The session of a command alone, of what would else be the same as before. */
export function askedAgain({ headers }: HttpRequest, rules: MaskRules): Pick<Asked, 'kubectlSession' | 'masked'> {
  const masking = new Masking(rules)
  const kubectlSession = masking.text(clientSession(headers), KEPT.word)
  return { kubectlSession, masked: masking.hidden }
}

/** Of a stranger: neither a command nor selectors, nor how it was to be carried out. */
export function askedByStranger(http: HttpRequest, known: Known, rules: MaskRules): Asked {
  const masking = new Masking(rules)
  const { request } = known
  const info = toInfo(request === null ? null : { ...request.info, fieldSelector: '', labelSelector: '' }, masking)
  const entry = {
    ...said(http, known, masking, STRANGERS_PATH),
    // Theirs may be another one each time: nothing of it is worth keeping.
    ...claims(http, masking, word => masking.text(word, KEPT.word)),
    info,
    ...NO_STREAM,
    ...NO_OPTIONS,
    runs: [],
    ports: '',
  } as const
  return { ...entry, masked: masking.hidden }
}

/** Of everybody: where it came from, and what it was called. */
function said(http: HttpRequest, { auditId, decidedAt, request }: Known, masking: Masking, pathLimit: number) {
  return {
    kind: 'decision',
    auditId,
    decidedAt,
    method: request === null ? masking.text(http.method, 32) : http.method,
    path: masking.name(pathOf(http), pathLimit),
    source: http.source,
  } as const
}

/** May quote the path, and is our own words otherwise. */
export function keptDetail(detail: string, http: HttpRequest, rules: MaskRules): string {
  if (PLAIN_PATH.test(pathOf(http).slice(0, KEPT.path))) return cut(detail, KEPT.text)
  return cutAndMask(detail, KEPT.text, text => maskText(text, rules))
}

/** By rules the texts that they hide nothing of: a client says the same of itself with each request. None in which something was hidden is kept. */
const harmless = new WeakMap<MaskRules, QuickLRU<string, true>>()
const HARMLESS_KEPT = 1000

function harmlessBy(rules: MaskRules): QuickLRU<string, true> {
  const before = harmless.get(rules)
  if (before !== undefined) return before
  const texts = new QuickLRU<string, true>({ maxSize: HARMLESS_KEPT })
  harmless.set(rules, texts)
  return texts
}

/** Masks, and counts what it hid. */
class Masking {
  readonly #rules: MaskRules
  hidden = 0

  constructor(rules: MaskRules) {
    this.#rules = rules
  }

  text(text: string, limit: number): string {
    if (text === '') return text
    return cutAndMask(text, limit, kept => this.#count(kept, maskText(kept, this.#rules)))
  }

  name(text: string, limit: number): string {
    return PLAIN_PATH.test(text) ? cut(text, limit) : this.text(text, limit)
  }

  /** Of what comes again and again. */
  claim(text: string): string {
    const known = harmlessBy(this.#rules)
    if (known.has(text)) return text
    const masked = this.text(text, KEPT.word)
    // A copy: a piece of a long line would keep all of that line.
    if (masked === text && text.length < KEPT.word) known.set(Buffer.from(text, 'utf8').toString('utf8'), true)
    return masked
  }

  command(command: readonly string[]): readonly string[] {
    return this.#command(command, KEPT.command)
  }

  #command(command: readonly string[], room: number): readonly string[] {
    const kept = cutCommand(command, room)
    const masked = maskCommand(kept.argv, this.#rules)
    for (const [at, argument] of kept.argv.entries()) this.#count(argument, masked[at] ?? '')
    return marked(masked, kept)
  }

  /** Each as `web: image busybox, sh -c 'curl …'`; all of them have the room of one command. */
  runs(running: readonly Running[]): readonly string[] {
    const kept: string[] = []
    let left: number = KEPT.command
    for (const { name, image, command } of running) {
      if (left <= 0) return [...kept, `[cut, ${running.length - kept.length} more]`]
      const says = [
        ...(image === '' ? [] : [`image ${this.text(image, Math.min(left, KEPT.word))}`]),
        ...(command.length === 0 ? [] : [shownCommand(this.#command(command, left))]),
      ].join(', ')
      const line = name === '' ? says : `${this.text(name, 64)}: ${says}`
      kept.push(line)
      left -= line.length
    }
    return kept
  }

  #count(text: string, masked: string): string {
    this.hidden += hiddenIn(text, masked)
    return masked
  }
}

function pathOf({ target }: HttpRequest): string {
  return target.split('?', 1)[0] ?? ''
}

/** With the name that the body of a create gives; one that the API server is to complete has a `*` in that place. */
function infoOf({ request, refusedAs }: Known): RequestInfo | null {
  if (request === null) return refusedAs
  const { info, object } = request
  if (info.name !== '' || info.verb !== 'create' || !info.isResourceRequest) return info
  const said = metadataOf(object)
  const begun = said === null || said.generateName === '' ? '' : `${said.generateName}*`
  return { ...info, name: said?.name || begun }
}

/** Selectors are the client's words as well. */
function toInfo(info: RequestInfo | null, masking: Masking): RequestInfo | null {
  if (info === null) return null
  return {
    ...info,
    apiGroup: cut(info.apiGroup, KEPT.word),
    apiVersion: cut(info.apiVersion, KEPT.word),
    namespace: cut(info.namespace, KEPT.word),
    resource: cut(info.resource, KEPT.word),
    subresource: cut(info.subresource, KEPT.word),
    verb: cut(info.verb, KEPT.word),
    name: masking.name(info.name, KEPT.word),
    fieldSelector: masking.text(info.fieldSelector, KEPT.text),
    labelSelector: masking.text(info.labelSelector, KEPT.text),
  }
}

/** Free text of the client: somebody will put a token there. */
function claims({ headers }: HttpRequest, masking: Masking, claim: (text: string) => string) {
  const { userAgent, kubectlCommand, kubectlSession } = clientClaims(headers)
  return {
    userAgent: claim(userAgent),
    kubectlCommand: claim(kubectlCommand),
    // Another one for each command: not worth keeping.
    kubectlSession: masking.text(kubectlSession, KEPT.word),
  }
}
