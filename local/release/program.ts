import { join, relative } from 'node:path'
import { bundle } from './bundle.ts'

/** For the image, run by the Dockerfile in a folder with what the image has: `program` beside `src`, wherever both are put. */
const ROOT = join(import.meta.dirname, '../..')

await bundle({
  root: ROOT,
  into: join(ROOT, 'program'),
  placeOf: path => `__dirname + ${JSON.stringify(`/../${relative(ROOT, path)}`)}`,
  nativeAs: id => id,
})
