import { describe, expect, test } from 'vitest'
import { describeProblems, parsePolicy } from '../../../src/policy/load/policy-file.ts'

function read(conditions: string, resourceNames = '[]') {
  const text = `boundaryNamespace: ''
issuers: [{name: corp, issuer: "https://x", audience: a, jwks: {url: "https://x/keys"}}]
templates:
  - name: task
    grants: []
    rules: [{verbs: [get], apiGroups: [""], resources: [pods], resourceNames: ${resourceNames}}]
    maxTtl: 1h
    ${conditions}
`
  const parsed = parsePolicy(text, 'policy.yaml')
  return parsed.kind === 'policy' ? parsed.policy.templates[0] : describeProblems(parsed.problems, 'policy.yaml')
}

test('a place that no parameter fills is a mistake', () => {
  expect(read("parameters: {name: 'web-[a-z]+'}", "['{name}']")).toMatchObject({ parameters: { name: 'web-[a-z]+' } })
  const text = read("parameters: {name: 'web-[a-z]+'}", "['{nmae}']")
  expect(text).toContain('resourceNames have {nmae} in them, which is no parameter of this template; known are name')
})

describe('conditions of a template in the policy file', () => {
  test('are read', () => {
    const hours = 'hours: [{days: [mon, fri], from: "09:00", to: "24:00", timeZone: Europe/Berlin}, {timeZone: UTC}]'
    expect(
      read(
        `${hours}\n    networks: [10.0.0.0/8, "2001:db8::1"]\n    ticket: OPS-[0-9]+\n    watched: [exec, portforward]`,
      ),
    ).toMatchObject({
      hours: [
        { days: ['mon', 'fri'], from: 540, to: 1440, timeZone: 'Europe/Berlin' },
        { days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], from: 0, to: 1440, timeZone: 'UTC' },
      ],
      networks: [['10.0.0.0/8', '2001:db8::1']],
      ticket: 'OPS-[0-9]+',
      watched: ['exec', 'portforward'],
    })
  })

  test('say who is asked about a lease, and beyond a budget', () => {
    const issue = 'issue: {people: 2}'
    const budgets = 'budgets: {deletes: {most: 5, beyond: ask}, requests: 9, objects: {most: 0, beyond: ask}}'
    expect(read(`${issue}\n    ${budgets}`)).toMatchObject({
      issue: { people: 2, groups: [] },
      budgets: { deletes: 5, requests: 9, objects: 0 },
      askBeyond: ['deletes', 'objects'],
    })
    expect(read('issue: {}')).toMatchObject({ issue: { people: 1, groups: [] }, budgets: {} })
    expect(read('budgets: {deletes: 5}')).not.toHaveProperty('askBeyond')
  })

  test('say of a ticket that it is looked up, where somebody knows', () => {
    const ticket = 'ticket: {pattern: "OPS-[0-9]+", open: true}'
    expect(read(ticket)).toContain('ticket.open wants tickets in the policy')
    const tickets = 'tickets: {url: "https://tickets.example/open", secretFile: /etc/secret}'
    expect(read(`${ticket}\n${tickets}`)).toMatchObject({ ticket: 'OPS-[0-9]+', ticketOpen: true })
    expect(read('ticket: {pattern: "OPS-[0-9]+"}')).not.toHaveProperty('ticketOpen')
    expect(read(`${ticket}\ntickets: {url: "http://tickets.example", secretFile: x}`)).toContain('https://')
  })

  test.each([
    { name: 'an unknown group', line: 'issue: {groups: [nobody]}', says: 'issue.groups[0] names no group' },
    { name: 'nobody at all', line: 'issue: {people: 0}', says: 'issue.people must be a number from 1 to 5' },
    { name: 'another end of a budget', line: 'budgets: {deletes: {most: 5, beyond: allow}}', says: 'must be ask' },
    { name: 'a budget of words', line: 'budgets: {deletes: many}', says: 'must be a number' },
    { name: 'less than nothing', line: 'budgets: {deletes: -1}', says: 'must not be negative' },
    { name: 'seconds to ask for', line: 'budgets: {execSeconds: {most: 5, beyond: ask}}', says: 'must be a' },
    { name: 'too many objects', line: 'budgets: {objects: {most: 501, beyond: ask}}', says: 'must be 500 at most' },
    { name: 'no hours at all', line: 'hours: []', says: 'hours must name some' },
    { name: 'hours without a zone', line: 'hours: [{from: "09:00"}]', says: 'timeZone is missing' },
    { name: 'an unknown zone', line: 'hours: [{timeZone: Berlin}]', says: 'must be a time zone such as' },
    { name: 'an unknown day', line: 'hours: [{days: [monday], timeZone: UTC}]', says: 'must be one of mon, tue' },
    { name: 'no day', line: 'hours: [{days: [], timeZone: UTC}]', says: 'must name a day' },
    {
      name: 'hours of no length',
      line: 'hours: [{from: "09:00", to: "09:00", timeZone: UTC}]',
      says: 'must not begin',
    },
    { name: 'an hour that no day has', line: 'hours: [{to: "24:01", timeZone: UTC}]', says: 'must be a time of day' },
    { name: 'nothing to watch', line: 'watched: []', says: 'watched must name one' },
    { name: 'what is no session', line: 'watched: [log]', says: 'must be one of exec, attach, portforward' },
    { name: 'no network at all', line: 'networks: []', says: 'networks must name one' },
    { name: 'bits beyond a prefix', line: 'networks: [10.0.0.1/8]', says: 'without bits beyond its prefix' },
    { name: 'a name', line: 'networks: [office.example]', says: 'must be an address, or a network' },
    {
      name: 'a parameter of an odd name',
      line: "parameters: {Name: 'a+'}",
      says: 'must be a name of lower case letters',
    },
    {
      name: 'a parameter that may be anything',
      line: "parameters: {name: '.*'}",
      says: 'must not match an empty text',
    },
    { name: 'no parameter at all', line: 'parameters: {}', says: 'must name one' },
    { name: 'a group in a ticket', line: "ticket: '(OPS|INC)-[0-9]+'", says: 'has "("' },
    { name: 'a ticket that may be empty', line: "ticket: '.*'", says: 'must not match an empty text' },
    { name: 'an anchor', line: "ticket: '^OPS'", says: 'the whole text is compared' },
  ])('are refused with $name', ({ line, says }) => expect(read(line)).toContain(says))
})
