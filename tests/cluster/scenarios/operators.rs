//! What operators see of several machines.

use serde_json::Value;

use super::{eventually, ids};
use crate::cluster::{Cluster, Plan};
use crate::context::Context;
use graph_sandbox::Script;

/// `status`, `dead-letters` and `check` by the settings, `history` and `trace` by the folder of a machine.
pub(super) async fn operators(context: Context, name: &'static str) -> String {
    let plan = Plan::new(name, context.shared_brokers().await);
    let mut cluster = Cluster::start(&context, plan).await;
    let all = ids(name, 20);
    cluster.set_script(Script::default().refuse([&*all[7]], 100, Some(2_804_050)));
    assert_eq!(cluster.post(0, &all).await, Some(200));
    eventually(30, "a dead letter", async || {
        let listed = cluster
            .segue(&["dead-letters", "list", "--format", "json"])
            .await;
        assert!(
            listed.status.success(),
            "{}",
            String::from_utf8_lossy(&listed.stderr)
        );
        let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
        listed.lines().count() == 1 && listed.contains(&all[7])
    })
    .await;
    let listed = text(&cluster, &["dead-letters", "list"]).await;
    assert!(
        listed.contains("segue dead-letters replay") && listed.contains("--settings"),
        "{listed}"
    );
    eventually(30, "the status of both machines", async || {
        let status = text(&cluster, &["status", "--format", "json"]).await;
        let status: Value = serde_json::from_str(&status).expect("JSON");
        let shop = &status["destinations"]["shop"];
        shop["delivered"] == 19 && shop["backlog"] == 0
    })
    .await;
    // Machines count the dead letters every few seconds.
    eventually(30, "advice about the dead letter", async || {
        let status = text(&cluster, &["status"]).await;
        status.contains("dead-letters list --settings")
    })
    .await;
    for command in [&["check"][..], &["log", "check"]] {
        let checked = cluster.segue(command).await;
        let said = String::from_utf8_lossy(&checked.stderr);
        assert!(checked.status.success(), "{said}");
        assert!(
            said.contains("sync_interval: always at all 3 servers"),
            "{said}"
        );
    }
    // Counts of the last minute are written at the end.
    cluster.nodes[0].stop().await;
    let folder = cluster.nodes[0].data();
    for command in [
        &["history", "--format", "json"][..],
        &["trace", &all[3], "--format", "json"],
    ] {
        let output = cluster
            .command(command)
            .arg("--data-dir")
            .arg(&folder)
            .output()
            .await;
        let output = output.expect("it runs");
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        assert!(said.contains("shop"), "{command:?}: {said}");
    }
    let purged = text(&cluster, &["dead-letters", "purge", "--yes"]).await;
    assert!(purged.contains('1'), "{purged}");
    "status, check and dead letters by the settings, history and trace by a machine's folder"
        .to_owned()
}

async fn text(cluster: &Cluster, arguments: &[&str]) -> String {
    let output = cluster.segue(arguments).await;
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {said}");
    let text = String::from_utf8_lossy(&output.stdout);
    // Lines are wrapped to the width of a terminal.
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
