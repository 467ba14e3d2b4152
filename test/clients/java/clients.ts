import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { cached, InstallError, type Report } from '../../../local/toolchain/cache.ts'
import { logged } from '../../../local/toolchain/logged.ts'
import type { Command } from '../client-program.ts'
import type { Client } from '../matrix/client.ts'

const NEEDS = ['java', 'javac', 'mvn']

function sha256(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex')
}

function read(name: string, file: string): string {
  return readFileSync(join(import.meta.dirname, name, file), 'utf8')
}

/** Of a folder with `pom.xml`, the sums of all that it brings, and a program. */
async function program(name: string, report: Report): Promise<Command> {
  const sources = join(import.meta.dirname, name, 'program')
  const files = readdirSync(sources).map(source => join(sources, source))
  const hash = createHash('sha256').update(read(name, 'pom.xml')).update(read(name, 'jars.sha256'))
  for (const file of files) hash.update(readFileSync(file))
  const folder = await cached({
    name: `${name}-program-${hash.digest('hex').slice(0, 12)}`,
    report,
    build: async (into, logFile) => {
      const lib = join(into, 'lib')
      const copy = ['-B', '-q', '-f', join(import.meta.dirname, name, 'pom.xml'), 'dependency:copy-dependencies']
      await logged('mvn', [...copy, '-DincludeScope=runtime', `-DoutputDirectory=${lib}`], { logFile })
      assertAsPinned(lib, name)
      await logged('javac', ['-d', join(into, 'classes'), '-cp', join(lib, '*'), ...files], { logFile })
    },
  })
  const classpath = `${join(folder, 'classes')}:${join(folder, 'lib/*')}`
  return { command: 'java', args: ['-XX:TieredStopAtLevel=1', '-cp', classpath, 'Main'] }
}

/** As sha256sum writes them: of the client, and of all that it brings. */
function assertAsPinned(lib: string, name: string): void {
  const sums = readdirSync(lib).map(jar => `${sha256(join(lib, jar))}  ${jar}`)
  const pinned = read(name, 'jars.sha256').trimEnd().split('\n')
  const other = sums.filter(line => !pinned.includes(line))
  if (other.length > 0 || sums.length !== pinned.length) {
    throw new InstallError(`packages of ${name} are not what they were: ${other.join(', ')}`)
  }
}

function versionOf(name: string, artifact: string): string {
  const pattern = new RegExp(`<artifactId>${artifact}</artifactId>\\s*<version>(.*)</version>`)
  return pattern.exec(read(name, 'pom.xml'))?.[1] ?? ''
}

export const JAVA_CLIENTS: readonly Client[] = [
  {
    id: 'java-client',
    title: 'Java `io.kubernetes:client-java`',
    version: versionOf('official', 'client-java'),
    // It runs the exec plugin for each client that is made: minutes on a busy machine.
    often: false,
    needs: NEEDS,
    prepare: report => program('official', report),
    without: { 'exec with input': 'it fails before the pretended node of the tests, directly as well' },
    differs: {},
  },
  {
    id: 'fabric8',
    title: 'Java fabric8 `kubernetes-client`',
    version: versionOf('fabric8', 'kubernetes-client'),
    often: true,
    needs: NEEDS,
    prepare: report => program('fabric8', report),
    without: {
      table: 'no way to ask for another form of an answer',
      'metadata only': 'no way to ask for another form of an answer',
      gzip: 'it unpacks by itself, and says nothing of it',
      'delete a collection': 'it deletes one by one',
    },
    differs: {},
  },
]
