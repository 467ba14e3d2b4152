// What somebody who writes to the store can do to batches, before they are answered and meanwhile.
import './tampering.ts'
import './forged.ts'
