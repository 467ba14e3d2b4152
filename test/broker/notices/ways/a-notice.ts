import type { Notice } from '../../../../src/broker/notices/notifier.ts'

export function aNotice(given: Partial<Notice> = {}): Notice {
  return {
    id: 'apr_0_1',
    stage: 'asked',
    approval: 'apr_0_1',
    agent: 'web-operator',
    sponsor: 'ada@example.com',
    summary: 'delete pods "web-0" in shop',
    risk: 'delete',
    tier: 'medium',
    why: 'deletes something',
    plan: ['1 pod would be deleted', '- spec.replicas'],
    askedAt: Date.parse('2026-11-29T10:00:00Z'),
    endsAt: Date.parse('2026-11-29T10:15:00Z'),
    wanted: 1,
    yeses: [],
    answer: null,
    url: 'https://console.test/console/approvals/apr_0_1',
    ...given,
  }
}

/** What policies make of a risk: its tier may be another than usual, and it may be their own. */
export const RISKY = [
  {
    risk: 'pods-log',
    tier: 'critical',
    why: 'reads what programs wrote',
    words: 'critical: reads what programs wrote (pods-log)',
  },
  { risk: 'our-payments', tier: 'high', why: 'moves money', words: 'high: moves money (our-payments)' },
  { risk: 'delete, workload-write', tier: 'high', why: '', words: 'high: delete, workload-write' },
  { risk: 'asked-before', tier: '', why: '', words: 'asked-before' },
]

/** What an agent can bring into names, paths and commands: each would be something else to whoever reads it as more than text. */
export const HOSTILE = [
  '<!channel> <!here> <@U012AB3CD> <#C012AB3CD|general>',
  '<https://evil.example/|Approved by grace>',
  '&lt;!channel&gt; &amp;lt;',
  '*Approved* _by_ ~grace~ `code` ```block``` :white_check_mark: > quote',
  '` *Approved* by grace `',
  '``` *Approved* by grace ```',
  '<a href="https://evil.example">Look and answer</a><img src=x onerror=alert(1)>',
  'https://evil.example/console www.evil.example mailto:eve@evil.example',
  '\\u{a}\\u{a}Approved by: grace',
  '"><script>alert(1)</script>\'',
]
