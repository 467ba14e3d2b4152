import { describe, expect, test } from 'vitest'
import { SPDY, WEBSOCKET } from '../request/a-http-request.ts'
import { asked, type Sent } from './asking.ts'

const SECRET = 'GET /api/v1/namespaces/shop/secrets/db'
const POD = '/api/v1/namespaces/shop/pods/web'
const JSON_BODY = 'application/json'

const subject = (line: string, sent?: Sent) => asked(line, sent).subject

describe('the subject of a no', () => {
  test('is the same however the request is spelt', () => {
    for (const other of [
      `${SECRET}/`,
      `${SECRET}?resourceVersion=0`,
      `${SECRET}?pretty=1`,
      SECRET.replace('GET', 'HEAD'),
    ]) {
      expect(subject(other)).toBe(subject(SECRET))
    }
    expect(subject('GET /api/v1/namespaces/shop/secrets?labelSelector=a')).toBe(
      subject('GET /api/v1/namespaces/shop/secrets?limit=7'),
    )
  })

  test('a delete is one, dry or not, with options here or there', () => {
    const line = `DELETE ${SECRET.slice(4)}`
    expect(subject(`${line}?gracePeriodSeconds=0`)).toBe(subject(line))
    expect(subject(line, { body: '{"dryRun":["All"]}', type: JSON_BODY })).toBe(subject(line))
  })

  test('a body is one, whatever its layout and the order of its members', () => {
    const patch = (body: string, type = 'application/merge-patch+json') =>
      subject('PATCH /apis/apps/v1/namespaces/shop/deployments/web', { body, type })
    expect(patch('{"a":{"c":1,"b":[1,2]}}')).toBe(patch('{ "a": {"b":[1, 2], "c":1} }'))
    expect(patch('{"a":[1,2]}')).not.toBe(patch('{"a":[2,1]}'))
  })

  test('is another one for another object or command', () => {
    expect(subject(`${SECRET}2`)).not.toBe(subject(SECRET))
    expect(subject(SECRET.replace('shop', 'other'))).not.toBe(subject(SECRET))
    const exec = (command: string) => subject(`GET ${POD}/exec?command=${command}`, { headers: WEBSOCKET })
    expect(exec('ls')).not.toBe(exec('id'))
    expect(exec('ls')).toBe(subject(`POST ${POD}/exec?command=ls&stdin=1`, { headers: SPDY }))
  })
})
