//! A digest by which an input is recognised when it comes again.

use std::io::Read;
use std::time::SystemTime;

use blake3::Hasher;

use crate::origin::{InputError, Origin};

/// Bytes of one read.
const READ_BYTES: usize = 1 << 20;

/// A digest of the contents of the inputs, of the names of the destinations and of the line to begin with. File names do
/// not count. Pipes and standard input cannot be read twice: their digest is a new one each time.
///
/// # Errors
///
/// The first input that cannot be read.
pub fn input_digest(
    inputs: &[Origin],
    destinations: &[&str],
    from_line: u64,
) -> Result<[u8; 16], InputError> {
    let mut digest = Hasher::new();
    digest.update(&from_line.to_le_bytes());
    for name in destinations {
        digest.update(name.as_bytes());
        digest.update(&[0]);
    }
    for origin in inputs {
        match origin.regular_size() {
            Some(_) => add_content(&mut digest, origin)?,
            None => add_unique_value(&mut digest),
        }
    }
    let mut id = [0; 16];
    for (byte, of_digest) in id.iter_mut().zip(digest.finalize().as_bytes()) {
        *byte = *of_digest;
    }
    Ok(id)
}

fn add_content(digest: &mut Hasher, origin: &Origin) -> Result<(), InputError> {
    let mut input = origin.open_as_stored()?;
    let mut bytes = vec![0; READ_BYTES];
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
    // Without the sizes, files `ab` `c` and `a` `bc` would have the same digest.
    digest.update(&size.to_le_bytes());
    Ok(())
}

/// A value that no other run has: process id and time.
fn add_unique_value(digest: &mut Hasher) {
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
    fn the_digest_depends_on_contents_and_destinations() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            Origin::File(path)
        };
        let id = |inputs: &[Origin], names: &[&str]| input_digest(inputs, names, 1).unwrap();
        let one = file("a", "1\n2\n");
        let known = id(std::slice::from_ref(&one), &["shop"]);
        assert_eq!(
            id(&[file("copy", "1\n2\n")], &["shop"]),
            known,
            "the name does not matter"
        );
        assert_ne!(id(std::slice::from_ref(&one), &["outlet"]), known);
        assert_ne!(id(&[file("b", "1\n"), file("c", "2\n")], &["shop"]), known);
        assert_ne!(input_digest(&[one], &["shop"], 2).unwrap(), known);
        let stdin = [Origin::StandardInput];
        assert_ne!(id(&stdin, &["shop"]), id(&stdin, &["shop"]));
    }
}
