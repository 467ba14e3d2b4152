import type { Report } from '../../../local/toolchain/cache.ts'
import { ensureHelm } from '../../../local/toolchain/helm.ts'
import { buildClientGo } from '../../clients/go/client-go.ts'
import { CLIENTS } from '../../clients/matrix/clients.ts'
import { lacking } from '../../clients/matrix/lacking.ts'
import { ensureMcpServer } from '../../clients/mcp/mcp-server.ts'
import { HELM_3 } from '../../clients/tools/tools.ts'
import { buildSuite } from '../../upstream/suite.ts'
import { buildEnvtest } from '../cluster/envtest.ts'
import { ensureOtherEnvoy } from '../envoy/other-envoy.ts'
import { buildOracle } from './go-oracle.ts'

/** Every program that only tests want, before any test looks at a clock. */
export async function buildTestPrograms(report: Report): Promise<void> {
  for (const build of [
    ensureHelm,
    HELM_3.ensure,
    buildOracle,
    buildEnvtest,
    buildClientGo,
    ensureOtherEnvoy,
    buildSuite,
  ])
    await build(report)
  for (const client of CLIENTS.filter(each => each.often && lacking(each) === null)) await client.prepare(report)
  await ensureMcpServer(report)
}
