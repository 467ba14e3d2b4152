import type { Agent, ClaimMatch, Issuer, Policy } from '../../policy.ts'
import type { Warning } from '../warning.ts'

/** Claims of a provider by which somebody can be told, and whether that stays so. */
interface Naming {
  /** Of its issuers; everybody's tokens come from them, so an identity has to say whose. */
  readonly of: RegExp | null
  /** Whether what others of its kind issue, whose address nobody knows, has the same claims. */
  readonly elsewhere: boolean
  /** Names: given to somebody else after a rename, a move or a deletion. */
  readonly names: readonly string[]
  /** Of many at once: of a client who comes by it, of an owner each repository, of a namespace each account. */
  readonly shared: readonly string[]
  /** How `sub` begins where it is made of such names, and how where it has the ids in it. */
  readonly subject: { readonly named: RegExp; readonly known: RegExp } | null
  /** Given once. One of these groups is enough, each whole. */
  readonly ids: readonly (readonly string[])[]
  readonly mend: string
}

/** Programs by which people come, and which come by themselves as well. */
const CLIENTS = ['azp', 'cid', 'client_id', 'appid'] as const

const NEVER = /^(?!)/

const NAMINGS: readonly Naming[] = [
  {
    of: /^https:\/\/token\.actions\.githubusercontent\.com(?:\/|$)/,
    elsewhere: true,
    names: ['repository', 'repository_owner', 'actor', 'workflow', 'workflow_ref', 'job_workflow_ref'],
    shared: ['repository_owner_id', 'enterprise_id'],
    subject: { named: /^(?:repo|repository_owner):/, known: /^repo:[^/:@]+@\d+\/[^/:@]+@\d+:/ },
    ids: [['repository_id']],
    mend: 'repository_id, with repository_owner_id',
  },
  {
    of: /^https:\/\/gitlab\.com\/?$/,
    elsewhere: true,
    names: ['project_path', 'namespace_path', 'user_login', 'user_email'],
    shared: ['namespace_id'],
    subject: { named: /^project_path:/, known: NEVER },
    ids: [['project_id']],
    mend: 'project_id, with namespace_id',
  },
  {
    of: /^https:\/\/(?:login\.microsoftonline\.(?:com|us)|login\.partner\.microsoftonline\.cn|sts\.windows\.net)\//,
    elsewhere: false,
    names: ['preferred_username', 'upn', 'unique_name', 'email', 'name'],
    shared: [],
    subject: null,
    ids: [['oid'], ['sub']],
    mend: 'oid, with tid',
  },
  {
    of: /^https:\/\/accounts\.google\.com$/,
    elsewhere: false,
    names: ['email', 'name', 'hd'],
    shared: [],
    subject: null,
    ids: [['sub'], ['google.compute_engine.instance_id']],
    mend: 'sub',
  },
  {
    // Whoever may make accounts in a namespace is its agent in any case: an account is known by both names.
    of: null,
    elsewhere: true,
    names: [],
    shared: ['kubernetes.io.namespace', 'kubernetes.io.serviceaccount.name', 'kubernetes.io.pod.name'],
    subject: null,
    ids: [
      ['sub'],
      ['kubernetes.io.namespace', 'kubernetes.io.serviceaccount.name'],
      ['kubernetes.io.serviceaccount.uid'],
    ],
    mend: 'kubernetes.io.namespace and kubernetes.io.serviceaccount.name, or sub,',
  },
  {
    of: null,
    elsewhere: true,
    names: ['preferred_username', 'upn', 'unique_name', 'username', 'nickname', 'email', 'name'],
    shared: CLIENTS,
    // A login, as Okta has it there: it is given to somebody else.
    subject: { named: /@/, known: NEVER },
    ids: [['sub'], ['oid'], ['uid'], ['act.sub']],
    mend: 'a sub that is no login, or uid,',
  },
]

