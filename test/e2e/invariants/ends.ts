import { connect } from 'node:net'
import { describe, expect, test } from 'vitest'
import { freePort } from '../../../local/process/ports.ts'
import { stretched, until } from '../../support/until.ts'
import { patientRequest } from '../../support/wire/patient-request.ts'
import { playing, pods, port, send } from './the-guarded-edition.ts'

describe('a lease that ends', () => {
  test('at its time stops requests and cuts what is open within a second', async () => {
    const { app, deployment, inspect } = playing.edition.names
    const short = await playing.lease(inspect, '--ttl', '10s')
    const bearer = await playing.token(short)
    const { expiresAt } = JSON.parse((await playing.leasegate('agent', 'lease', 'show', short, '-o', 'json')).stdout)
    const open = [
      playing.stage.kubectlRunning(['logs', '-f', `deployment/${deployment}`, '-n', app]),
      playing.stage.kubectlRunning([
        'exec',
        `deployment/${deployment}`,
        '-n',
        app,
        '--',
        'sh',
        '-c',
        'echo open; sleep 120',
      ]),
    ]
    await Promise.all(open.map(running => running.saw(/(^|\n)open|server is up/)))
    await Promise.all(open.map(running => running.ended(30_000)))
    expect(Date.now()).toBeGreaterThan(expiresAt - 500)
    expect(Date.now() - expiresAt).toBeLessThan(stretched(1000))
    expect([401, 403]).toContain((await send(`GET ${pods()}`, [], '', bearer)).status)
  })

  test('ends a port-forward as well, which worked until then', async () => {
    const { own, app, deployment } = playing.edition.names
    const mine = await playing.lease(own)
    const local = await freePort()
    const forward = playing.stage.kubectlRunning(['port-forward', `deployment/${deployment}`, `${local}:80`, '-n', app])
    await forward.saw(/Forwarding from 127/)
    const echo = connect(local, '127.0.0.1')
    echo.on('error', () => undefined)
    echo.write('ping')
    let seen = ''
    echo.on('data', data => {
      seen += data
    })
    await until('the echo', () => seen.includes('ping'))
    expect((await playing.leasegate('admin', 'lease', 'revoke', mine)).code).toBe(0)
    expect(await forward.ended(10_000)).toBeLessThan(stretched(1000))
    echo.destroy()
  })

  test('takes its children with it', async () => {
    const { restart, app } = playing.edition.names
    const parent = await playing.lease(restart, '--ttl', '10m')
    const child = await playing.lease(restart, '--ttl', '10m', '--parent', parent, '--namespace', app)
    const lines = [`GET ${pods()} HTTP/1.1`, 'Host: boundary', `Authorization: Bearer ${await playing.token(child)}`]
    expect((await patientRequest(port, lines)).status).toBe(200)
    expect(await playing.leasegate('admin', 'lease', 'revoke', parent)).toMatchObject({ code: 0 })
    expect((await patientRequest(port, lines)).status).toBe(403)
  })
})
