//! A disk that can lose its power: what was not synced is gone, or some of it, in any order.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard};

use conversions_delivery::{Randomness, SeededRandomness};
use conversions_disk_log::Storage;
use redb::StorageBackend;

/// Smaller than a page of the log: writes tear.
const SECTOR: usize = 512;

/// A disk with one file.
pub(crate) struct Disk {
    state: Mutex<State>,
    random: SeededRandomness,
}

#[derive(Default)]
struct State {
    /// What a sync has made safe.
    safe: Vec<u8>,
    /// What the running system sees.
    seen: Vec<u8>,
    /// What every sector has held since the last sync.
    unsafe_sectors: BTreeMap<usize, Vec<Vec<u8>>>,
    /// How often the power was lost.
    power: u32,
    /// Operations until the power is lost.
    fuse: Option<u32>,
    /// What goes wrong until further notice.
    fault: Option<Fault>,
}

/// What may be wrong with a disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// No write gets through, as when the disk is full.
    NoSpace,
    /// No sync succeeds.
    NoSync,
}

impl Disk {
    pub(crate) fn new(seed: u64) -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::default(),
            random: SeededRandomness::new(seed),
        })
    }

    /// Loses the power now.
    pub(crate) fn lose_power(&self) {
        let mut state = self.state();
        self.lose(&mut state);
    }

    /// Loses the power after this many more operations.
    pub(crate) fn lose_power_after(&self, operations: u32) {
        self.state().fuse = Some(operations);
    }

    /// How often the power was lost.
    pub(crate) fn losses(&self) -> u32 {
        self.state().power
    }

    pub(crate) fn set_fault(&self, fault: Option<Fault>) {
        self.state().fault = fault;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no panic")
    }

    /// Of every sector, any of the states that it went through since the last sync is what is left.
    fn lose(&self, state: &mut State) {
        state.power += 1;
        state.fuse = None;
        let sectors = std::mem::take(&mut state.unsafe_sectors);
        // The length is a matter of the file system's journal: it is the new one as soon as anything new is.
        state.safe.resize(state.seen.len().max(state.safe.len()), 0);
        for (sector, versions) in sectors {
            let pick = self.pick(versions.len() + 1);
            let Some(version) = pick.checked_sub(1).and_then(|pick| versions.get(pick)) else {
                continue;
            };
            let start = sector * SECTOR;
            let end = (start + version.len()).min(state.safe.len());
            state.safe[start..end].copy_from_slice(&version[..end - start]);
        }
        state.seen = state.safe.clone();
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "below the bound"
    )]
    fn pick(&self, bound: usize) -> usize {
        (self.random.fraction() * bound as f64) as usize
    }
}

/// Where the log finds its disk.
pub(crate) struct Socket(pub(crate) Arc<Disk>);

impl Storage for Socket {
    fn open(&self) -> io::Result<Box<dyn StorageBackend>> {
        let power = self.0.state().power;
        Ok(Box::new(Plugged {
            disk: Arc::clone(&self.0),
            power,
        }))
    }

    fn name(&self) -> String {
        "the disk".to_owned()
    }
}

/// The file, opened. After a loss of power nothing reaches it through this any more.
struct Plugged {
    disk: Arc<Disk>,
    power: u32,
}

impl std::fmt::Debug for Plugged {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Plugged")
    }
}

impl Plugged {
    /// The state, if the power is still on after this operation.
    fn powered(&self, counts: bool) -> io::Result<MutexGuard<'_, State>> {
        let mut state = self.disk.state();
        if counts {
            match &mut state.fuse {
                Some(0) => self.disk.lose(&mut state),
                Some(left) => *left -= 1,
                None => {}
            }
        }
        if state.power == self.power {
            Ok(state)
        } else {
            Err(io::Error::other("the power is gone"))
        }
    }

    fn writable(&self) -> io::Result<MutexGuard<'_, State>> {
        let state = self.powered(true)?;
        match state.fault {
            Some(Fault::NoSpace) => Err(io::Error::from(io::ErrorKind::StorageFull)),
            _ => Ok(state),
        }
    }
}

impl StorageBackend for Plugged {
    fn len(&self) -> io::Result<u64> {
        Ok(self.powered(false)?.seen.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let state = self.powered(false)?;
        let start = usize::try_from(offset).expect("small");
        let bytes = state.seen.get(start..start + out.len());
        out.copy_from_slice(bytes.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let mut state = self.writable()?;
        let len = usize::try_from(len).expect("small");
        state.seen.resize(len, 0);
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut state = self.powered(true)?;
        if state.fault == Some(Fault::NoSync) {
            return Err(io::Error::other("the disk does not answer"));
        }
        state.unsafe_sectors.clear();
        let State { safe, seen, .. } = &mut *state;
        safe.clone_from(seen);
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let mut state = self.writable()?;
        let start = usize::try_from(offset).expect("small");
        let end = start + data.len();
        if state.seen.len() < end {
            state.seen.resize(end, 0);
        }
        state.seen[start..end].copy_from_slice(data);
        for sector in start / SECTOR..end.div_ceil(SECTOR) {
            let from = sector * SECTOR;
            let to = (from + SECTOR).min(state.seen.len());
            let version = state.seen[from..to].to_vec();
            state
                .unsafe_sectors
                .entry(sector)
                .or_default()
                .push(version);
        }
        Ok(())
    }
}
