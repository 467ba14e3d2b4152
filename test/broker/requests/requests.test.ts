// What the broker tells of requests that are on record.
import './why.ts'
import './done.ts'
