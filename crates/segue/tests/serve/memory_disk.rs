//! The disk of the match memory is full.

use graph_sandbox::Sandbox;

use crate::memory::{SERVE, WITH_MEMORY, anonymous_id, identify, pay, user_data};
use crate::server::{Graph, Place, eventually};

/// A file system of its own for the memory, slightly larger than the space that it leaves to others.
const SMALL_DISK: &str = "mkdir -p data/memory && mount -t tmpfs -o size=72m tmpfs data/memory";

/// Whether this machine lets a test have a file system of its own.
fn can_mount(place: &Place) -> bool {
    let tried = std::process::Command::new("unshare")
        .args(["-rm", "sh", "-c", SMALL_DISK])
        .current_dir(place.path("."))
        .output();
    tried.is_ok_and(|output| output.status.success())
}

#[test]
fn a_full_disk_stops_learning_and_nothing_else_until_there_is_room() {
    let place = Place::new();
    if !can_mount(&place) {
        eprintln!("skipped: no file system can be mounted here (unshare -rm)");
        return;
    }
    let graph = Graph::start(Sandbox::builder());
    place.settings_for(graph.sandbox().url(), WITH_MEMORY);
    let shell =
        format!("exec unshare -rm /bin/sh -c '{SMALL_DISK} && exec \"$0\" \"$@\"' \"$0\" \"$@\"");
    let command = place.segue_after(&shell, &["serve"]);
    let server = place.serve_by(command, &SERVE);
    identify(&server, "anna", &anonymous_id(1));
    pay(&server, "anna", "order-before");
    assert!(!user_data(&graph, "order-before")["em"].is_null());

    // The file system is seen through the process that has mounted it.
    let disk = format!(
        "/proc/{}/root{}",
        server.id(),
        place.path("data/memory").display()
    );
    let filler = std::path::Path::new(&disk).join("filler");
    let full = std::fs::write(&filler, vec![0; 80 << 20]).unwrap_err();
    assert_eq!(full.kind(), std::io::ErrorKind::StorageFull);
    let mut visitors = 0;
    eventually("learning stops", || {
        visitors += 1;
        identify(
            &server,
            &format!("visitor-{visitors}"),
            &anonymous_id(100 + visitors),
        );
        server.log().contains("the match memory cannot be written")
    });
    identify(&server, "ben", &anonymous_id(2));
    pay(&server, "ben", "order-ben");
    pay(&server, "anna", "order-meanwhile");
    assert!(
        user_data(&graph, "order-ben")["em"].is_null(),
        "it is delivered without"
    );
    assert!(
        !user_data(&graph, "order-meanwhile")["em"].is_null(),
        "what is known is used"
    );

    std::fs::remove_file(&filler).unwrap();
    let mut orders = 0;
    eventually("learning begins again", || {
        orders += 1;
        let order = format!("order-carl-{orders}");
        identify(&server, "carl", &anonymous_id(3));
        pay(&server, "carl", &order);
        !user_data(&graph, &order)["em"].is_null()
    });
    assert_eq!(server.stop(), Some(0));
}
