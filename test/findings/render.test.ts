import { describe, expect, test } from 'vitest'
import type { Report } from '../../src/findings/report.ts'
import { toJunit } from '../../src/findings/to-junit.ts'
import { toText } from '../../src/findings/to-text.ts'

const REPORT: Report = {
  title: 'a proof',
  checks: [
    { name: 'good', title: 'all is well', tried: ['GET /x → 200'], seen: ['one row'], findings: [] },
    { name: 'untried', title: 'nobody looked', tried: [], seen: ['not from here'], findings: [] },
    {
      name: 'bad',
      title: 'nothing rests',
      tried: ['bindings'],
      seen: [],
      findings: [
        {
          severity: 'critical',
          what: 'binding <"x" & \u001b[31m\u202ey> gives',
          why: 'it rests',
          mend: "kubectl delete 'x'\n# then look again",
        },
      ],
    },
  ],
}

describe('toText', () => {
  test('says of each check what was tried and seen, and of each finding what ends it', () => {
    expect(toText(REPORT)).toBe(`a proof

✓ all is well
    tried  GET /x → 200
    saw    one row

– nobody looked
    saw    not from here

✗ nothing rests
    tried  bindings
  CRITICAL  binding <"x" & \ufffd[31m\ufffdy> gives
    why    it rests
    mend   kubectl delete 'x'
           # then look again

1 finding
`)
  })

  test('says that there is none', () => {
    expect(toText({ title: 'x', checks: [] })).toMatch(/no finding\n$/)
  })
})

describe('toJunit', () => {
  const xml = toJunit(REPORT)

  test('counts checks, failures and what was not tried', () => {
    expect(xml).toContain('<testsuite name="a proof" tests="3" failures="1" errors="0" skipped="1">')
    expect(xml.match(/<skipped\/>/g)).toHaveLength(1)
  })

  test('names of others are text, never markup or control characters', () => {
    expect(xml).toContain('message="binding &lt;&quot;x&quot; &amp; \ufffd[31m\u202ey&gt; gives"')
    expect(xml).toContain('mend: kubectl delete &apos;x&apos;')
    expect(xml).not.toContain('\u001b')
  })
})
