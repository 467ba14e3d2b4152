import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { packClient } from './release/client/pack.ts'
import { packSingle } from './release/client/single.ts'

const USAGE = `npm run pack -- [--single] [--out FOLDER]
  makes the npm package of the program for agents and approvers; the tarball goes to FOLDER (dist)
  --single   one executable instead, with Node.js in it, for machines like this one`

const { values } = parseArgs({
  options: {
    single: { type: 'boolean', default: false },
    out: { type: 'string', default: 'dist' },
    help: { type: 'boolean', short: 'h', default: false },
  },
})
const pack = values.single ? packSingle : packClient
if (values.help) process.stdout.write(`${USAGE}\n`)
else process.stdout.write(`${await pack(resolve(values.out))}\n`)
