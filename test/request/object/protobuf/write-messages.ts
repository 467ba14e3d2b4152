import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { kubernetesMessages } from './kubernetes-messages.ts'

/** After a change of the API server's version: `node test/request/object/protobuf/write-messages.ts`. */
const file = join(import.meta.dirname, '../../../../src/request/object/protobuf/messages.json')
await writeFile(file, await kubernetesMessages())
