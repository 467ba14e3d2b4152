import { summarise } from '../../approval/question/summary.ts'
import type { DenyReason } from '../../policy/verdict.ts'
import type { Denied } from '../decision.ts'
import { DENIALS } from './denials.ts'

/**
 * One sentence that says what is missing, then the command that would mend it: agents read stderr and act on it.
 * Everything in it is ours or was judged; printable ASCII in names is guaranteed by the reading of the request.
 */
export function denialMessage(denied: Denied): string {
  const detail = denied.detail === '' ? '' : `: ${denied.detail}`
  const mend = MENDS[denied.reason](denied)
  return `leasegate: ${DENIALS[denied.reason].says}${detail}${mend === '' ? '' : `; ${mend}`}`
}

const plain = () => 'send it as kubectl and client-go do'
const again = () => 'nothing was let through, try again'
const anyLease = () =>
  "get one with: leasegate lease request --template NAME --reason 'WHY', then: leasegate kubeconfig"
const nextLease = ({ lease }: Denied) =>
  lease === null ? anyLease() : `ask for a new one: ${requestCommand(lease.template, lease.namespaces)}`

const MENDS = {
  'odd-path': plain,
  'odd-query': plain,
  'odd-method': plain,
  'odd-upgrade': plain,
  'forbidden-header': plain,
  'too-many-headers': plain,
  'unexpected-body': plain,
  'body-mismatch': plain,
  'wrong-route': plain,
  'no-credential': anyLease,
  'bad-token': anyLease,
  'identity-token': anyLease,
  'token-expired': () => 'get a fresh one with: leasegate credential (kubectl does that by itself)',
  'unknown-lease': nextLease,
  'lease-expired': nextLease,
  'lease-revoked': nextLease,
  'not-in-policy': () => 'see what you may ask for: leasegate whoami',
  'out-of-scope': widerLease,
  dangerous: () => 'no lease opens this unless the platform team names it in the template under "dangerous"',
  'approval-pending': askApprover,
  'cannot-be-asked': () => 'send it so that a human can be shown all of it',
  'approval-rejected': () => 'the same request will not be asked again under this lease',
  'too-many-questions': () => 'wait until approvers have answered, or ask for less',
  'question-too-large': () => 'split the request into smaller ones',
  'budget-spent': nextLease,
  'too-many-requests': () => 'nothing was let through, send it again in a while, or fewer and smaller ones at once',
  'journal-full': again,
  'store-unfit': () => 'the platform team has to set up the store: leasegate doctor',
  unavailable: again,
} as const satisfies Record<DenyReason, (denied: Denied) => string>

function widerLease({ templates, request }: Denied): string {
  const [template] = templates
  if (template === undefined) return noTemplate(request)
  const namespace = request?.info.namespace ?? ''
  return `ask for a lease that covers it: ${requestCommand(template, namespace === '' ? [] : [namespace])}`
}

/** Whoever has a template for every resource looks for the mistake elsewhere: of a path none says anything unless it names it. */
function noTemplate(request: Denied['request']): string {
  return request?.info.isResourceRequest === false
    ? 'no task template of this agent names this path under nonResourceURLs, ask the platform team'
    : 'no task template of this agent covers it, ask the platform team'
}

function askApprover({ approval, request }: Denied): string {
  const what = request === null ? '' : ` (${summarise(request)})`
  return `an approver decides${what} with: leasegate approve ${approval}; then send the same request again`
}

function requestCommand(template: string, namespaces: readonly string[]): string {
  const where = namespaces.map(namespace => ` --namespace ${namespace}`).join('')
  return `leasegate lease request --template ${template}${where} --reason 'WHY'`
}
