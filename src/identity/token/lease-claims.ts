import { z } from 'zod'
import { ASKABLE_BUDGETS, BUDGETS, MOST_NARROWINGS, WATCHABLE } from '../../lease/lease.ts'
import { QUORUM } from '../../lease/questions/quorum.ts'
import { RISK_RULE, STANCE, TIERS } from '../../lease/questions/risk-rule.ts'
import { NO_TERMS } from '../../lease/scope/terms.ts'

/** SHA-256, base64url. */
export const THUMBPRINT = z.string().regex(/^[\w-]{43}$/)

const texts = z.array(z.string()).readonly()
const RULE = z
  .strictObject({
    verbs: texts,
    apiGroups: texts,
    resources: texts,
    resourceNames: texts,
    namespaces: texts,
    nonResourceURLs: texts,
    commands: z.array(texts).readonly(),
    stdin: z.boolean().default(false),
    fields: texts.default([]),
    metadataOnly: z.literal(true).exactOptional(),
    labelSelector: z.string().min(1).exactOptional(),
    fieldSelector: z.string().min(1).exactOptional(),
  })
  .meta({ id: 'Rule' })

/** A contract from before there were terms has none, which is the strictest there is. */
const TERMS = z
  .strictObject({
    dangerous: texts,
    approval: z
      .strictObject({
        skip: texts,
        require: texts,
        quorum: QUORUM.exactOptional(),
        risks: z.record(z.string(), QUORUM).readonly().exactOptional(),
        tiers: z.partialRecord(z.enum(TIERS), STANCE).readonly().exactOptional(),
        untilLeaseEnds: z.literal(true).exactOptional(),
      })
      .readonly(),
    serviceAccounts: texts,
    podSecrets: texts.exactOptional(),
    networks: z.array(texts).readonly().exactOptional(),
    images: z.array(texts).readonly().exactOptional(),
    watched: z.array(z.enum(WATCHABLE)).readonly().exactOptional(),
    askBeyond: z.array(z.enum(ASKABLE_BUDGETS)).readonly().exactOptional(),
    riskRules: z.array(z.array(RISK_RULE.readonly()).readonly()).readonly().exactOptional(),
  })
  .meta({ id: 'Terms' })

const HOLDER = z.strictObject({
  authority: z.string().min(1),
  name: z.string().min(1),
  thumbprint: THUMBPRINT,
  boundTo: z.enum(['certificate', 'name']),
})

const CONSENT_TIMES = z
  .strictObject({ at: z.int(), until: z.int() })
  .describe('When the consent to it was verified, and until when it was good by itself.')
const CONSENT = CONSENT_TIMES.extend({ sha256: z.string().min(1) }).readonly()

/** A lease as contracts carry it and `lease show -o json` prints it; apart from what signs them, which commands need not load. */
export const LEASE = z.strictObject({
  id: z.string().min(1),
  agent: z.string().min(1),
  sponsor: z.string(),
  agentSponsor: z.string().exactOptional(),
  issuer: z.string().min(1).exactOptional(),
  actors: z
    .array(z.strictObject({ subject: z.string(), issuer: z.string().exactOptional() }).readonly())
    .readonly()
    .exactOptional(),
  onBehalfOf: z
    .strictObject({ issuer: z.string().min(1), subject: z.string().min(1), consent: z.string().min(1).exactOptional() })
    .readonly()
    .exactOptional(),
  delegated: z
    .strictObject({ by: z.string().min(1), issuer: z.string().min(1) })
    .readonly()
    .exactOptional()
    .describe('By which agent it was handed to this one; not there where the agent asked for it itself.'),
  holder: HOLDER.readonly().exactOptional(),
  task: z.strictObject({ name: z.string(), reason: z.string(), ticket: z.string() }).readonly(),
  template: z.string().min(1),
  scope: z.array(RULE.readonly()).readonly(),
  parameters: z.record(z.string(), z.string()).readonly().exactOptional(),
  namespaces: texts,
  budgets: z.partialRecord(z.enum(BUDGETS), z.int().nonnegative()).readonly(),
  terms: TERMS.readonly().default(NO_TERMS),
  issuedAt: z.int(),
  expiresAt: z.int(),
  policyRevision: z.string(),
  ancestors: texts,
  waits: z
    .strictObject({ approval: z.string().min(1), digest: z.string().min(1), consent: CONSENT.exactOptional() })
    .readonly()
    .exactOptional()
    .describe('It opens nothing, and stands for one that a person has to say yes to: the question, and its digest.'),
  given: z
    .strictObject({ approval: z.string().min(1), by: texts, consent: CONSENT_TIMES.readonly().exactOptional() })
    .readonly()
    .exactOptional()
    .describe('By which yes it was given, and of whom, where its template wants one.'),
  turn: z.strictObject({ epoch: z.int().nonnegative(), acts: z.int().nonnegative() }).readonly().exactOptional(),
  narrowed: z
    .strictObject({
      times: z.int().min(1).max(MOST_NARROWINGS),
      by: z.string(),
      reason: z.string(),
      at: z.int(),
    })
    .readonly()
    .exactOptional(),
})
