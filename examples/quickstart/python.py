import segment.analytics as analytics

analytics.write_key = "my-write-key"
analytics.host = "http://127.0.0.1:8080"
analytics.track(
    "user-1",
    "Order Completed",
    {"order_id": "order-1", "revenue": 42.5, "currency": "EUR"},
    context={"traits": {"email": "jane@example.com"}},
)
analytics.shutdown()
