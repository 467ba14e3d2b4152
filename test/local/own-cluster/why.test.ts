import { describe, expect, test } from 'vitest'
import { whyOf } from '../../../local/own-cluster/why.ts'

describe('whyOf', () => {
  test.each([
    {
      name: 'log lines of a library come first',
      given:
        'E1124 00:47:20.1 1 memcache.go:265] "Unhandled"\nThe connection to the server a:1 was refused - is it up?\n',
      want: 'The connection to the server a:1 was refused - is it up?',
    },
    {
      name: 'the API server refuses, and lists the rest below',
      given: 'Error from server (Forbidden): roles "x" is forbidden: not currently held:\n{APIGroups:[""]}\n',
      want: 'roles "x" is forbidden: not currently held',
    },
    {
      name: 'several refusals',
      given: 'Error from server (Forbidden): a\nError from server (Forbidden): b\n',
      want: 'a',
    },
    { name: 'an error of its own', given: 'error: no such command\n', want: 'no such command' },
    { name: 'silence', given: '', want: 'it did not say why' },
  ])('$name', ({ given, want }) => {
    expect(whyOf(given)).toBe(want)
  })
})
