import { z } from 'zod'
import { ASKABLE_BUDGETS, type Budget, type Budgets, WATCHABLE } from '../../lease/lease.ts'
import { LIMITS } from '../../lease/limits.ts'
import { DAYS, type Hours } from '../conditions/hours.ts'
import {
  type Agent,
  type CertificateAuthority,
  type Group,
  type Issuer,
  type MaskRules,
  type Person,
  type Policy,
  ROLES,
  type TaskTemplate,
  type TemplateRule,
} from '../policy.ts'
import { approval, people } from './approval.ts'
import * as exact from './exact.ts'
import { asked, notify } from './notify.ts'
import { namespaceClasses, riskRules, toRule } from './risk-rules.ts'
import { isBuiltIn, type Names, PRODUCTION } from './values/names.ts'
import { eitherOf, known, oneOf, strict } from './values/strict.ts'
import * as word from './values/words.ts'

/** Signatures by a private key only: with HS256 whoever can check a token can make one. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'] as const
/** Service account tokens live an hour by default and a day where somebody asks for it; those of people less. */
const MAX_TOKEN_LIFETIME_MS = 86_400_000
/** A key that was taken out of the set counts for as long, to whoever can keep us from asking. */
const LONGEST_KEPT_MS = 7 * 86_400_000
/** Each lease has them in its contract, which has little room. */
const RULES_BYTES = 24_576
/** From the agent that a lease was given to, downwards. */
const MOST_LEVELS = 3
const TOO_MANY_CHILDREN = `must be ${LIMITS.children} at most, which is all that may be narrowed from one lease`
const TOO_LONG = `must be ${RULES_BYTES} bytes at most in all, as JSON: every lease carries them; name fewer`

/** The policy file without its revision. `names` are those that the file itself and the catalogue have. */
export function policySchema(names: Names): z.ZodType<Omit<Policy, 'revision'>> {
  return strict({
    boundaryNamespace: word.boundaryNamespace,
    productionNamespaces: z.array(word.namespacePattern).default([]),
    issuers:
      names.authorities.length === 0
        ? z.array(issuer(names)).min(1, 'must have an issuer')
        : z.array(issuer(names)).default([]),
    certificateAuthorities: z.array(certificateAuthority()).exactOptional(),
    agents: z.array(agent(names)).default([]),
    people: z.array(person(names)).default([]),
    groups: z.array(group(names)).default([]),
    namespaceClasses: namespaceClasses(),
    riskRules: riskRules(names),
    templates: z.array(template(names)).default([]),
    mask: mask.default({ names: [], prefixes: [] }),
    notify: notify(names).exactOptional(),
    tickets: asked.exactOptional(),
  }).transform(({ namespaceClasses: classes, riskRules: read, ...rest }, context) => {
    if (read.length === 0) return rest
    const production = [...rest.productionNamespaces, 'kube-system']
    const rules = read.map(rule => toRule(rule, { ...classes, [PRODUCTION]: production }, isBuiltIn))
    if (Buffer.byteLength(JSON.stringify(rules)) > RULES_BYTES) {
      context.addIssue({ code: 'custom', path: ['riskRules'], message: TOO_LONG, input: read })
    }
    const templates = rest.templates.map(each => ({ ...each, riskRules: [rules] }))
    return { ...rest, riskRules: rules, templates }
  })
}

const mask: z.ZodType<MaskRules> = strict({
  names: z.array(word.maskedName).default([]),
  prefixes: z.array(word.maskedPrefix).default([]),
})

