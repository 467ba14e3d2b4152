// The console, page by page, of one broker.
import './question.ts'
import './from-elsewhere.ts'
import './words-of-agents.ts'
import './every-page.ts'
import './leases-and-agents.ts'
