// What is asked under a lease for everything, in one edition.
import './libraries.ts'
import './can-i.ts'
import './cut.ts'
import './plugin-runs.ts'
import './two-tokens.ts'
