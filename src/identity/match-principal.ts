import type { Actor } from '../lease/lease.ts'
import type { Agent, ClaimMatch, Person, Policy } from '../policy/policy.ts'
import type { VerifiedIdentity } from './caller.ts'
import { actChain } from './claims/act-chain.ts'
import { claimAt } from './claims/claim-at.ts'
import { contains, says } from './claims/claim-value.ts'
import type { Identified } from './identifier.ts'
import { sponsorOf } from './sponsor-of.ts'

/** The one agent or person that a verified identity belongs to. Whoever matches twice is nobody, so an approver is never an agent. */
export function matchPrincipal(identity: VerifiedIdentity, policy: Policy): Identified {
  const actors = actChain(identity.claims)
  if (actors === null) return refused('bad-token', 'who acts for its subject (act) cannot be told')
  const isOwn = actors.length === 0
  const agents = policy.agents.filter(agent => matches(agent.match, identity) && (isOwn || knowsOfActors(agent)))
  const people = policy.people.filter(person => matches(person.match, identity) && (isOwn || knowsOfActors(person)))
  if (agents.length + people.length > 1) {
    const names = [...agents, ...people].map(one => one.name).join(', ')
    return refused('ambiguous-identity', `the policy file maps this identity to more than one: ${names}`)
  }
  const [agent] = agents
  const [person] = people
  if (agent !== undefined) return toAgent(agent, actors, identity, policy)
  if (person !== undefined) return toPerson(person, identity)
  if (!isOwn) {
    return refused(
      'unknown-identity',
      `somebody acts for its subject (act), and the policy file registers nobody of issuer ${identity.issuer} by that claim`,
    )
  }
  return refused(
    'unknown-identity',
    `the policy file registers no agent or person with this identity of issuer ${identity.issuer}`,
  )
}

/** Byte for byte: no case folding, no normal forms, so two accounts never become one. A match without claims matches nobody. */
function matches({ issuer, claims, contains: lists = {} }: ClaimMatch, identity: VerifiedIdentity): boolean {
  const wanted = Object.entries(claims)
  if (issuer !== identity.issuer || wanted.length === 0) return false
  const at = (path: string) => claimAt(identity.claims, path)
  return (
    wanted.every(([path, value]) => says(at(path), value)) &&
    Object.entries(lists).every(([path, value]) => contains(at(path), value))
  )
}

function toAgent(agent: Agent, actors: readonly Actor[], identity: VerifiedIdentity, policy: Policy): Identified {
  const sponsor = sponsorOf(agent, identity, policy)
  if (sponsor.kind === 'none') return refused('unknown-identity', sponsor.why)
  const through = actors.length === 0 ? {} : { actors }
  return {
    kind: 'principal',
    principal: { kind: 'agent', agent: agent.name, sponsor: sponsor.name, ...through, identity },
  }
}

/** A token by which somebody acts for its subject is that subject's only to whoever knows of it: an agent that acts for an approver is none. */
function knowsOfActors({ match, sponsor }: Pick<Agent, 'match'> & Partial<Pick<Agent, 'sponsor'>>): boolean {
  const named = sponsor?.kind === 'claim' ? [sponsor.claim] : []
  return [...named, ...Object.keys(match.claims)].some(claim => claim.startsWith('act.'))
}

function toPerson({ name, roles }: Person, identity: VerifiedIdentity): Identified {
  return { kind: 'principal', principal: { kind: 'person', name, roles, identity } }
}

function refused(reason: 'bad-token' | 'unknown-identity' | 'ambiguous-identity', detail: string): Identified {
  return { kind: 'refused', reason, detail }
}
