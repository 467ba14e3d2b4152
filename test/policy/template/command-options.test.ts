import { describe, expect, test } from 'vitest'
import { anotherOption } from '../../../src/policy/template/commands/command-options.ts'
import { aRequest } from '../a-request.ts'

describe('anotherOption', () => {
  test.each([
    { command: 'kubectl apply', line: 'GET /api/v1/namespaces?labelSelector=a%3Db', want: /--prune-allowlist/ },
    { command: 'kubectl apply', line: 'GET /api/v1/namespaces/a/configmaps/c', want: /^$/ },
    { command: 'kubectl debug', line: 'POST /api/v1/namespaces/a/pods', want: /--copy-to=NAME --profile=restricted/ },
    { command: 'kubectl debug', line: 'GET /api/v1/nodes/n', want: /kubectl describe node/ },
    { command: 'kubectl debug', line: 'GET /api/v1/namespaces/a/pods/p', want: /^$/ },
    { command: 'kubectl cluster-info dump', line: 'GET /api/v1/nodes', want: /for one namespace/ },
    { command: 'kubectl valueOf', line: 'GET /api/v1/nodes', want: /^$/ },
    { command: '', line: 'GET /api/v1/nodes', want: /^$/ },
  ])('$command, refused $line: $want', ({ command, line, want }) => {
    expect(anotherOption(command, aRequest(line))).toMatch(want)
  })
})
