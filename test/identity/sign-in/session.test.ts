import { expect, test } from 'vitest'
import { openSession, sealSession } from '../../../src/identity/sign-in/session.ts'
import { testKeys } from '../../support/keys.ts'

test('whoever may sign in stays signed in, however many groups the identity token names', async () => {
  const { signing, verify } = await testKeys()
  // An identity token is 16,384 characters at most, of which these are three quarters.
  const groups = Array.from({ length: 414 }, (_, index) => `group-with-a-long-name-${index}`)
  const session = {
    id: 'a'.repeat(64),
    issuer: 'people',
    iss: 'https://login.example.com',
    audience: 'leasegate',
    subject: 'hana',
    claims: { groups },
    formToken: 'f'.repeat(43),
    startedAt: 1,
    endsAt: 2,
  }
  expect(JSON.stringify(session.claims).length).toBeLessThan(12_288)
  expect(await openSession(await sealSession(session, signing), verify)).toEqual(session)
})
