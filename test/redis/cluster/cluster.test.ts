// One set of nodes for all of it, as a start takes longer than most of these.
import './served.ts'
import './slots.ts'
import './failovers.ts'
import './operated.ts'
