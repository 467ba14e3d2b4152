import { describe, expect, test } from 'vitest'
import { inboxPage } from '../../../src/broker/console/pages/inbox.ts'
import { leasesPage } from '../../../src/broker/console/pages/leases.ts'

const NOT_ALL = 'This is not all: 01, 03 of the store do not answer'
const none = { items: [], next: null }
const some = { ...none, missing: ['01', '03'] }
const inbox = async (questions: typeof none, holds: [] | null) =>
  String(await inboxPage({ questions, said: new Map(), holds, now: 0 }))

describe('a list of which a part is away', () => {
  test('says so above what is there, and calls nothing empty', async () => {
    expect(await inbox(some, [])).toContain(NOT_ALL)
    expect(await inbox(some, [])).not.toContain('Nothing waits for an answer.')
    const leases = String(await leasesPage(some, 0))
    expect(leases).toContain(NOT_ALL)
    expect(leases).not.toContain('Nobody holds a lease.')
  })

  test('is taken in by an open page when it changes', async () => {
    const versionOf = (html: string) => /data-live="([^"]*)"/.exec(html)?.[1]
    expect(versionOf(await inbox(some, []))).not.toBe(versionOf(await inbox(none, [])))
    expect(versionOf(String(await leasesPage(some, 0)))).not.toBe(versionOf(String(await leasesPage(none, 0))))
  })

  test('who is held is said not to be known where it is not', async () => {
    expect(await inbox(none, null)).toContain('Which agents are held is not known at the moment.')
    expect(await inbox(none, [])).not.toContain('is not known')
  })
})
