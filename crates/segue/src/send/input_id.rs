//! By what an input is recognised when it comes again.

use std::io::Read;
use std::time::SystemTime;

use blake3::Hasher;
use conversions_delivery::InputId;

use crate::failure::Failure;
use crate::input::Origin;

/// How much is read at once, in bytes.
const AT_ONCE: usize = 1 << 20;

/// A digest of the inputs' contents, and of the destinations that they go to. An input that cannot be read twice is an
/// input of its own each time.
pub(crate) fn input_id(
    inputs: &[Origin],
    names: &[&str],
    from_line: u64,
) -> Result<InputId, Failure> {
    let mut digest = Hasher::new();
    digest.update(&from_line.to_le_bytes());
    for name in names {
        digest.update(name.as_bytes());
        digest.update(&[0]);
    }
    for origin in inputs {
        match origin.regular_size() {
            Some(_) => add_content(&mut digest, origin)?,
            None => add_moment(&mut digest),
        }
    }
    let mut id = [0; 16];
    for (byte, of_digest) in id.iter_mut().zip(digest.finalize().as_bytes()) {
        *byte = *of_digest;
    }
    Ok(InputId(id))
}

fn add_content(digest: &mut Hasher, origin: &Origin) -> Result<(), Failure> {
    let mut input = origin.open_as_stored()?;
    let mut bytes = vec![0; AT_ONCE];
    let mut size = 0_u64;
    loop {
        let read = input
            .read(&mut bytes)
            .map_err(|error| origin.failed(error))?;
        if read == 0 {
            break;
        }
        digest.update(bytes.get(..read).unwrap_or_default());
        size += read as u64;
    }
    // So that two files are not one that was cut elsewhere.
    digest.update(&size.to_le_bytes());
    Ok(())
}

/// Something that will not come again.
fn add_moment(digest: &mut Hasher) {
    digest.update(&std::process::id().to_le_bytes());
    let since_1970 = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    digest.update(&since_1970.as_nanos().to_le_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_and_destination_make_an_input() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            Origin::File(path)
        };
        let id = |inputs: &[Origin], names: &[&str]| input_id(inputs, names, 1).unwrap();
        let one = file("a", "1\n2\n");
        let known = id(std::slice::from_ref(&one), &["shop"]);
        assert_eq!(
            id(&[file("copy", "1\n2\n")], &["shop"]),
            known,
            "the name does not matter"
        );
        assert_ne!(id(std::slice::from_ref(&one), &["outlet"]), known);
        assert_ne!(id(&[file("b", "1\n"), file("c", "2\n")], &["shop"]), known);
        assert_ne!(input_id(&[one], &["shop"], 2).unwrap(), known);
        let stdin = [Origin::StandardInput];
        assert_ne!(id(&stdin, &["shop"]), id(&stdin, &["shop"]));
    }
}
