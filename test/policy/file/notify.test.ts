import { describe, expect, test } from 'vitest'
import { describeProblems, parsePolicy } from '../../../src/policy/load/policy-file.ts'

const EVERYTHING = `
  receivers:
    - name: approvers
      slack: {channel: C0123ABCD, tokenFile: slack-token}
    - name: mail
      email: {server: smtp.example.com, from: leasegate@example.com, to: [ops@example.com], user: leasegate, passwordFile: /run/mail}
    - name: hanas-pager
      people: [hana]
      webhook: {url: "https://pager.example.com/x", secretFile: /run/pager, caFile: ca.pem}
  tell: [approvers]
  escalate:
    - {after: 5m, tell: [hana, on-call]}
  quietHours: {from: "22:00", to: "06:30", timeZone: Europe/Berlin, tell: on-call}
  onCall: {url: "https://pager.example.com/now", secretFile: /run/pager}
`

function parse(notify: string) {
  const text = `
boundaryNamespace: ''
issuers: [{name: ci, issuer: https://i.example, audience: a, jwks: {file: k.json}}]
people: [{name: hana, issuer: ci, claims: {sub: hana}, roles: [approver]}]
notify:${notify}`
  return parsePolicy(text, '/etc/leasegate/policy.yaml')
}

function notifyOf(notify: string) {
  const parsed = parse(notify)
  if (parsed.kind === 'problems') throw new Error(describeProblems(parsed.problems, 'policy.yaml'))
  return parsed.policy.notify
}

function problemsOf(notify: string): string {
  const parsed = parse(notify)
  return parsed.kind === 'policy' ? '' : describeProblems(parsed.problems, 'policy.yaml')
}

describe('notify in the policy file', () => {
  test('is read, with its files beside the policy, and ports by how TLS begins', () => {
    expect(notifyOf(EVERYTHING)).toEqual({
      receivers: [
        {
          name: 'approvers',
          people: [],
          way: {
            kind: 'slack',
            url: 'https://slack.com/api/',
            channel: 'C0123ABCD',
            tokenFile: '/etc/leasegate/slack-token',
            caFile: null,
          },
        },
        {
          name: 'mail',
          people: [],
          way: {
            kind: 'email',
            host: 'smtp.example.com',
            port: 587,
            tls: 'starttls',
            from: 'leasegate@example.com',
            to: ['ops@example.com'],
            login: { user: 'leasegate', passwordFile: '/run/mail' },
            caFile: null,
          },
        },
        {
          name: 'hanas-pager',
          people: ['hana'],
          way: {
            kind: 'webhook',
            url: 'https://pager.example.com/x',
            secretFile: '/run/pager',
            caFile: '/etc/leasegate/ca.pem',
          },
        },
      ],
      tell: ['approvers'],
      escalate: [{ afterMs: 300_000, tell: ['hana', 'on-call'] }],
      quietHours: { from: 1320, to: 390, timeZone: 'Europe/Berlin', tell: 'on-call' },
      onCall: { url: 'https://pager.example.com/now', secretFile: '/run/pager', caFile: null },
    })
  })

  test('tells all of them where it does not say whom', () => {
    const named = ['approvers', 'mail', 'hanas-pager']
    expect(notifyOf(EVERYTHING.replace('  tell: [approvers]\n', ''))?.tell).toEqual(named)
  })

  test.each([
    { from: 'name: mail', to: 'name: approvers', want: '9:13: notify.receivers[1].name is used twice: "approvers"' },
    { from: 'tell: [approvers]', to: 'tell: [aprovers]', want: 'notify.tell[0] names no receiver' },
    {
      from: 'people: [hana]',
      to: 'people: [hanna]',
      want: 'people[0] names no person of this file, did you mean "hana"?',
    },
    { from: '5m', to: '5 minutes', want: 'escalate[0].after must be a duration' },
    { from: '"22:00"', to: '22', want: 'quietHours.from must be a string' },
    { from: '"22:00"', to: '"24:00"', want: 'quietHours.from must be a time of day' },
    { from: '"06:30"', to: '"22:00"', want: 'quietHours.to must not begin and end at the same time' },
    { from: 'Europe/Berlin', to: 'Europe/Berlim', want: 'quietHours.timeZone must be a time zone' },
    { from: 'C0123ABCD', to: '"#approvals"', want: 'slack.channel must be the id of a channel' },
    {
      from: 'https://pager.example.com/x',
      to: 'http://pager.example.com/x',
      want: 'webhook.url must begin with https://',
    },
    { from: 'https://pager.example.com/now', to: 'http://10.0.0.1/now', want: 'onCall.url must begin with https://' },
    { from: 'tokenFile: slack-token', to: 'token: xoxb-1', want: 'slack has an unknown key "token"' },
    {
      from: 'tokenFile: slack-token',
      to: 'tokenFile: t, url: "https://slack-gov.com/api"',
      want: 'slack.url must end with a slash',
    },
    {
      from: '[ops@example.com]',
      to: '["ops@example.com\\\\r\\\\nBcc: eve@example.com"]',
      want: 'email.to[0] must be an address',
    },
    { from: '[ops@example.com]', to: '["ops@example.com, eve@example.com"]', want: 'email.to[0] must be an address' },
    { from: 'from: leasegate@', to: 'from: "Leasegate <leasegate"@', want: 'policy.yaml' },
    { from: 'user: leasegate, ', to: '', want: 'email must have user and passwordFile together' },
    { from: 'server: smtp.example.com', to: 'tls: none, server: smtp.example.com', want: 'must not have tls: none' },
    { from: 'server: smtp.example.com', to: 'server: "smtp.example.com:99999"', want: 'email.server must be a host' },
    { from: 'name: hanas-pager', to: 'name: on-call', want: 'must be another: on-call is whoever onCall says' },
    {
      from: 'slack: {channel: C0123ABCD, tokenFile: slack-token}',
      to: 'people: []',
      want: 'must have one of slack, email and webhook',
    },
    {
      from: '  onCall: {url: "https://pager.example.com/now", secretFile: /run/pager}\n',
      to: '',
      want: 'escalate[0].tell[1] wants onCall beside it',
    },
  ])('$to: $want', ({ from, to, want }) => {
    if (!EVERYTHING.includes(from)) throw new Error(`there is no ${from}`)
    expect(problemsOf(EVERYTHING.replace(from, to))).toContain(want)
  })
})
