// What needs no more than a lease in an edition as it is, in one edition. The last one ends the tap.
import './admission.ts'
import './sessions-live.ts'
import './sessions.ts'
