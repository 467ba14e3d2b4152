import { hash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { nameOf, toCopyName } from '../../../src/record/copies/copy.ts'
import { S3Error } from '../../../src/record/copies/s3-bucket.ts'
import { type S3Place, s3Reader, s3Taker } from '../../../src/record/copies/s3-copies.ts'
import { type S3Server, startS3Server } from './an-s3-server.ts'

let server: S3Server
let place: S3Place

beforeAll(async () => {
  server = await startS3Server()
  place = await server.bucket('locked', true)
})

afterAll(() => server[Symbol.asyncDispose]())

const LOCK = { mode: 'compliance', days: 1 } as const
const noteOf = (size: number) => `leasegate/ledger/tap\n${size}\n${hash('sha256', `${size}`, 'base64')}\n\n— tap AAAA\n`
const namedOf = (size: number) => toCopyName('tap', '2026-11-29', noteOf(size)) ?? ''
const listed = async (atOnce?: number) => (await Array.fromAsync(s3Reader(place, atOnce).list())).map(nameOf)

describe('s3Taker and s3Reader', () => {
  test('what was put is listed, however many come at once, and read', async () => {
    for (const size of [1, 2, 3, 4, 5]) await s3Taker(place, LOCK).put(namedOf(size), noteOf(size))
    const wanted = [1, 2, 3, 4, 5].map(namedOf)
    expect(await listed()).toEqual(wanted)
    expect(await listed(2)).toEqual(wanted)
    const [first] = await Array.fromAsync(s3Reader(place).list())
    expect(await s3Reader(place).read(first!)).toBe(noteOf(1))
  })

  test('what is locked is there after somebody with every right wrote over it, hid it and tried to delete it', async () => {
    const key = `locked/here/${namedOf(6)}`
    await s3Taker(place, LOCK).put(namedOf(6), noteOf(6))
    const [put] = (await Array.fromAsync(s3Reader(place).list())).filter(({ size }) => size === 6)
    await s3Taker(place, LOCK).put(namedOf(6), 'something else')
    expect(await server.ask('DELETE', key)).toBe(204)
    expect(await server.ask('GET', key)).toBe(404)
    expect(await server.ask('DELETE', `${key}?versionId=${put?.version}`)).toBe(403)
    const there = (await Array.fromAsync(s3Reader(place).list())).filter(({ size }) => size === 6)
    expect(await Promise.all(there.map(s3Reader(place).read))).toContain(noteOf(6))
  })

  test('a bucket without object lock takes nothing', async () => {
    const open = await server.bucket('unlocked', false)
    await expect(s3Taker(open, LOCK).put(namedOf(1), noteOf(1))).rejects.toThrow(S3Error)
  })

  test.each([
    { name: 'another secret', change: { credentials: 'wrong' }, want: /403 SignatureDoesNotMatch/ },
    { name: 'a bucket that is not there', change: { bucket: 'nowhere' }, want: /404 NoSuchBucket/ },
    { name: 'nobody who listens', change: { url: 'http://127.0.0.1:1' }, want: /nobody listens there/ },
  ])('with $name it says so, and nothing that is secret', async ({ change, want }) => {
    const credentialsFile = `${place.credentialsFile}-other`
    const secret = change.credentials ?? 'a-secret-of-this-test'
    await writeFile(credentialsFile, `[default]\naws_access_key_id=leasegate\naws_secret_access_key=${secret}\n`)
    const other = { ...place, ...change, credentialsFile }
    await expect(s3Taker(other, LOCK).put(namedOf(1), noteOf(1))).rejects.toThrow(want)
  })
})
