import { describe, expect, test } from 'vitest'
import { parseCredentials } from '../../../src/record/copies/s3-credentials.ts'

describe('parseCredentials', () => {
  test('takes the profile default, as AWS writes it', () => {
    const text =
      '[other]\naws_access_key_id = no\naws_secret_access_key = no\n\n[default]\r\naws_access_key_id=AKIA\r\naws_secret_access_key = a/b+c=\naws_session_token = t\n[last]\naws_access_key_id = no\n'
    expect(parseCredentials(text)).toEqual({
      kind: 'ok',
      value: { accessKeyId: 'AKIA', secretAccessKey: 'a/b+c=', sessionToken: 't' },
    })
  })

  test.each([
    '',
    '[default]\naws_access_key_id = AKIA\n',
    '[other]\naws_access_key_id = A\naws_secret_access_key = hidden\n',
  ])('%j has none, and is not repeated', text => {
    const parsed = parseCredentials(text)
    expect(parsed).toMatchObject({ kind: 'problem', message: expect.not.stringContaining('hidden') })
  })
})
