//! A digest by which an input is recognised when it comes again.

use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::panic::resume_unwind;
use std::thread;
use std::time::SystemTime;

use blake3::Hasher;

use crate::origin::{InputError, Origin};
use crate::pipeline::available_workers;

/// Bytes of one read.
const READ_BYTES: usize = 1 << 20;
/// Bytes of a piece of a file, which one thread digests.
const PIECE_BYTES: u64 = 4 << 20;

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
            Some(size) => add_content(&mut digest, origin, size)?,
            None => add_unique_value(&mut digest),
        }
    }
    let mut id = [0; 16];
    for (byte, of_digest) in id.iter_mut().zip(digest.finalize().as_bytes()) {
        *byte = *of_digest;
    }
    Ok(id)
}

/// Adds the digests of a file's pieces. All cores digest at once: nothing is sent before the digest is known.
fn add_content(digest: &mut Hasher, origin: &Origin, size: u64) -> Result<(), InputError> {
    let pieces = size.div_ceil(PIECE_BYTES);
    let workers = (available_workers() as u64).clamp(1, pieces.max(1));
    let of_worker = |worker: u64| {
        let step = usize::try_from(workers).unwrap_or(1);
        digest_pieces(origin, (worker..pieces).step_by(step))
    };
    let parts = if workers == 1 {
        vec![of_worker(0)]
    } else {
        thread::scope(|scope| {
            let threads: Vec<_> = (0..workers)
                .map(|worker| scope.spawn(move || of_worker(worker)))
                .collect();
            let join = |thread: thread::ScopedJoinHandle<'_, _>| {
                thread.join().unwrap_or_else(|panic| resume_unwind(panic))
            };
            threads.into_iter().map(join).collect()
        })
    };
    let mut all = Vec::new();
    for part in parts {
        all.extend(part.map_err(|error| origin.failed(error))?);
    }
    all.sort_unstable_by_key(|piece| piece.number);
    for piece in &all {
        digest.update(&piece.digest);
    }
    // Without the sizes, files `ab` `c` and `a` `bc` would have the same digest.
    let size: u64 = all.iter().map(|piece| piece.bytes).sum();
    digest.update(&size.to_le_bytes());
    Ok(())
}

/// A piece of a file.
struct Piece {
    number: u64,
    bytes: u64,
    digest: [u8; 32],
}

/// Digests the pieces of these numbers. A file that is shorter by now has shorter pieces.
fn digest_pieces(origin: &Origin, numbers: impl Iterator<Item = u64>) -> io::Result<Vec<Piece>> {
    let mut file = origin.open_file()?;
    let mut buffer = vec![0; READ_BYTES];
    let mut pieces = Vec::new();
    for number in numbers {
        file.seek(SeekFrom::Start(number * PIECE_BYTES))?;
        let mut piece = (&mut file).take(PIECE_BYTES);
        let (mut digest, mut bytes) = (Hasher::new(), 0);
        loop {
            let read = piece.read(&mut buffer)?;
            if read == 0 {
                break;
            }
            digest.update(buffer.get(..read).unwrap_or_default());
            bytes += read as u64;
        }
        pieces.push(Piece {
            number,
            bytes,
            digest: *digest.finalize().as_bytes(),
        });
    }
    Ok(pieces)
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
        let large = |last: &str| file("large", &(" ".repeat(9 << 20) + last));
        assert_eq!(id(&[large("1")], &["shop"]), id(&[large("1")], &["shop"]));
        assert_ne!(id(&[large("1")], &["shop"]), id(&[large("2")], &["shop"]));
        let stdin = [Origin::StandardInput];
        assert_ne!(id(&stdin, &["shop"]), id(&stdin, &["shop"]));
    }
}
