// One set of servers and sentinels for all of it.
import './failovers.ts'
import './told.ts'
import './tls.ts'
