import { addAuthorization } from '../../src/envoy/server/authorization-server.ts'
import { startGrpcServer } from '../../src/envoy/server/grpc-server.ts'

/** Answers every check at once: what the wire alone costs, to compare with. */
await startGrpcServer({
  door: { kind: 'unix', path: process.argv[2] ?? '' },
  addServices: server =>
    addAuthorization(server, {
      admit: async () => null,
      check: async ({ id }) => ({
        kind: 'allow',
        key: { auditId: id, decidedAt: 0, agent: 'a', lease: 'l' },
        identity: { user: 'leasegate:a', groups: ['leasegate:agents'], extras: {} },
        streamMs: 1000,
        timeoutSeconds: null,
        warning: null,
      }),
      failed: (_, error) => {
        throw error
      },
      onFailure: () => undefined,
    }),
})
