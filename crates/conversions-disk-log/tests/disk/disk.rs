//! A disk that can lose its power: what was not synced is gone, or some of it, in any order.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard};

use conversions_delivery::{Randomness, SeededRandomness};
use conversions_disk_log::{SegmentStorage, Storage};
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
    /// Bytes that were read.
    bytes_read: usize,
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

    /// How many bytes were read.
    pub(crate) fn bytes_read(&self) -> usize {
        self.state().bytes_read
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

/// What can lose its power.
pub(crate) trait Powered {
    /// Loses the power now.
    fn lose_power(&self);
    /// Loses the power after this many more operations.
    fn lose_power_after(&self, operations: u32);
    /// How often the power was lost.
    fn losses(&self) -> u32;
    fn set_fault(&self, fault: Option<Fault>);
}

impl Powered for Disk {
    fn lose_power(&self) {
        let mut state = self.state();
        self.lose(&mut state);
    }

    fn lose_power_after(&self, operations: u32) {
        self.state().fuse = Some(operations);
    }

    fn losses(&self) -> u32 {
        self.state().power
    }

    fn set_fault(&self, fault: Option<Fault>) {
        self.state().fault = fault;
    }
}

/// A folder with files that have a disk each. A file that was removed may be there again after a loss of power.
pub(crate) struct Folder {
    seed: u64,
    random: SeededRandomness,
    state: Mutex<FolderState>,
}

#[derive(Default)]
struct FolderState {
    files: BTreeMap<u64, Arc<Disk>>,
    removed: Vec<(u64, Arc<Disk>)>,
    losses_of_removed: u32,
    fault: Option<Fault>,
}

impl Folder {
    pub(crate) fn new(seed: u64) -> Arc<Self> {
        Arc::new(Self {
            seed,
            random: SeededRandomness::new(seed),
            state: Mutex::default(),
        })
    }

    /// How many bytes were read.
    pub(crate) fn bytes_read(&self) -> usize {
        let state = self.state();
        state.files.values().map(|disk| disk.bytes_read()).sum()
    }

    /// The numbers of the files.
    pub(crate) fn files(&self) -> Vec<u64> {
        self.state().files.keys().copied().collect()
    }

    fn state(&self) -> MutexGuard<'_, FolderState> {
        self.state.lock().expect("no panic")
    }
}

impl Powered for Folder {
    fn lose_power(&self) {
        let mut state = self.state();
        for (number, disk) in std::mem::take(&mut state.removed) {
            if self.random.fraction() < 0.5 {
                state.losses_of_removed -= disk.losses();
                state.files.insert(number, disk);
            }
        }
        for disk in state.files.values() {
            disk.lose_power();
        }
    }

    fn lose_power_after(&self, operations: u32) {
        if let Some(newest) = self.state().files.values().next_back() {
            newest.lose_power_after(operations);
        }
    }

    fn losses(&self) -> u32 {
        let state = self.state();
        let losses = state.files.values().map(|disk| disk.losses());
        losses.sum::<u32>() + state.losses_of_removed
    }

    fn set_fault(&self, fault: Option<Fault>) {
        let mut state = self.state();
        state.fault = fault;
        for disk in state.files.values() {
            disk.set_fault(fault);
        }
    }
}

/// Where the log finds the folder of its journal.
pub(crate) struct FolderSocket(pub(crate) Arc<Folder>);

impl SegmentStorage for FolderSocket {
    fn list(&self) -> io::Result<Vec<u64>> {
        Ok(self.0.files())
    }

    fn open(&self, number: u64) -> io::Result<Box<dyn StorageBackend>> {
        let mut state = self.0.state();
        let fault = state.fault;
        if fault == Some(Fault::NoSpace) && !state.files.contains_key(&number) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let disk = state.files.entry(number).or_insert_with(|| {
            let disk = Disk::new(self.0.seed + number);
            disk.set_fault(fault);
            disk
        });
        Socket(Arc::clone(disk)).open()
    }

    fn remove(&self, number: u64) -> io::Result<()> {
        let mut state = self.0.state();
        let disk = state.files.remove(&number).ok_or(io::ErrorKind::NotFound)?;
        state.losses_of_removed += disk.losses();
        state.removed.push((number, disk));
        Ok(())
    }

    fn name(&self, number: u64) -> String {
        format!("segment {number}")
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
        let mut state = self.powered(false)?;
        state.bytes_read += out.len();
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
