import { ensureHelm } from '../../../local/toolchain/helm.ts'
import { describeHelm } from './releases.ts'

describeHelm({ title: 'helm', ensure: ensureHelm, waits: 'watch', asksInVain: [] })