/** Agents and people whom somebody else could become. */
export function takenNameWarnings({ agents, people, issuers }: Policy): readonly Warning[] {
  const all = [...agents.map(one => ['agent', one] as const), ...people.map(one => ['person', one] as const)]
  const messages = all.flatMap(([what, { name, match, ...more }]) => {
    const issuer = issuers.find(one => one.name === match.issuer)
    // Whoever comes by that program is the agent on purpose, and on behalf of whom the claim names.
    if ('sponsor' in more && more.sponsor.kind === 'claim' && CLIENTS.some(claim => claim in match.claims)) return []
    const problem = issuer === undefined ? null : problemOf(match, issuer)
    return problem === null ? [] : [`${what} "${name}" is known by ${problem}`]
  })
  return [...messages, ...agents.flatMap(namedSponsor), ...issuers.flatMap(noTenant)].map(message => ({
    template: null,
    rule: null,
    message,
  }))
}

function problemOf({ claims }: ClaimMatch, { name, issuer }: Issuer): string | null {
  const named = Object.keys(claims)
  const own = NAMINGS.find(({ of }) => issuer !== null && of?.test(issuer) === true)
  const naming = own ?? NAMINGS.find(each => each.elsewhere && isOf(claims, each))
  if (naming === undefined || isTold(claims, naming)) return null
  const names = namesIn(claims, naming)
  if (names.length > 0) {
    return `${names.join(', ')}, which can come to be somebody else's: name ${naming.mend} of issuer ${name} as well`
  }
  return `${named.join(', ')}, which others of issuer ${name} can have too: name ${naming.mend} as well`
}

function isOf(claims: ClaimMatch['claims'], naming: Naming): boolean {
  return namesIn(claims, naming).length > 0 || Object.keys(claims).some(claim => naming.shared.includes(claim))
}

function namesIn(claims: ClaimMatch['claims'], naming: Naming): readonly string[] {
  return Object.keys(claims).filter(
    claim => naming.names.includes(claim) || (claim === 'sub' && isNamed(claims[claim] ?? '', naming)),
  )
}

/** By something that stays somebody's own. */
function isTold(claims: ClaimMatch['claims'], naming: Naming): boolean {
  const { ids, subject } = naming
  const sub = claims['sub'] ?? ''
  if (subject?.known.test(sub) === true) return true
  const isThere = (claim: string) => claims[claim] !== undefined && (claim !== 'sub' || !isNamed(sub, naming))
  return ids.some(group => group.every(isThere))
}

function isNamed(subject: string, { subject: begins }: Naming): boolean {
  return begins?.named.test(subject) === true && !begins.known.test(subject)
}

/** Names that people give themselves at many issuers: whoever takes an approver's is kept from nothing, and an approver who takes another is not told from them. */
const OWN_NAMES: ReadonlySet<string> = new Set([
  'preferred_username',
  'username',
  'nickname',
  'email',
  'name',
  'upn',
  'unique_name',
])

/** The claim may stand under `act`. With `person` it has to be one that the policy file knows. */
function namedSponsor({ name, sponsor }: Agent): readonly string[] {
  if (sponsor.kind === 'fixed' || !OWN_NAMES.has(sponsor.claim.split('.').at(-1) ?? '')) return []
  return [
    `sponsors of agent "${name}" are named by ${sponsor.claim}, which can come to be somebody else's: name them by sub, and the person's sub in alsoKnownAs`,
  ]
}

const NO_TENANT = /^https:\/\/login\.microsoftonline\.com\/(?:common|organizations|consumers|\{[^}]*\})(?:\/|$)/

/** Where people of any tenant sign in; their tokens name the tenant. */
function noTenant({ name, issuer }: Issuer): readonly string[] {
  if (issuer === null || !NO_TENANT.test(issuer)) return []
  return [`no token has the iss of issuer ${name}: write an issuer for each tenant, with its id in place of that word`]
}
