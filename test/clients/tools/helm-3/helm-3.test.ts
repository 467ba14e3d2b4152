import { describeHelm } from '../../helm/releases.ts'
import { HELM_3 } from '../tools.ts'

describeHelm({
  title: `helm ${HELM_3.version}`,
  ensure: HELM_3.ensure,
  waits: 'list',
  asksInVain: ['get namespaces'],
})
