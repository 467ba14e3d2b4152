import { z } from 'zod'

/**
 * What no issuer, claim or name has, and patterns do: stars, anchors, alternatives, classes, placeholders. A question mark is left to
 * addresses, brackets without a range to names such as `dependabot[bot]`, a bar alone to Auth0's `auth0|…`.
 */
const PATTERNS: readonly RegExp[] = [
  /\*/,
  /^\^|\$$/,
  /\.\+/,
  /\(.*\|.*\)/,
  /\[[^\]]*-[^\]]*\]/,
  /\{[^}]*,[^}]*\}/,
  /\$\{|\{\{/,
]

/** The piece of a text that looks like a pattern, null when none does. */
export function patternIn(value: string): string | null {
  if (/\?/.test(value) && !value.includes('://')) return '?'
  return PATTERNS.map(pattern => pattern.exec(value)?.[0]).find(found => found !== undefined) ?? null
}

/** By how the value begins: a claim in which all that are meant have the same. */
const SHARED: readonly (readonly [RegExp, string])[] = [
  [/^repo:/, 'repository_owner, repository or environment of GitHub'],
  [/^project_path:/, 'namespace_path, project_path or ref of GitLab'],
  [/^system:serviceaccount:/, 'kubernetes.io.namespace of a service account'],
  [/^organization:/, 'terraform_organization_name or terraform_workspace_name'],
  [/@/, "hd of Google, or a group's claim"],
]

/** A value that is compared as it stands. Whoever writes a pattern there means many, and matches nobody. */
function exactly(what: string, mend: (value: string) => string) {
  return z
    .string()
    .min(1, 'must not be empty')
    .check(context => {
      const { value } = context
      const found = patternIn(value)
      if (found === null) return
      const message = `must be ${what} as it is, and "${found}" stands for nothing here${mend(value)}`
      context.issues.push({ code: 'custom', message, input: value })
    })
}

export const claimValue = exactly('the value of the claim', value => {
  const shared = SHARED.find(([begins]) => begins.test(value))?.[1] ?? 'a group'
  return `: name each, or ask for a claim that all of them share, such as ${shared}`
})

export const claimName = exactly('the name of a claim', () => '')
export const issuerUrl = exactly('the iss of its tokens', () => ': write an issuer for each')
export const audience = exactly('the aud of its tokens', () => '')

/** For names of people, beside what they may be. */
export function noPattern<T extends z.ZodType<string>>(name: T) {
  return name.refine(value => !value.includes('*'), {
    error: 'must be a name as it is: a star stands for nothing here',
  })
}
