import { describe, expect, test } from 'vitest'
import { readChoices } from '../../../local/start/choices.ts'

const common = { keep: false, boundaryPort: 7443, brokerPort: 7444, signInPort: 7445, clickhouseUrl: null }

describe('readChoices', () => {
  test('nothing said means the story', () => {
    expect(readChoices([], '/home/me')).toEqual({ kind: 'story', once: false, common })
  })

  test('a real node is another stage for the same story', () => {
    expect(readChoices(['--node', '--once', '--install'])).toEqual({
      kind: 'node',
      once: true,
      install: true,
      keep: false,
    })
  })

  test('a kubeconfig means that cluster, and to look only', () => {
    expect(readChoices(['--kubeconfig', '/k', '--port', '1'], '/home/me')).toEqual({
      kind: 'own',
      action: 'show',
      choice: { kubeconfig: '/k', context: null, policy: null, impersonation: null },
      common: { ...common, boundaryPort: 1 },
    })
  })

  test('paths are those of the folder that npm was called in', () => {
    const args = [
      '--kubeconfig',
      'k',
      '--policy',
      '../p.yaml',
      '--context',
      'c',
      '--impersonation',
      'legacy',
      '--apply',
    ]
    expect(readChoices(args, '/home/me')).toMatchObject({
      action: 'apply',
      choice: { kubeconfig: '/home/me/k', policy: '/home/p.yaml', context: 'c', impersonation: 'legacy' },
    })
  })

  test.each([
    { name: 'both ways at once', args: ['--kubeconfig', 'k', '--apply', '--teardown'], says: 'are opposites' },
    { name: 'apply without a cluster', args: ['--apply'], says: '--apply goes with --kubeconfig' },
    { name: 'a context without a cluster', args: ['--context', 'c'], says: '--context goes with --kubeconfig' },
    { name: 'an unknown mode', args: ['--kubeconfig', 'k', '--impersonation', 'x'], says: 'constrained or legacy' },
    { name: 'no port', args: ['--port', 'x'], says: '--port must be a port from 1 to 65535' },
    {
      name: 'once for a cluster that stays',
      args: ['--kubeconfig', 'k', '--once'],
      says: 'does not go with --kubeconfig',
    },
    ...['--port=9000', '--broker-port=1', '--sign-in-port=2', '--clickhouse-url=http://h:8123'].map(arg => ({
      name: `a node and what is beside a cluster: ${arg}`,
      args: ['--node', arg],
      says: `does not go with ${arg.split('=')[0]}`,
    })),
    { name: 'a node and a cluster', args: ['--node', '--kubeconfig', 'k'], says: 'does not go with --kubeconfig' },
    { name: 'packages for no node', args: ['--install'], says: '--install goes with --node' },
    { name: 'an unknown option', args: ['--kubeconf', 'k'], says: "Unknown option '--kubeconf'" },
  ])('refused: $name', ({ args, says }) => {
    expect(() => readChoices(args, '/home/me')).toThrow(says)
  })
})
