import { writeFile } from 'node:fs/promises'
import { SERVICES_FILE, servicesJson } from './services-json.ts'

/** `npm run protos` */
await writeFile(SERVICES_FILE, servicesJson())
