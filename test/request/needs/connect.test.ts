import { describe, expect, test } from 'vitest'
import { read, SPDY, WEBSOCKET } from '../a-http-request.ts'

const POD = '/api/v1/namespaces/x/pods/p'
const NOTHING = { command: [], container: '', stdin: false, tty: false }

describe('streamTarget', () => {
  test.each([
    { query: 'command=ls', want: { command: ['ls'] } },
    {
      query: 'command=sh&command=-c&container=c&command=ls+-l%20%26%26+id',
      want: { command: ['sh', '-c', 'ls -l && id'], container: 'c' },
    },
    { query: 'command=printf&command=a%0Ab%00', want: { command: ['printf', 'a\nb\u0000'] } },
    { query: 'command=&command', want: { command: ['', ''] } },
    { query: 'stdin=true&tty=1', want: { stdin: true, tty: true } },
    { query: 'stdin&tty=', want: { stdin: true, tty: true } },
    { query: 'stdin=0&tty=FALSE', want: {} },
    { query: 'stdin=no', want: { stdin: true } },
    { query: '', want: {} },
  ])('of exec with "$query" is $want', ({ query, want }) => {
    expect(read(`GET ${POD}/exec?${query}`, { headers: WEBSOCKET }).stream).toEqual({ ...NOTHING, ...want })
    expect(read(`POST ${POD}/exec?${query}`, { headers: SPDY }).stream).toEqual({ ...NOTHING, ...want })
  })

  test('of attach has no command, whatever the query says', () => {
    const attach = read(`POST ${POD}/attach?command=ls&container=c&stdin=1`, { headers: SPDY })
    expect(attach.stream).toEqual({ ...NOTHING, container: 'c', stdin: true })
  })

  test('is nothing for other requests', () => {
    expect(read(`GET ${POD}/portforward?command=ls`, { headers: WEBSOCKET }).stream).toBeNull()
    expect(read(`GET ${POD}/log?command=ls`).stream).toBeNull()
    expect(read('GET /apis/apps/v1/namespaces/x/pods/p/exec?command=ls').stream).toBeNull()
  })
})
