import { describe, expect, test } from 'vitest'
import { isSince, toMode } from '../../../local/own-cluster/server-facts.ts'

const gate = (value: 0 | 1) => `# HELP
kubernetes_feature_enabled{name="ComponentStatusz",stage="BETA"} 1
kubernetes_feature_enabled{name="ConstrainedImpersonation",stage="BETA"} ${value}
`

describe('toMode', () => {
  test.each([
    { name: 'a server of before', minor: '35', metrics: '', want: 'legacy' },
    { name: 'a server that has it', minor: '36', metrics: gate(1), want: 'constrained' },
    { name: 'a server that has it switched off', minor: '36', metrics: gate(0), want: 'legacy' },
    { name: 'a server that does not show its metrics', minor: '37', metrics: '', want: 'constrained' },
    { name: 'a hosted server', minor: '36+', metrics: '', want: 'constrained' },
    { name: 'a server that had it as an alpha', minor: '35', metrics: gate(1), want: 'legacy' },
  ])('$name: $want', ({ minor, metrics, want }) => {
    expect(toMode({ major: '1', minor }, metrics)).toBe(want)
  })
})

describe('isSince', () => {
  test.each([
    { minor: '29', want: false },
    { minor: '30', want: true },
    { minor: '30+', want: true },
    { major: '2', minor: '0', want: true },
  ])('1.30 is had by $minor: $want', ({ major = '1', minor, want }) => {
    expect(isSince({ major, minor }, 30)).toBe(want)
  })
})
