// What has the story's names in it, in one edition.
import './api.ts'
import './mcp-http.ts'
import './newcomers.ts'
