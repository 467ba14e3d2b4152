import { SPONSOR_NAME } from '../policy/file/words.ts'
import type { Agent, ClaimMatch, Person, Policy } from '../policy/policy.ts'
import type { VerifiedIdentity } from './caller.ts'
import { claimAt } from './claims/claim-at.ts'
import { contains, says } from './claims/claim-value.ts'
import type { Identified } from './identifier.ts'

/** The one agent or person that a verified identity belongs to. Whoever matches twice is nobody, so an approver is never an agent. */
export function matchPrincipal(identity: VerifiedIdentity, policy: Policy): Identified {
  const agents = policy.agents.filter(agent => matches(agent.match, identity))
  const people = policy.people.filter(person => matches(person.match, identity))
  if (agents.length + people.length > 1) {
    const names = [...agents, ...people].map(one => one.name).join(', ')
    return refused('ambiguous-identity', `the policy file maps this identity to more than one: ${names}`)
  }
  const [agent] = agents
  const [person] = people
  if (agent !== undefined) return toAgent(agent, identity)
  if (person !== undefined) return toPerson(person, identity)
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

function toAgent(agent: Agent, identity: VerifiedIdentity): Identified {
  const sponsor = agent.sponsor.kind === 'fixed' ? agent.sponsor.name : claimAt(identity.claims, agent.sponsor.claim)
  if (typeof sponsor !== 'string' || (agent.sponsor.kind === 'claim' && !SPONSOR_NAME.test(sponsor))) {
    return refused('unknown-identity', `the token has no readable claim that names the sponsor of agent ${agent.name}`)
  }
  return { kind: 'principal', principal: { kind: 'agent', agent: agent.name, sponsor, identity } }
}

function toPerson({ name, roles }: Person, identity: VerifiedIdentity): Identified {
  return { kind: 'principal', principal: { kind: 'person', name, roles, identity } }
}

function refused(reason: 'unknown-identity' | 'ambiguous-identity', detail: string): Identified {
  return { kind: 'refused', reason, detail }
}
