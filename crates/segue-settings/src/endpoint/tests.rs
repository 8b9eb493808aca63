use insta::assert_snapshot;
use jiff::Timestamp;

use crate::{Diagnostic, Endpoint, load};

fn read(text: &str) -> Result<Endpoint, Vec<Diagnostic>> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("segue.toml");
    std::fs::write(&path, text).unwrap();
    load(&path, Timestamp::UNIX_EPOCH).map(|settings| settings.endpoint)
}

/// Without the folder.
fn mistakes(text: &str) -> String {
    let mistakes = read(text).unwrap_err();
    let lines = mistakes.iter().map(|one| {
        let said = one.to_string();
        said.rsplit_once("segue.toml:")
            .map_or(said.clone(), |(_, said)| said.to_owned())
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_endpoint_has_settings_of_its_own() {
    let text = r#"
[serve]
listen = "0.0.0.0:80"
publicUrl = "https://events.example.com/v1"
trusted_proxies = ["10.0.0.0/8", "::1"]
rate_per_second = 7
compat = "segment"
"#;
    let endpoint = read(text).unwrap();
    assert_eq!(
        (&*endpoint.listen, endpoint.rate_per_second),
        ("0.0.0.0:80", 7)
    );
    assert_eq!(
        endpoint.ingest.public_url.as_deref(),
        Some("https://events.example.com/v1")
    );
    assert_eq!(endpoint.ingest.enrichment.trusted_proxies.len(), 2);
    let wrong = r#"
[serve]
listn = "0.0.0.0:80"
compat = "loose"
allow_credentials = true
trusted_proxies = ["ten"]
header_seconds = 0
tls_key = "key.pem"
public_url = "https://a.example/v1"
publicUrl = "https://b.example/v1"
"#;
    assert_snapshot!(mistakes(wrong), @r#"
    2:1: error: `tls_certificate` and `tls_key` belong together: one is missing
    2:1: error: `allow_credentials` needs `allowed_origins`: any page could use the visitor's cookies
    3:1: error: unknown key `listn`
      did you mean `listen`?
    4:10: error: `compat` must be `strict` or `segment`
    6:19: error: `trusted_proxies` must be addresses or networks
      for example ["10.0.0.0/8", "::1"]
    7:18: error: `header_seconds` must be a whole number from 1 to 3600
    10:1: error: `publicUrl` and `public_url` are the same setting
      keep one of the two; the other one is in line 9
    "#);
}

#[test]
fn changes_that_need_a_restart_are_those_whose_rows_say_so() {
    let certificate = "tls_certificate = \"a.pem\"\ntls_key = \"a.key\"\n";
    let endpoint = |text: &str| read(&format!("[serve]\n{text}")).unwrap();
    let old = endpoint(certificate);
    let same = format!(
        "{}rate_per_second = 7\n",
        certificate.replace("a.pem", "b.pem")
    );
    assert!(old.settings_that_need_restart(&endpoint(&same)).is_empty());
    let other = endpoint("listen = \"0.0.0.0:80\"\nconnections = 5\ndisk_bytes = 2000000\n");
    assert_eq!(
        old.settings_that_need_restart(&other),
        ["listen", "tls_certificate", "connections", "disk_bytes"]
    );
}
