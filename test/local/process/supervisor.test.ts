import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { assertFree, freePort } from '../../../local/process/ports.ts'
import { type Program, Supervisor } from '../../../local/process/supervisor.ts'
import { until } from '../../support/until.ts'

const folder = await mkdtemp(join(tmpdir(), 'lg-supervisor-'))
let programs = 0

/** A program that runs a shell script and is ready when the script has written its file: one that is there may be empty yet. */
function aProgram(script: string, given: Partial<Program> = {}): Program & { readonly file: string } {
  const name = `program-${programs++}`
  const file = join(folder, name)
  return {
    name,
    command: 'sh',
    args: ['-c', script],
    env: { FILE: file },
    logFile: `${file}.log`,
    isReady: async () => readFileSync(file, 'utf8') !== '',
    file,
    ...given,
  }
}

/** One that has ended is gone, though whose orphan it became may take seconds to ask how it ended. */
function isAlive(pid: number): boolean {
  const { status, stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' })
  return status === 0 && !stdout.startsWith('Z')
}

describe('Supervisor', () => {
  test('a program that ends before it is ready is named, with its last words and its log', async () => {
    const program = aProgram('echo "address in use" >&2; exit 3')
    const starting = new Supervisor().start(program)
    await expect(starting).rejects.toThrow(/program-\d+ ended at once \(exit code 3\).*\n.*address in use\n.*\.log/)
  })

  test('a program that is not ready in time is an error', async () => {
    const supervisor = new Supervisor()
    const program = aProgram('sleep 30', { readyWithinMs: 100 })
    await expect(supervisor.start(program)).rejects.toThrow('was not ready within 0.1 s')
    await supervisor.stop()
  })

  test('a question for readiness that is never answered does not hold up the deadline', async () => {
    const supervisor = new Supervisor()
    const program = aProgram('sleep 30', { readyWithinMs: 100, isReady: () => new Promise(() => undefined) })
    await expect(supervisor.start(program)).rejects.toThrow('was not ready within 0.1 s')
    await supervisor.stop()
  })

  test('a program sees nothing of our environment but what every program needs, and what it is given', async () => {
    process.env['CLOUD_SECRET'] = 'not-a-real-one'
    const supervisor = new Supervisor()
    const program = aProgram('env > $FILE.env; echo up > $FILE; sleep 30')
    await supervisor.start(program)
    const seen = await readFile(`${program.file}.env`, 'utf8')
    expect(seen).toContain(`FILE=${program.file}\n`)
    expect(seen).toMatch(/^PATH=/m)
    expect(seen).not.toContain('CLOUD_SECRET')
    await supervisor.stop()
    delete process.env['CLOUD_SECRET']
  })

  test('a command that does not exist is an error, not a crash', async () => {
    await expect(new Supervisor().start(aProgram('', { command: '/no/such/program' }))).rejects.toThrow(/ENOENT/)
  })

  test('the last one started is ended first, children of programs too', async () => {
    const supervisor = new Supervisor()
    const order = join(folder, 'order')
    const script = (n: number) => `trap "echo ${n} >> ${order}; exit 0" TERM; sleep 60 & echo $! > $FILE; wait`
    const first = aProgram(script(1))
    const second = aProgram(script(2))
    for (const program of [first, second]) await supervisor.start(program)
    const children = await Promise.all([first, second].map(async ({ file }) => Number(await readFile(file, 'utf8'))))
    await supervisor.stop()
    expect(await readFile(order, 'utf8')).toBe('2\n1\n')
    await until('children to be gone', () => children.every(pid => !isAlive(pid)))
  })

  test('a program that ends takes its own programs along', async () => {
    const supervisor = new Supervisor()
    const program = aProgram('sleep 60 & echo $! > $FILE; read -r line < $FILE; sleep 0.2', {})
    await supervisor.start(program)
    const grandchild = Number(await readFile(program.file, 'utf8'))
    await until('the grandchild to be gone', () => !isAlive(grandchild))
    await supervisor.stop()
  })

  test('nothing is started any more once all is being stopped', async () => {
    const supervisor = new Supervisor()
    await supervisor.stop()
    await expect(supervisor.start(aProgram('echo up > $FILE; sleep 60'))).rejects.toThrow('all is being stopped')
  })

  test.each([
    { name: 'by an error', dies: "throw new Error('parent dies')" },
    { name: 'by a signal that nobody can handle', dies: "process.kill(process.pid, 'SIGKILL')" },
    { name: 'with its terminal', dies: "process.kill(process.pid, 'SIGHUP')" },
  ])('whoever starts programs and dies $name takes them along', async ({ dies }) => {
    const file = join(folder, `orphan-${programs++}`)
    const source = join(import.meta.dirname, '../../../local/process/supervisor.ts')
    const script = `${file}.ts`
    await writeFile(
      script,
      `import { Supervisor } from ${JSON.stringify(source)}
       import { readFileSync } from 'node:fs'
       const file = ${JSON.stringify(file)}
       await new Supervisor().start({ name: 'x', command: 'sh', args: ['-c', 'echo $$ > ' + file + '; sleep 60'],
         logFile: file + '.log', isReady: async () => readFileSync(file, 'utf8') !== '' })
       ${dies}`,
    )
    const parent = spawn(process.execPath, [script], { stdio: 'ignore' })
    await new Promise(resolve => parent.once('exit', resolve))
    const pid = Number(await readFile(file, 'utf8'))
    await until('the program to be gone', () => !isAlive(pid))
  })

  test.each([
    { name: 'as it should', ends: 'await supervisor.stop()' },
    { name: 'by a signal that nobody can handle', ends: "process.kill(process.pid, 'SIGKILL')" },
  ])('folders of folders go with whoever ends $name, and files stay', async ({ ends }) => {
    const gone = join(folder, `gone-${programs++}`)
    const kept = join(folder, `kept-${programs}`)
    for (const each of [gone, kept]) await mkdir(join(each, 'a', 'b'), { recursive: true })
    await writeFile(join(kept, 'a', 'file'), 'x')
    const source = join(import.meta.dirname, '../../../local/process/supervisor.ts')
    await writeFile(
      `${gone}.ts`,
      `import { Supervisor } from ${JSON.stringify(source)}
       const supervisor = new Supervisor()
       for (const each of ${JSON.stringify([gone, kept])}) supervisor.removeAtEnd(each)
       ${ends}`,
    )
    const parent = spawn(process.execPath, [`${gone}.ts`], { stdio: 'ignore' })
    await new Promise(resolve => parent.once('exit', resolve))
    await until('the folder to be gone', () => !existsSync(gone))
    await until('what can go of the other', () => !existsSync(join(kept, 'a', 'b')))
    expect(await readFile(join(kept, 'a', 'file'), 'utf8')).toBe('x')
  })

  test('an unasked end is told of, an asked one is not', async () => {
    const told: string[] = []
    const supervisor = new Supervisor(({ name }) => void told.push(name))
    const dies = aProgram('echo up > $FILE; exit 0')
    const lives = aProgram('echo up > $FILE; sleep 60')
    await supervisor.start(dies).catch(() => undefined)
    await supervisor.start(lives)
    await supervisor.end(lives.name)
    await until('the news', () => told.length > 0)
    expect(told).toEqual([dies.name])
    await supervisor.stop()
  })
})

describe('assertFree', () => {
  test('names the port, what it is for, and the option that changes it', async () => {
    const port = await freePort()
    await expect(assertFree(port, 'boundary', '--port')).resolves.toBeUndefined()
    const { createServer } = await import('node:net')
    const server = createServer().listen(port, '127.0.0.1')
    await new Promise(resolve => server.once('listening', resolve))
    await expect(assertFree(port, 'boundary', '--port')).rejects.toThrow(`port ${port} (boundary) is in use`)
    server.close()
  })
})
