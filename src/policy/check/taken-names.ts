import type { ClaimMatch, Issuer, Policy } from '../policy.ts'
import type { Warning } from './warning.ts'

/** Claims of a provider by which somebody can be told, and whether that stays so. */
interface Naming {
  /** Of its issuers; everybody's tokens come from them, so an identity has to say whose. */
  readonly of: RegExp | null
  /** Whether what others of its kind issue, whose address nobody knows, has the same claims. */
  readonly elsewhere: boolean
  /** Names: given to somebody else after a rename, a move or a deletion. */
  readonly names: readonly string[]
  /** How `sub` begins where it is made of such names, and how where it has the ids in it. */
  readonly subject: { readonly named: RegExp; readonly known: RegExp } | null
  /** Given once. One of them is enough. */
  readonly ids: readonly string[]
  readonly mend: string
}

const NEVER = /^(?!)/

const NAMINGS: readonly Naming[] = [
  {
    of: /^https:\/\/token\.actions\.githubusercontent\.com(?:\/|$)/,
    elsewhere: true,
    names: ['repository', 'repository_owner', 'actor', 'workflow', 'workflow_ref', 'job_workflow_ref'],
    subject: { named: /^(?:repo|repository_owner):/, known: /^repo:[^/:@]+@\d+\/[^/:@]+@\d+:/ },
    ids: ['repository_id', 'repository_owner_id'],
    mend: 'repository_id, with repository_owner_id',
  },
  {
    of: /^https:\/\/gitlab\.com\/?$/,
    elsewhere: true,
    names: ['project_path', 'namespace_path', 'user_login', 'user_email'],
    subject: { named: /^project_path:/, known: NEVER },
    ids: ['project_id', 'namespace_id'],
    mend: 'project_id, with namespace_id',
  },
  {
    of: /^https:\/\/(?:login\.microsoftonline\.(?:com|us)|login\.partner\.microsoftonline\.cn|sts\.windows\.net)\//,
    elsewhere: false,
    names: ['preferred_username', 'upn', 'unique_name', 'email', 'name'],
    subject: null,
    ids: ['oid', 'sub'],
    mend: 'oid, with tid',
  },
  {
    of: /^https:\/\/accounts\.google\.com$/,
    elsewhere: false,
    names: ['email', 'name', 'hd'],
    subject: null,
    ids: ['sub', 'google.compute_engine.instance_id', 'google.compute_engine.project_number'],
    mend: 'sub',
  },
  {
    of: null,
    elsewhere: true,
    names: ['preferred_username', 'upn', 'unique_name', 'username', 'nickname', 'email', 'name'],
    subject: null,
    ids: ['sub', 'oid', 'uid', 'cid'],
    mend: 'sub',
  },
]

/** Agents and people whom somebody else could become. */
export function takenNameWarnings({ agents, people, issuers }: Policy): readonly Warning[] {
  const all = [...agents.map(one => ['agent', one] as const), ...people.map(one => ['person', one] as const)]
  const messages = all.flatMap(([what, { name, match }]) => {
    const issuer = issuers.find(one => one.name === match.issuer)
    const problem = issuer === undefined ? null : problemOf(match, issuer)
    return problem === null ? [] : [`${what} "${name}" is known by ${problem}`]
  })
  return [...messages, ...issuers.flatMap(noTenant)].map(message => ({ template: null, rule: null, message }))
}

function problemOf({ claims }: ClaimMatch, { name, issuer }: Issuer): string | null {
  const named = Object.keys(claims)
  const own = NAMINGS.find(({ of }) => issuer !== null && of?.test(issuer) === true)
  const naming = own ?? NAMINGS.find(each => each.elsewhere && namesIn(claims, each).length > 0)
  if (naming === undefined || named.some(claim => isId(claim, claims, naming))) return null
  const names = namesIn(claims, naming)
  if (names.length > 0) {
    return `${names.join(', ')}, which can come to be somebody else's: name ${naming.mend} of issuer ${name} as well`
  }
  return `${named.join(', ')}, which others of issuer ${name} can have too: name ${naming.mend} as well`
}

function namesIn(claims: ClaimMatch['claims'], naming: Naming): readonly string[] {
  return Object.keys(claims).filter(
    claim => naming.names.includes(claim) || (claim === 'sub' && isNamed(claims[claim] ?? '', naming)),
  )
}

function isId(claim: string, claims: ClaimMatch['claims'], naming: Naming): boolean {
  const { ids, subject } = naming
  return ids.includes(claim) || (claim === 'sub' && subject?.known.test(claims[claim] ?? '') === true)
}

function isNamed(subject: string, { subject: begins }: Naming): boolean {
  return begins?.named.test(subject) === true && !begins.known.test(subject)
}

const NO_TENANT = /^https:\/\/login\.microsoftonline\.com\/(?:common|organizations|consumers|\{[^}]*\})(?:\/|$)/

/** Where people of any tenant sign in; their tokens name the tenant. */
function noTenant({ name, issuer }: Issuer): readonly string[] {
  if (issuer === null || !NO_TENANT.test(issuer)) return []
  return [`no token has the iss of issuer ${name}: write an issuer for each tenant, with its id in place of that word`]
}
