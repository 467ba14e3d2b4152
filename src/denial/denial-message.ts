import { summarise } from '../approval/question/summary.ts'
import type { DenyReason } from '../policy/judge/verdict.ts'
import { requestCommand } from '../policy/template/commands/request-command.ts'
import type { Asking } from '../policy/template/ways-in.ts'
import { DENIALS } from './denials.ts'
import type { Denied } from './denied.ts'

/**
 * One sentence that says what is missing, then the command that would mend it: agents read stderr and act on it.
 * Everything in it is ours or was judged; printable ASCII in names is guaranteed by the reading of the request.
 */
export function denialMessage(denied: Denied, approvalUrl: string | null = null): string {
  const detail = denied.detail === '' ? '' : `: ${denied.detail}`
  const instead = denied.instead === '' ? '' : ` (${denied.instead})`
  const mend = MENDS[denied.reason](denied, approvalUrl)
  return `leasegate: ${DENIALS[denied.reason].says}${detail}${instead}${mend === '' ? '' : `; ${mend}`}`
}

const again = () => 'nothing was let through, try again'
const anyLease = () =>
  "get one with: leasegate lease request --template NAME --reason 'WHY', then: leasegate kubeconfig"
const others = 'see what you may ask for: leasegate whoami'

const WATCH = 'an approver watches with: leasegate sessions watch'

const MENDS = {
  'odd-path': () => 'write each name as it is, between single slashes',
  'odd-query': () => 'say each option once, by its own name, with its value percent-encoded',
  'odd-method': () => 'use GET, HEAD, POST, PUT, PATCH, DELETE or OPTIONS, in capitals',
  'odd-upgrade': () =>
    'exec, attach and portforward want a WebSocket by GET or SPDY/3.1 by POST, watches and logs of pods may be a WebSocket, all else comes without upgrade',
  'too-long': () =>
    'give less at once: a long script can go in through the input of a command (exec -i), or into a file first',
  'forbidden-header': leaveOut,
  'too-many-headers': () => 'leave out those that the request does not need',
  'unexpected-body': () => 'a read and an upgrade have no body, and what is sent must be as long as the head says',
  'body-mismatch': () => 'say it in one place, or the same in both',
  'wrong-route': () =>
    'watches and logs are read by GET; if this is one, the platform team has to look at Envoy: leasegate doctor',
  'no-credential': anyLease,
  'bad-token': anyLease,
  'identity-token': anyLease,
  'token-expired': () => 'get a fresh one with: leasegate credential (kubectl does that by itself)',
  'other-certificate': () =>
    'connect with the certificate that the token was fetched with (what leasegate kubeconfig writes has both from one answer)',
  'unknown-lease': nextLease,
  'lease-expired': nextLease,
  'lease-revoked': nextLease,
  'lease-frozen': ({ lease }) =>
    `nothing runs under it until an admin thaws it; see what was done to it with: leasegate lease show ${lease?.id ?? ''}`.trimEnd(),
  'not-in-policy': nextLease,
  'outside-networks': () =>
    'send it from there; where a load balancer stands in between, the platform team has to let it keep the address of its clients',
  'out-of-scope': denied => otherLease(denied, noTemplate(denied.request)),
  dangerous: denied =>
    otherLease(denied, 'no lease opens this unless the platform team names it in the template under "dangerous"'),
  'too-risky': denied => otherLease(denied, 'nobody can say yes to it under this template, ask the platform team'),
  'nobody-watches': ({ lease }) =>
    `${WATCH} ${lease?.id ?? ''}`.trimEnd().concat('; while that runs, send the same request again'),
  'approval-pending': askApprover,
  'cannot-be-asked': () => 'send it so that a human can be shown all of it',
  'approval-rejected': () => 'the same request will not be asked again under this lease',
  'too-many-questions': () => 'wait until approvers have answered, or ask for less',
  'question-too-large': () => 'split the request into smaller ones',
  'budget-spent': denied =>
    denied.ways.length > 0 ? nextLease(denied) : 'a new lease has no more of it, ask the platform team',
  'too-fast': () => 'nothing was let through, send it again in the next one',
  'too-many-requests': () => 'nothing was let through, send it again in a while, or fewer and smaller ones at once',
  'journal-full': again,
  'store-unfit': () => 'the platform team has to set up the store: leasegate doctor',
  unavailable: again,
} as const satisfies Record<DenyReason, (denied: Denied, approvalUrl: string | null) => string>

function nextLease({ lease, ways: [way] }: Denied): string {
  if (way?.kind === 'ask') return `ask for a new one: ${requestCommand(way)}`
  return lease === null ? anyLease() : others
}

function otherLease({ lease, ways: [way] }: Denied, none: string): string {
  switch (way?.kind) {
    case undefined:
      return none
    case 'held':
      return `${way.lease}, which this lease was narrowed from, covers it: leasegate kubeconfig --lease ${way.lease}`
    case 'ask':
      return `${way.template === lease?.template ? wider(way) : 'ask for one that does'}${short(way)}: ${requestCommand(way)}`
  }
}

/** Before the command, which has to be the end of the line. */
function short({ lacks = '' }: Asking): string {
  return lacks === '' ? '' : `, though no template lets the rest of the command pass (${lacks})`
}

/** Of the same template: it is the namespaces that were left out, or a rule that came later. */
function wider({ instead }: Asking): string {
  return instead === null
    ? 'its template grants it to a new lease'
    : 'its template grants it to a lease in place of this'
}

/** By the name that the refusal starts with; `kubectl --as` is how an ordinary client comes to send the first. */
function leaveOut({ detail }: Denied): string {
  if (detail.startsWith('impersonate'))
    return "leave out --as, --as-group and --as-uid (in a kubeconfig: as): the identity is the lease's"
  if (detail.startsWith('content-encoding')) return 'send the body as it is: the API server would not unpack it'
  return 'leave it out, or give it one plain value where it has any'
}

/** Whoever has a template for every resource looks for the mistake elsewhere: of a path none says anything unless it names it. */
function noTemplate(request: Denied['request']): string {
  return request?.info.isResourceRequest === false
    ? 'no task template of this agent names this path under nonResourceURLs, ask the platform team'
    : 'no task template of this agent covers it, ask the platform team'
}

function askApprover({ approval, request }: Denied, approvalUrl: string | null): string {
  const what = request === null ? '' : ` (${summarise(request)})`
  const page = approvalUrl === null ? '' : `, or at ${approvalUrl}`
  return `an approver decides${what} with: leasegate approve ${approval}${page}; wait with: leasegate approvals wait ${approval}, then send the same request again`
}
