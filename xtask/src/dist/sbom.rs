//! The list of parts, in the form of [CycloneDX 1.6](https://cyclonedx.org/docs/1.6/json/).

use serde_json::{Value, json};

use super::packages::{Id, Package, Packages};

/// The list for a command of this version. It has neither a serial number nor a time, so that it depends on nothing but the
/// packages.
pub(super) fn render(version: &str, packages: &Packages) -> String {
    let command = Id {
        name: "segue".to_owned(),
        version: version.to_owned(),
    };
    let components: Vec<Value> = packages
        .iter()
        .filter(|(id, _)| **id != command)
        .map(|(id, package)| component(id, package, "library"))
        .collect();
    let dependencies: Vec<Value> = packages
        .iter()
        .map(|(id, package)| {
            let depends_on: Vec<String> = package.dependencies.iter().map(purl).collect();
            json!({"ref": purl(id), "dependsOn": depends_on})
        })
        .collect();
    let list = json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": packages.get(&command).map(|package| component(&command, package, "application")),
        },
        "components": components,
        "dependencies": dependencies,
    });
    format!("{list:#}\n")
}

fn component(id: &Id, package: &Package, kind: &str) -> Value {
    let mut component = json!({
        "type": kind,
        "bom-ref": purl(id),
        "name": id.name,
        "version": id.version,
        "purl": purl(id),
    });
    let mut set = |key: &str, value: Option<Value>| {
        if let (Some(value), Some(members)) = (value, component.as_object_mut()) {
            members.insert(key.to_owned(), value);
        }
    };
    set(
        "description",
        package.description.as_ref().map(|text| json!(text.trim())),
    );
    set(
        "licenses",
        package
            .licence
            .as_ref()
            .map(|licence| json!([{"expression": spdx(licence)}])),
    );
    set(
        "hashes",
        package
            .checksum
            .as_ref()
            .map(|hash| json!([{"alg": "SHA-256", "content": hash}])),
    );
    let repository = package.repository.as_ref();
    set(
        "externalReferences",
        repository.map(|url| json!([{"type": "vcs", "url": url}])),
    );
    component
}

/// The package's address in the form of [package URLs](https://github.com/package-url/purl-spec).
fn purl(id: &Id) -> String {
    format!("pkg:cargo/{}@{}", id.name, id.version.replace('+', "%2B"))
}

/// An SPDX expression: old manifests write a slash for `OR`.
pub(super) fn spdx(licence: &str) -> String {
    licence
        .split('/')
        .map(str::trim)
        .collect::<Vec<_>>()
        .join(" OR ")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::super::packages::{Id, Package, Packages};
    use super::render;

    fn package(checksum: Option<&str>, dependencies: BTreeSet<Id>) -> Package {
        Package {
            licence: Some("MIT/Apache-2.0".to_owned()),
            description: Some("does things\n".to_owned()),
            repository: None,
            checksum: checksum.map(str::to_owned),
            folder: "/nowhere".into(),
            dependencies,
        }
    }

    #[test]
    fn the_command_is_the_subject_and_each_part_has_its_licence_and_its_hash() {
        let id = |name: &str, version: &str| Id {
            name: name.to_owned(),
            version: version.to_owned(),
        };
        let zstd = id("zstd-sys", "2.0.1+zstd.1.5");
        let packages: Packages = [
            (id("segue", "0.2.0"), package(None, [zstd.clone()].into())),
            (zstd, package(Some("ab12"), BTreeSet::new())),
        ]
        .into();
        let text = render("0.2.0", &packages);
        assert_eq!(text, render("0.2.0", &packages));
        let list: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(
            list["metadata"]["component"]["purl"],
            "pkg:cargo/segue@0.2.0"
        );
        assert_eq!(list["components"].as_array().unwrap().len(), 1);
        let part = &list["components"][0];
        assert_eq!(part["purl"], "pkg:cargo/zstd-sys@2.0.1%2Bzstd.1.5");
        assert_eq!(part["licenses"][0]["expression"], "MIT OR Apache-2.0");
        assert_eq!(part["hashes"][0]["content"], "ab12");
        assert_eq!(list["dependencies"][0]["dependsOn"][0], part["purl"]);
    }
}
