// Hands every message of a plan to @segment/analytics-node, and says what the library said.
import { readFileSync } from 'node:fs'
import { Analytics } from '@segment/analytics-node'

const plan = JSON.parse(readFileSync(process.argv[2], 'utf8'))
const errors = []
const analytics = new Analytics({
  writeKey: plan.write_key,
  host: plan.host,
  flushAt: plan.flush_at,
  flushInterval: 200,
})
analytics.on('error', ({ code, reason }) => errors.push(`${code}: ${reason}`))
for (const { type, ...message } of plan.messages) {
  analytics[type](message)
}
await analytics.closeAndFlush({ timeout: 120_000 })
console.log(JSON.stringify({ errors }))
