import { Analytics } from '@segment/analytics-node'

const analytics = new Analytics({ writeKey: 'my-write-key', host: 'http://127.0.0.1:8080' })
analytics.track({
  userId: 'user-1',
  event: 'Order Completed',
  properties: { order_id: 'order-1', revenue: 42.5, currency: 'EUR' },
  context: { traits: { email: 'jane@example.com' } },
})
await analytics.closeAndFlush()
