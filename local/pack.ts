import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { packClient } from './release/client/pack.ts'

const USAGE = `npm run pack -- [--out FOLDER]
  makes the npm package of the program for agents and approvers; the tarball goes to FOLDER (dist)`

const { values } = parseArgs({
  options: { out: { type: 'string', default: 'dist' }, help: { type: 'boolean', short: 'h', default: false } },
})
if (values.help) process.stdout.write(`${USAGE}\n`)
else process.stdout.write(`${await packClient(resolve(values.out))}\n`)
