import { describe, expect, test } from 'vitest'
import { credentialAlone } from '../../../src/cli/access/credential-alone.ts'

const BROKER = { LEASEGATE_BROKER_URL: 'https://127.0.0.1:1' }

describe('credential without what reads command lines', () => {
  test.each([
    { args: ['credential'] },
    { args: ['credential', '--help', 'x'] },
    { args: ['credential', '--lease', '--help'] },
    { args: ['credential', '--lease=lse_1', 'x'] },
    { args: ['credential', '--lease', 'lse_1', '--context', 'other'] },
    { args: ['lease', '--lease', 'lse_1'] },
    { args: ['credential', '--lease', 'lse_1'], env: {} },
  ])('leaves $args to it, where the environment is $env', async ({ args, env = BROKER }) => {
    expect(await credentialAlone(args, env)).toBe(false)
  })
})
