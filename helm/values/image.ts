import { group, oneOf, text } from './value.ts'

/** A container image, and when it is pulled. */
export function image(doc: string, repository: string, tag: string, registry = 'docker.io') {
  return group(doc, {
    registry: text('Registry; global.imageRegistry goes before it.', registry),
    repository: text(
      repository === ''
        ? 'Repository, such as leasegate/leasegate. There is none by default: no public name is ours.'
        : 'Repository.',
      repository,
    ),
    tag: text(tag === '' ? "Tag. Empty: the chart's appVersion." : 'Tag.', tag, tag === '' ? {} : { minLength: 1 }),
    digest: text('Digest (sha256:…); goes before the tag.', '', { pattern: '^(sha256:[0-9a-f]{64})?$' }),
    pullPolicy: oneOf('When to pull.', 'IfNotPresent', ['Always', 'IfNotPresent', 'Never']),
  })
}
