/** Frames as an API server writes them into a tunnel. */

const CLOSE = 8
const BINARY = 2

/** RFC 6455: whole, unmasked. */
function websocket(opcode: number, payload: Buffer): Buffer {
  const { length } = payload
  const head =
    length < 126
      ? Buffer.from([0x80 + opcode, length])
      : length < 65_536
        ? Buffer.from([0x80 + opcode, 126, length >> 8, length & 255])
        : Buffer.concat([Buffer.from([0x80 + opcode, 127, 0, 0, 0, 0]), uint32(length)])
  return Buffer.concat([head, payload])
}

/** A message of one of Kubernetes' channels: 1 and 2 are what a command writes, 3 is what it came to. */
export function onChannel(channel: number, text: string | object): Buffer {
  const data = typeof text === 'string' ? text : JSON.stringify(text)
  return websocket(BINARY, Buffer.concat([Buffer.from([channel]), Buffer.from(data)]))
}

/** The last frame of a WebSocket: closed, for no other reason than that all is said. */
export const CLOSED = websocket(CLOSE, Buffer.from([0x03, 0xe8]))

/** SPDY/3.1: the last frame of a connection. */
export const GOAWAY = Buffer.from([0x80, 3, 0, 7, 0, 0, 0, 8, 0, 0, 0, 1, 0, 0, 0, 0])

/** SPDY/3.1: data of one of the streams. */
export function onStream(stream: number, data: string): Buffer {
  const length = Buffer.byteLength(data)
  return Buffer.concat([uint32(stream), Buffer.from([0, 0, length >> 8, length & 255]), Buffer.from(data)])
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

export const SUCCESS = { metadata: {}, status: 'Success' }

export function exited(code: number): object {
  return {
    ...{ metadata: {}, status: 'Failure', reason: 'NonZeroExitCode' },
    message: `command terminated with non-zero exit code: ${code}`,
    details: { causes: [{ reason: 'ExitCode', message: String(code) }] },
  }
}
