// Leases that one agent hands to another, at one broker.
import './handed-lease.ts'
import './limits.ts'
import './questions.ts'
