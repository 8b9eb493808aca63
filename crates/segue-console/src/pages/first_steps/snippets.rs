//! Programs that send one event.

use maud::{Markup, html};

/// Stands for the write key, which is shown only when a person asks for it.
const KEY: &str = "YOUR_WRITE_KEY";

pub(super) fn snippets(endpoint: &str) -> Markup {
    let all = [
        ("curl", curl(endpoint)),
        ("Node", node(endpoint)),
        ("Python", python(endpoint)),
        ("Browser", browser(endpoint)),
    ];
    html! {
        @for (index, (name, text)) in all.iter().enumerate() {
            details open[index == 0] {
                summary { (name) }
                pre tabindex="0" id=(format!("snippet-{index}")) { (text) }
                button type="button" data-copy-from=(format!("snippet-{index}")) hidden { "Copy the snippet for " (name) }
            }
        }
    }
}

fn curl(endpoint: &str) -> String {
    format!(
        r#"curl {endpoint}/v1/track --user {KEY}: \
  --header 'content-type: application/json' \
  --data '{{"event":"Order Completed","userId":"u-1","properties":{{"order_id":"o-1","revenue":19.9,"currency":"EUR"}}}}'"#
    )
}

fn node(endpoint: &str) -> String {
    format!(
        r"import {{ Analytics }} from '@segment/analytics-node'

const analytics = new Analytics({{ writeKey: '{KEY}', host: '{endpoint}' }})
analytics.track({{
  event: 'Order Completed',
  userId: 'u-1',
  properties: {{ order_id: 'o-1', revenue: 19.9, currency: 'EUR' }},
}})
await analytics.closeAndFlush()"
    )
}

fn python(endpoint: &str) -> String {
    format!(
        r#"import segment.analytics as analytics

analytics.write_key = "{KEY}"
analytics.host = "{endpoint}"
analytics.track("u-1", "Order Completed", {{"order_id": "o-1", "revenue": 19.9, "currency": "EUR"}})
analytics.shutdown()"#
    )
}

fn browser(endpoint: &str) -> String {
    format!(
        r"import {{ AnalyticsBrowser }} from '@segment/analytics-next'

const analytics = AnalyticsBrowser.load({{ writeKey: '{KEY}', cdnURL: '{endpoint}' }})
analytics.track('Order Completed', {{ order_id: 'o-1', revenue: 19.9, currency: 'EUR' }})"
    )
}
