//! Streams that promise less than they should.

use serde_json::{Value, json};

use crate::cluster::{Cluster, Plan};
use crate::context::Context;
use crate::nats::change_stream;

/// Each weakness is refused with a sentence by `serve`, and `segue log create` mends it.
pub(super) async fn weak_streams(context: Context, name: &'static str) -> String {
    let plan = Plan {
        roles: &[],
        ..Plan::new(name, context.shared_brokers().await)
    };
    let cluster = Cluster::start(&context, plan).await;
    let port = cluster.brokers.client_port(0);
    let stream = format!("_{name}_EV_shop-");
    type Weaken = fn(&mut Value);
    let weaknesses: [(Weaken, &str); 3] = [
        (
            |config| config["num_replicas"] = json!(1),
            "has 1 replicas, and 3 are needed",
        ),
        (
            |config| config["discard"] = json!("old"),
            "drops old events when it is full",
        ),
        (
            |config| {
                config["max_age"] = json!(3_600_000_000_000_u64);
                config["duplicate_window"] = json!(120_000_000_000_u64);
            },
            "drops events after 3600 seconds",
        ),
    ];
    for (weaken, sentence) in weaknesses {
        change_stream(port, &stream, weaken).await;
        let serve = [
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--ops-listen",
            "127.0.0.1:0",
        ];
        for command in [&serve[..], &["log", "check"]] {
            let started = cluster.segue(command).await;
            let said = String::from_utf8_lossy(&started.stderr);
            let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(
                !started.status.success() && said.contains(sentence),
                "{said}"
            );
        }
        cluster.create_streams().await;
        let checked = cluster.segue(&["log", "check"]).await;
        let said = String::from_utf8_lossy(&checked.stderr);
        assert!(checked.status.success(), "{said}");
    }
    "one replica, old events dropped, an age limit: each refused with a sentence, and mended by `segue log create`".to_owned()
}
