//! Ids as keyed fingerprints: the files alone do not tell which ids were seen.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::Path;

use siphasher::sip::SipHasher24;

use crate::folder;

/// The file of the key.
const NAME: &str = "key";

/// The key of a trace. It is made with the trace, and is never sent, logged or copied.
#[derive(Clone)]
pub(super) struct Key([u8; 16]);

impl Key {
    /// Opens the key of a folder, or makes one; says whether it is new.
    pub(super) fn open(folder: &Path) -> io::Result<(Self, bool)> {
        folder::create(folder)?;
        if let Some(key) = Self::read(folder)? {
            return Ok((key, false));
        }
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).map_err(io::Error::other)?;
        let temporary = folder.join("new-key");
        let mut file = folder::create_file(&temporary)?;
        file.write_all(&bytes)?;
        file.sync_all()?;
        fs::rename(temporary, folder.join(NAME))?;
        Ok((Self(bytes), true))
    }

    /// Reads the key of a folder, if it has one.
    pub(super) fn read(folder: &Path) -> io::Result<Option<Self>> {
        let file = match File::open(folder.join(NAME)) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let mut bytes = Vec::new();
        file.take(17).read_to_end(&mut bytes)?;
        Ok(bytes.try_into().ok().map(Self))
    }

    /// The fingerprint of an id: `SipHash` 2-4 with the key, 64 bits. Among a million events a wrong one is found with a
    /// probability of 10⁻¹³. Message ids, event ids and order ids share one space, so that a search needs no kind.
    pub(super) fn fingerprint(&self, id: &str) -> u64 {
        SipHasher24::new_with_key(&self.0).hash(id.as_bytes())
    }
}
