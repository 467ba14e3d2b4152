import { createServer } from 'node:http2'

/* node:http2 doing nothing: it takes each call, and answers so many bytes, read as nothing and made of nothing. The floor of any server in it. */
const ANSWER = Buffer.alloc(Number(process.argv[3]))
ANSWER.writeUInt32BE(ANSWER.length - 5, 1)

const server = createServer()
server.on('stream', stream => {
  stream.on('data', () => undefined)
  stream.on('end', () => {
    stream.respond({ ':status': 200, 'content-type': 'application/grpc+proto' }, { waitForTrailers: true })
    stream.once('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
    stream.end(ANSWER)
  })
  stream.on('error', () => undefined)
})
server.listen(process.argv[2])
