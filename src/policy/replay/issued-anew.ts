import type { Lease } from '../../lease/lease.ts'
import type { Policy, TaskTemplate } from '../policy.ts'
import { grantOf } from '../template/delegation.ts'
import { issueScope } from '../template/issue-scope.ts'
import { BY_ITSELF, type Parameters, parametersOf } from '../template/parameters.ts'
import { termsOf } from '../template/terms-of.ts'
import type { Recorded } from './recorded.ts'

/** The lease of a recorded request as this policy gives it to whoever asks as then, for these namespaces. */
export function issuedAnew(policy: Policy, row: Recorded, namespaces: readonly string[]): Lease {
  const found = grantFor(policy, row)
  const parameters = found === null ? {} : filled(found.template, row, namespaces)
  return {
    id: '',
    agent: row.agent,
    sponsor: '',
    ...handedBy(row),
    task: { name: '', reason: '', ticket: row.ticket },
    ...(row.bound === 'no' ? {} : { holder: HOLDER }),
    ...(isForPerson(row, found?.template) ? { onBehalfOf: PERSON } : {}),
    template: row.template,
    scope: found === null ? [] : issueScope(found.template, namespaces, parameters),
    parameters,
    namespaces,
    budgets: {},
    terms: found === null ? NO_TERMS : termsOf(found.template),
    issuedAt: 0,
    expiresAt: Number.POSITIVE_INFINITY,
    policyRevision: policy.revision,
    ancestors: [],
  }
}

/** By what its agent would have it, as then. */
export function grantFor(policy: Policy, row: Recorded) {
  return grantOf(policy, { agent: row.agent, template: row.template, ...handedBy(row) })
}

function handedBy({ delegatedBy }: Recorded): Pick<Lease, 'delegated'> {
  return delegatedBy === '' ? {} : { delegated: { by: delegatedBy, issuer: '' } }
}

const HOLDER = { authority: '', name: '', thumbprint: '', boundTo: 'name' } as const
const PERSON = { issuer: '', subject: '' }

/** Where it is not on record: as the template wants it. */
function isForPerson({ consented }: Recorded, template?: TaskTemplate): boolean {
  return consented === 'yes' || (consented === 'unknown' && template?.onBehalfOf === 'required')
}

const NO_TERMS = { dangerous: [], approval: { skip: [], require: [] }, serviceAccounts: [] }

/** None where the template does not take what was asked with: it gives no such lease, and no rule with a place holds. */
function filled(template: TaskTemplate, row: Recorded, namespaces: readonly string[]): Parameters {
  const { parameters = {} } = template
  const given = Object.entries(row.parameters ?? {}).filter(
    ([name]) => Object.hasOwn(parameters, name) && !BY_ITSELF.includes(name),
  )
  const values = parametersOf(template, { given: Object.fromEntries(given), namespaces, ticket: row.ticket })
  return typeof values === 'string' ? {} : values
}

/** Whether the template wants something that the record does not say: what a lease was asked with, before it was kept, or before there was such a place. */
export function lacksParameters({ parameters = {} }: TaskTemplate, row: Recorded): boolean {
  return Object.keys(parameters).some(name => !BY_ITSELF.includes(name) && !Object.hasOwn(row.parameters ?? {}, name))
}

/** Whether the template wants something of the lease that the record does not say: a certificate, a person, or that there be none. */
export function lacksHolder({ certificate, onBehalfOf }: TaskTemplate, { bound, consented }: Recorded): boolean {
  return (bound === 'unknown' && certificate === 'required') || (consented === 'unknown' && onBehalfOf !== 'allowed')
}