function issuer(names: Names): z.ZodType<Issuer> {
  const jwks = strict({
    file: word.text.optional(),
    url: word.serverUrl.optional(),
    caFile: word.text.optional(),
    tokenFile: word.text.optional(),
    cluster: z.literal(true, 'must be true, or be left out').optional(),
  })
  return strict({
    name: word.name,
    issuer: exact.issuerUrl.optional(),
    trustDomain: word.trustDomain.exactOptional(),
    audience: exact.audience,
    otherAudiences: z.array(exact.audience).exactOptional(),
    algorithms: z.array(oneOf(ALGORITHMS)).min(1, 'must have an algorithm').default(['RS256', 'ES256']),
    maxTokenLifetime: word.duration.default(MAX_TOKEN_LIFETIME_MS),
    keysKept: word.duration.refine(ms => ms <= LONGEST_KEPT_MS, { error: 'must be 168h at most' }).exactOptional(),
    tokenReview: z.literal(true, 'must be true, or be left out').exactOptional(),
    consentFor: known(names.issuers, 'issuer of this file').exactOptional(),
    login: strict({ clientId: exact.audience, scopes: word.scopes.exactOptional() }).exactOptional(),
    jwks: jwks.transform(({ file, url, caFile, tokenFile, cluster }): Issuer['jwks'] => {
      if (cluster === true) return { kind: 'cluster' }
      if (url === undefined) return { kind: 'file', path: file ?? '' }
      return { kind: 'url', url, caFile: caFile ?? null, ...(tokenFile === undefined ? {} : { tokenFile }) }
    }),
  }).transform(({ issuer: iss = null, maxTokenLifetime, keysKept, ...rest }) => ({
    ...rest,
    ...(keysKept === undefined ? {} : { keysKeptMs: keysKept }),
    issuer: iss,
    maxTokenLifetimeMs: maxTokenLifetime,
  }))
}

function certificateAuthority(): z.ZodType<CertificateAuthority> {
  return strict({
    name: word.name,
    trustDomain: word.trustDomain.exactOptional(),
    file: word.text,
    // Whoever has SPIFFE gets another certificate each hour.
    boundTo: oneOf(['name', 'certificate']).default('name'),
  })
}

function identity(issuers: Names['issuers']) {
  return { issuer: known(issuers, 'issuer of this file'), claims: claims() }
}

function claims() {
  return z
    .record(exact.claimName, exact.claimValue)
    .refine(named => Object.keys(named).length > 0, { error: 'must name a claim' })
}

/** Of an identity that is somebody's alone: a list that has the value may have others, so it says more and never enough. */
function registered(issuers: Names['issuers']) {
  return { ...identity(issuers), contains: claims().exactOptional() }
}

function agent(names: Names): z.ZodType<Agent> {
  const sponsor = z.union(
    [exact.noPattern(word.sponsorName), strict({ claim: exact.claimName, person: z.literal(true).exactOptional() })],
    {
      error: 'must be a name, or {claim: …} for the claim that has it',
    },
  )
  const shape = {
    name: word.name,
    ...registered([...names.issuers, ...names.authorities]),
    sponsor: sponsor.default(''),
  }
  return strict(shape).transform(({ name, sponsor: by, ...match }) => ({
    name,
    match,
    sponsor: typeof by === 'string' ? { kind: 'fixed', name: by } : { kind: 'claim', ...by },
  }))
}

function person(names: Names): z.ZodType<Person> {
  const roles = z.array(oneOf(ROLES)).min(1, 'must have a role')
  const alsoKnownAs = z.array(exact.noPattern(word.sponsorName)).default([])
  const shape = { name: word.personName, ...registered(names.issuers), roles, alsoKnownAs }
  return strict(shape).transform(({ name, roles: has, alsoKnownAs: called, ...match }) => ({
    name,
    roles: has,
    alsoKnownAs: called,
    match,
  }))
}

function group(names: Names): z.ZodType<Group> {
  const members = z.array(known(names.people, 'person of this file')).default([])
  const { issuer, claims } = identity(names.issuers)
  return strict({ name: word.name, members, issuer: issuer.optional(), claims: claims.optional() }).transform(
    ({ issuer, claims, ...rest }) => ({
      ...rest,
      match: issuer === undefined || claims === undefined ? null : { issuer, claims },
    }),
  )
}

