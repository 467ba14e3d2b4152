import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { cached, InstallError, type Report } from '../../../local/toolchain/cache.ts'
import { logged } from '../../../local/toolchain/logged.ts'
import type { Command } from '../client-program.ts'
import type { Client } from '../matrix/client.ts'

const FABRIC8 = join(import.meta.dirname, 'fabric8')
const POM = readFileSync(join(FABRIC8, 'pom.xml'), 'utf8')
/** As sha256sum writes them: of the client, and of all that it brings. */
const JARS = readFileSync(join(FABRIC8, 'jars.sha256'), 'utf8')

async function program(report: Report): Promise<Command> {
  const sources = readdirSync(join(FABRIC8, 'program')).map(name => join(FABRIC8, 'program', name))
  const hash = createHash('sha256').update(POM).update(JARS)
  for (const source of sources) hash.update(readFileSync(source))
  const folder = await cached({
    name: `fabric8-program-${hash.digest('hex').slice(0, 12)}`,
    report,
    build: async (into, logFile) => {
      const lib = join(into, 'lib')
      const copy = ['-B', '-q', '-f', join(FABRIC8, 'pom.xml'), 'dependency:copy-dependencies']
      await logged('mvn', [...copy, '-DincludeScope=runtime', `-DoutputDirectory=${lib}`], { logFile })
      assertAsPinned(lib)
      await logged('javac', ['-d', join(into, 'classes'), '-cp', join(lib, '*'), ...sources], { logFile })
    },
  })
  const classpath = `${join(folder, 'classes')}:${join(folder, 'lib/*')}`
  return { command: 'java', args: ['-XX:TieredStopAtLevel=1', '-cp', classpath, 'Main'] }
}

function assertAsPinned(lib: string): void {
  const sums = readdirSync(lib)
    .sort()
    .map(
      name =>
        `${createHash('sha256')
          .update(readFileSync(join(lib, name)))
          .digest('hex')}  ${name}`,
    )
  const pinned = JARS.trimEnd().split('\n')
  const other = sums.filter(line => !pinned.includes(line))
  if (other.length > 0 || sums.length !== pinned.length) {
    throw new InstallError(`packages of fabric8 are not what they were: ${other.join(', ')}`)
  }
}

export const JAVA_CLIENTS: readonly Client[] = [
  {
    id: 'fabric8',
    title: 'Java fabric8 `kubernetes-client`',
    version: /<artifactId>kubernetes-client<\/artifactId>\s*<version>(.*)<\/version>/.exec(POM)?.[1] ?? '',
    often: true,
    needs: ['java', 'javac', 'mvn'],
    prepare: program,
    without: {
      table: 'no way to ask for another form of an answer',
      'metadata only': 'no way to ask for another form of an answer',
      gzip: 'it unpacks by itself, and says nothing of it',
      'delete a collection': 'it deletes one by one',
    },
    differs: {},
  },
]
