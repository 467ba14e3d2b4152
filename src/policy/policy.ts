import type { Budgets, Holder, Terms } from '../lease/lease.ts'
import type { Quorum } from '../lease/questions/quorum.ts'
import type { RuleSet } from '../lease/questions/risk-rule.ts'
import type { Hours } from './conditions/hours.ts'
import type { Notify, OnCallSource } from './notify.ts'

export interface Issuer {
  readonly name: string
  /** Exact `iss`; null: whatever it is, the trust domain tells whose the token is. */
  readonly issuer: string | null
  /** Its tokens are JWT-SVIDs: their `sub` is a SPIFFE id of this domain. */
  readonly trustDomain?: string
  readonly audience: string
  /** Who else a token may be for: each of them could send it on. */
  readonly otherAudiences?: readonly string[]
  readonly algorithms: readonly string[]
  /** A token that was made to live longer than this is not taken. */
  readonly maxTokenLifetimeMs: number
  /** So long after they were fetched its keys count, where it cannot be asked. */
  readonly keysKeptMs?: number
  /** The API server of this cluster is asked of each of its tokens whether it still holds it. */
  readonly tokenReview?: true
  /** Its tokens open nothing: by them people of this issuer let an agent act for them. */
  readonly consentFor?: string
  /** How people log in with the program, or, beside `consentFor`, say yes to an agent: a public client there, whose identity tokens are taken as well. */
  readonly login?: { readonly clientId: string; readonly scopes?: string }
  readonly jwks:
    | { readonly kind: 'file'; readonly path: string }
    | {
        readonly kind: 'url'
        readonly url: string
        readonly caFile: string | null
        /** Of a bearer token that is sent along: an API server publishes to its own accounts alone. */
        readonly tokenFile?: string
      }
    /** Of the cluster that this runs in, as its API server publishes them. */
    | { readonly kind: 'cluster' }
}

/** Who vouches for client certificates. They are claims too: `subject.CN`, `san.uri`, `san.dns`, `san.email`. */
export interface CertificateAuthority {
  readonly name: string
  /** Its certificates are X.509-SVIDs: each has a SPIFFE id of this domain, and no other name counts. */
  readonly trustDomain?: string
  /** Its roots: PEM, or a SPIFFE bundle. Read at each use. */
  readonly file: string
  readonly boundTo: Holder['boundTo']
}

/** Every named claim must equal its value; a dot in a claim's name goes into an object. */
export interface ClaimMatch {
  readonly issuer: string
  readonly claims: Readonly<Record<string, string>>
  /** Claims that are lists, and what each must have among others. */
  readonly contains?: Readonly<Record<string, string>>
}

export interface Agent {
  readonly name: string
  readonly match: ClaimMatch
  /** Fixed sponsor, or the claim that names one: anybody, or a person of the policy file, who is then called as there. */
  readonly sponsor:
    | { readonly kind: 'fixed'; readonly name: string }
    | { readonly kind: 'claim'; readonly claim: string; readonly person?: true }
}

/** `stopper`: may take away from many at once, and give nothing back. */
export const ROLES = ['approver', 'admin', 'stopper'] as const
export type Role = (typeof ROLES)[number]

export interface Person {
  readonly name: string
  /** What else this person is called where sponsors are named: at other issuers, in other claims. */
  readonly alsoKnownAs: readonly string[]
  readonly match: ClaimMatch
  readonly roles: readonly Role[]
}

/** Who may be wanted for a yes: people of this file by name, and whoever of them comes with a token that has the claims. */
export interface Group {
  readonly name: string
  readonly members: readonly string[]
  /** A claim that is a list has its value among others. */
  readonly match: ClaimMatch | null
}

export interface Grant {
  readonly agent: string
  /** Namespaces this agent may ask for: exact names, or `*` alone for every one. */
  readonly namespaces: readonly string[]
  /** Not there where nobody gets it from this agent. */
  readonly delegation?: Delegation
}

/** To whom an agent may hand leases of a template that lie within one of its own. */
export interface Delegation {
  /** By name; they need no grant of their own, and have none by this. */
  readonly to: readonly string[]
  /** Live ones under one lease that nobody was handed by another agent. */
  readonly maxLeases: number
  /** How many agents down it may go from here: 1 where those who get one hand on nothing. */
  readonly levels: number
}

export interface TaskTemplate extends Terms {
  readonly name: string
  readonly description: string
  readonly grants: readonly Grant[]
  /** The widest scope; namespaces are filled in when a lease is issued. */
  readonly rules: readonly TemplateRule[]
  readonly maxTtlMs: number
  readonly maxLeases: number
  readonly budgets: Budgets
  /** When leases of it may live; not there where that is always. */
  readonly hours?: readonly Hours[]
  /** What the ticket of a lease has to be like. */
  readonly ticket?: string
  /** The ticket has to be one that is open by what `tickets` says, when the lease is asked for. */
  readonly ticketOpen?: true
  /** Leases of it are for who shows a client certificate, and bound to that. */
  readonly certificate?: 'required'
  /** Whether leases of it are, or have to be, for a person who said so; not there where none may be. */
  readonly onBehalfOf?: 'allowed' | 'required'
  /** Who has to say yes before a lease of it is given; not there where nobody is asked. */
  readonly issue?: Quorum
  /** Names of places in its rules, and what may stand there. */
  readonly parameters?: Readonly<Record<string, string>>
}

/** `scope: cluster` rules reach cluster-scoped objects; `scope: namespaces` rules reach the namespaces granted to the lease. */
export interface TemplateRule {
  readonly scope: 'namespaces' | 'cluster'
  readonly verbs: readonly string[]
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly resourceNames: readonly string[]
  readonly nonResourceURLs: readonly string[]
  readonly commands: readonly (readonly string[])[]
  readonly stdin: boolean
  readonly fields: readonly string[]
  readonly metadataOnly?: true
  readonly labelSelector?: string
  readonly fieldSelector?: string
}

/** What is taken for a credential in commands and free text, beside what is known everywhere. */
export interface MaskRules {
  /** Options, variables, headers and fields of these names hold one: any case, with a `*` at either end for any rest. */
  readonly names: readonly string[]
  /** What begins with one of these is one, wherever it stands. */
  readonly prefixes: readonly string[]
}

/** The policy file, read and checked. */
export interface Policy {
  /** Hash of the file's bytes, hex. */
  readonly revision: string
  readonly issuers: readonly Issuer[]
  readonly certificateAuthorities?: readonly CertificateAuthority[]
  readonly agents: readonly Agent[]
  readonly people: readonly Person[]
  readonly groups?: readonly Group[]
  /** Risks of its own, and others weighed anew; the terms of each template have them too. */
  readonly riskRules?: RuleSet
  readonly templates: readonly TaskTemplate[]
  /** Namespaces in which exec wants approval by default: exact names, or a prefix with a last `*`. */
  readonly productionNamespaces: readonly string[]
  /** Where Leasegate itself runs in the cluster, '' when it runs outside. Nothing in it is in an agent's reach. */
  readonly boundaryNamespace: string
  readonly mask: MaskRules
  readonly notify?: Notify
  /** Who knows whether a ticket is open, asked by a signed webhook. */
  readonly tickets?: OnCallSource
}
