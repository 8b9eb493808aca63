const RudderAnalytics = require('@rudderstack/rudder-sdk-node')

const analytics = new RudderAnalytics('my-write-key', { dataPlaneUrl: 'http://127.0.0.1:8080' })
analytics.track({
  userId: 'user-1',
  event: 'Order Completed',
  properties: { order_id: 'order-1', revenue: 42.5, currency: 'EUR' },
  context: { traits: { email: 'jane@example.com' } },
})
analytics.flush()
