import { Script, startScripted } from './scripted-authorizer.ts'

/** An authorizer that allows everything, as a process that can be killed: `node authorizer-process.ts SOCKET`. */
await startScripted(process.argv[2] ?? '', 'process', new Script())
