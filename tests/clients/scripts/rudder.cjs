// Hands every message of a plan to @rudderstack/rudder-sdk-node, and says what the library said.
const { readFileSync } = require('node:fs')
const RudderAnalytics = require('@rudderstack/rudder-sdk-node')

const plan = JSON.parse(readFileSync(process.argv[2], 'utf8'))
const errors = []
const analytics = new RudderAnalytics(plan.write_key, {
  dataPlaneUrl: plan.host,
  flushAt: plan.flush_at,
  flushInterval: 200,
  logLevel: 'silly',
  errorHandler: (error) => errors.push(String(error)),
})
let open = plan.messages.length
const settled = (error) => {
  if (error) errors.push(String(error))
  open -= 1
  if (open === 0) {
    console.log(JSON.stringify({ errors }))
    process.exit(0)
  }
}
for (const { type, ...message } of plan.messages) {
  analytics[type](message, settled)
}
