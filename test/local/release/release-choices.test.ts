import { describe, expect, test } from 'vitest'
import { readReleaseChoices } from '../../../local/release/choices.ts'

const digest = `@sha256:${'a'.repeat(64)}`
const bases = ['node', 'runtime', 'client-runtime'].flatMap(name => [
  `--${name}-image`,
  `mirror.example/${name}${digest}`,
])
const good = ['127.0.0.1:5000/leasegate', '--key', 'cosign.key']

function problemsOf(args: readonly string[]): string {
  const choices = readReleaseChoices(args)
  return 'problems' in choices ? choices.problems.join('; ') : ''
}

describe('readReleaseChoices', () => {
  test('takes a registry on this machine, for both processors', () => {
    expect(readReleaseChoices([...good, ...bases])).toEqual({
      registry: '127.0.0.1:5000/leasegate',
      isHere: true,
      platforms: ['linux/amd64', 'linux/arm64'],
      bases: {
        node: `mirror.example/node${digest}`,
        runtime: `mirror.example/runtime${digest}`,
        clientRuntime: `mirror.example/client-runtime${digest}`,
      },
      key: 'cosign.key',
      out: 'dist',
    })
  })

  test.each(['localhost:5000', '[::1]:5000/leasegate', '127.1.2.3/leasegate'])('%s is here', registry => {
    expect(readReleaseChoices([registry, '--key', 'k', '--stand-ins'])).toMatchObject({ isHere: true, bases: null })
  })

  test.each([
    'registry.example/leasegate',
    '10.0.0.1:5000',
    'localhost.example:5000',
    '127.0.0.1.example/x',
    '127.0.0.1@registry.example',
  ])('nothing goes to %s unless that is said', registry => {
    expect(problemsOf([registry, '--key', 'k', ...bases])).toContain('--elsewhere')
  })

  test('goes elsewhere when it is said, but not with what only this machine has', () => {
    const elsewhere = ['registry.example/leasegate', '--key', 'k', '--elsewhere']
    expect(readReleaseChoices([...elsewhere, ...bases])).toMatchObject({ isHere: false })
    expect(problemsOf([...elsewhere, '--stand-ins'])).toContain('stay on this machine')
  })

  test.each([
    { name: 'no registry', args: ['--key', 'k', ...bases], says: 'say one registry' },
    { name: 'two', args: [...good, 'localhost:1', ...bases], says: 'say one registry' },
    { name: 'a scheme', args: ['https://localhost:1', '--key', 'k', ...bases], says: 'without a scheme' },
    { name: 'another platform', args: [...good, ...bases, '--platform', 'linux/s390x'], says: 'platforms are' },
    { name: 'no key', args: ['localhost:1', ...bases], says: '--key' },
    { name: 'images by tags', args: [...good, '--node-image', 'node:24', '--runtime-image', 'd:1'], says: 'digest' },
    { name: 'two of three images', args: [...good, ...bases.slice(0, 4)], says: 'digest' },
    { name: 'images and stand-ins', args: [...good, ...bases, '--stand-ins'], says: 'instead of images' },
  ])('refuses $name', ({ args, says }) => {
    expect(problemsOf(args)).toContain(says)
  })
})
