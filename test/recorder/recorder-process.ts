import { startRecorder } from '../../src/recorder/start-recorder.ts'
import { MemorySink } from './memory-sink.ts'
import { openRaw } from './raw-decoder.ts'

/** A recorder as a process that can be killed: `node recorder-process.ts SOCKET`. */
const socket = process.argv[2] ?? ''
await startRecorder({ kind: 'unix', path: socket }, { sink: new MemorySink(), openDecoder: openRaw })
