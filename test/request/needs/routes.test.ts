import { describe, expect, test } from 'vitest'
import { read, SPDY, WEBSOCKET } from '../a-http-request.ts'

const POD = '/api/v1/namespaces/x/pods/p'

describe('isLongRunning', () => {
  test.each([
    { request: 'GET /api/v1/pods?watch=true' },
    { request: 'GET /api/v1/watch/namespaces/x/pods' },
    { request: `GET ${POD}/log?follow=true` },
    { request: `GET ${POD}/log?follow` },
    { request: `GET ${POD}/proxy/a` },
    { request: 'POST /api/v1/nodes/n/proxy/run/x/p/c' },
    { request: 'GET /api/v1/proxy/nodes/n' },
    { request: `GET ${POD}/exec`, headers: WEBSOCKET },
    { request: `POST ${POD}/portforward`, headers: SPDY },
  ])('$request may outlive its lease', ({ request, headers = [] }) => {
    expect(read(request, { headers }).longRunning).toBe(true)
  })

  test.each([
    ...[
      'GET /api/v1/pods',
      'GET /api/v1/pods?watch=0',
      `GET ${POD}?watch=1`,
      `GET ${POD}/log`,
      `GET ${POD}/log?follow=0`,
    ],
    ...['GET /api/v1/pods?follow=1', 'DELETE /api/v1/pods?watch=1', 'GET /version?watch=1', `POST ${POD}/eviction`],
  ])('%s ends by itself', request => {
    expect(read(request).longRunning).toBe(false)
  })
})
