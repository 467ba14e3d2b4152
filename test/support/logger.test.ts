import { describe, expect, test } from 'vitest'
import { createLogger } from '../../src/support/logger.ts'

function logged(write: (log: ReturnType<typeof createLogger>) => void): string {
  const lines: string[] = []
  write(createLogger({ name: 'test', level: 'debug', destination: { write: line => lines.push(line) } }))
  return lines.join('')
}

describe('createLogger', () => {
  test.each([
    { name: 'a header', object: { headers: { authorization: 'Bearer hunter2' } } },
    { name: 'a token', object: { token: 'hunter2' } },
    { name: 'a token further down', object: { answer: { status: { token: 'hunter2' } } } },
    { name: 'a password', object: { store: { password: 'hunter2' } } },
    { name: 'a private key', object: { jwk: { d: 'hunter2', x: 'public' } } },
    { name: 'a body', object: { request: { body: 'hunter2' } } },
  ])('$name does not get into the log', ({ object }) => {
    const line = logged(log => log.info(object, 'something'))
    expect(line).not.toContain('hunter2')
    expect(line).toContain('[redacted]')
  })

  test('an error keeps message and stack, but no password of a URL in it, and no field it carries along', () => {
    const error = Object.assign(new Error('cannot reach redis://user:hunter2@store:6379'), {
      command: { args: ['AUTH', 'hunter2'] },
    })
    const line = logged(log => log.error({ err: error }, 'failed'))
    expect(line).toContain('cannot reach redis://[redacted]@store:6379')
    expect(line).toContain('logger.test.ts')
    expect(line).not.toContain('hunter2')
  })
})
