// What asks for leases of its own, in one edition. The first one counts all that was ever asked.
import './metrics.ts'
import './kept-tokens.ts'
import './login.ts'