function template(names: Names): z.ZodType<TaskTemplate> {
  const grant = strict({
    agent: known(names.agents, 'agent of this file'),
    namespaces: z.array(word.namespace).default([]),
    delegation: strict({
      to: z.array(known(names.agents, 'agent of this file')).min(1, 'must name an agent'),
      maxLeases: z.int().positive('must be at least 1').max(LIMITS.children, TOO_MANY_CHILDREN).default(1),
      levels: z.int().positive('must be at least 1').max(MOST_LEVELS, `must be ${MOST_LEVELS} at most`).default(1),
    }).exactOptional(),
  })
  return strict({
    name: word.name,
    description: z.string().default(''),
    grants: z.array(grant),
    rules: z.array(rule()).min(1, 'must have a rule'),
    maxTtl: word.duration,
    maxLeases: z.int().positive('must be at least 1').default(1),
    budgets: budgets.prefault({}),
    approval: approval(names),
    dangerous: z.array(known(names.dangers, 'dangerous risk')).default([]),
    serviceAccounts: z.array(word.serviceAccount).default([]),
    podSecrets: z.array(word.secretName).min(1, 'must name one').exactOptional(),
    hours: z.array(hours).min(1, 'must name some').exactOptional(),
    networks: z.array(word.network).min(1, 'must name one').exactOptional(),
    images: z.array(word.image).min(1, 'must name one').exactOptional(),
    ticket: ticket.exactOptional(),
    watched: z.array(oneOf(WATCHABLE)).min(1, 'must name one').exactOptional(),
    onBehalfOf: oneOf(['allowed', 'required']).exactOptional(),
    certificate: z.literal('required', 'must be required, or be left out').exactOptional(),
    issue: people(names).exactOptional(),
    parameters: z
      .record(word.parameterName, word.pattern)
      .refine(named => Object.keys(named).length > 0, { error: 'must name one' })
      .exactOptional(),
  }).transform(({ maxTtl, networks, images, ticket: wanted, budgets: { askBeyond, ...most }, ...rest }) => ({
    ...rest,
    budgets: most,
    maxTtlMs: maxTtl,
    ...(networks === undefined ? {} : { networks: [networks] }),
    ...(images === undefined ? {} : { images: [images] }),
    ...(askBeyond.length === 0 ? {} : { askBeyond }),
    ...(wanted === undefined ? {} : { ticket: wanted.pattern }),
    ...(wanted?.open === true ? { ticketOpen: true } : {}),
  }))
}

const ticket = eitherOf<{ readonly pattern: string; readonly open: boolean }>(
  strict({ pattern: word.pattern, open: z.boolean().default(false) }),
  word.pattern.transform(pattern => ({ pattern, open: false })),
)

const hours: z.ZodType<Hours> = strict({
  days: z
    .array(oneOf(DAYS))
    .min(1, 'must name a day')
    .default([...DAYS]),
  from: word.timeOfDay.default(0),
  to: word.endOfDay.default(1440),
  timeZone: word.timeZone,
}).refine(({ from, to }) => from !== to, { error: 'must not begin and end at the same time', path: ['to'] })

const count = z.int().nonnegative('must not be negative')
/** Each of them is kept in the store for as long as the lease. */
const MOST_OBJECTS = 500
const objects = count.max(MOST_OBJECTS, `must be ${MOST_OBJECTS} at most`)
const budgets = strict({
  requests: orAsk(count),
  mutations: orAsk(count),
  deletes: orAsk(count),
  secretReads: orAsk(count),
  objects: orAsk(objects),
  execSeconds: count.exactOptional(),
  questions: count.exactOptional(),
  requestsPerSecond: z.int().positive('must be 1 at least').exactOptional(),
} satisfies Record<Budget, unknown>).transform(given => {
  const most = Object.entries(given).map(([budget, value]) => [budget, typeof value === 'object' ? value.most : value])
  const askBeyond = ASKABLE_BUDGETS.filter(budget => typeof given[budget] === 'object')
  return { ...(Object.fromEntries(most) as Budgets), askBeyond }
})

function orAsk(most: typeof count) {
  const asks = strict({ most, beyond: z.literal('ask', 'must be ask: without it, write the number alone') })
  return eitherOf<number | z.infer<typeof asks>>(asks, most).exactOptional()
}

function rule(): z.ZodType<TemplateRule> {
  return strict({
    scope: oneOf(['namespaces', 'cluster']).default('namespaces'),
    verbs: z.array(word.verb).min(1, 'must have a verb'),
    apiGroups: z.array(word.apiGroup).default([]),
    resources: z.array(word.resource).default([]),
    resourceNames: z.array(word.resourceName).default([]),
    nonResourceURLs: z.array(word.nonResourceUrl).default([]),
    commands: z.array(word.command).default([]),
    stdin: z.boolean().default(false),
    fields: z.array(word.field).default([]),
    metadataOnly: z.literal(true, 'must be true, or be left out').exactOptional(),
    labelSelector: word.labelSelector.exactOptional(),
    fieldSelector: word.fieldSelector.exactOptional(),
  })
}
