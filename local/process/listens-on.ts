import { connect } from 'node:net'

/** Whether somebody accepts connections on a Unix socket. */
export function listensOn(socket: string): Promise<boolean> {
  return new Promise(resolve => {
    const probe = connect(socket)
    probe.once('connect', () => {
      probe.destroy()
      resolve(true)
    })
    probe.once('error', () => resolve(false))
  })
}
