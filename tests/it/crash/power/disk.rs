//! The files of a directory, as the operating system shows them and as the disk has them.

use std::{collections::BTreeMap, path::Path};

use super::record::{Event, FileId};

/// Which unsynced writes survive a power failure.
#[derive(Debug, Clone, Copy)]
pub enum Kept {
    /// None.
    Synced,
    /// Some, chosen by this seed. Each sector is kept or lost independently.
    Some(u64),
}

/// The smallest unit that a disk writes completely, in bytes.
const SECTOR: usize = 512;

#[derive(Debug, Default)]
struct File {
    /// The synced content.
    synced: Vec<u8>,
    /// The writes since the last sync, with the number of their event.
    unsynced: Vec<(usize, Change)>,
}

#[derive(Debug, Clone)]
enum Change {
    Wrote(usize, Vec<u8>),
    Cut(usize),
}

/// The disk, as far as one directory is concerned.
#[derive(Debug)]
pub struct Disk {
    files: BTreeMap<FileId, File>,
    /// The synced names.
    synced: BTreeMap<String, FileId>,
    /// The changes of names since the last sync: the file of a new name, or `None` for a removed name.
    unsynced: Vec<(usize, String, Option<FileId>)>,
    events: usize,
}

impl Disk {
    pub fn new() -> Self {
        Self { files: BTreeMap::new(), synced: BTreeMap::new(), unsynced: Vec::new(), events: 0 }
    }

    /// Applies the next event.
    pub fn apply(&mut self, event: &Event) {
        let now = self.events;
        match event {
            Event::Created(name, file) | Event::Linked(name, file) => {
                self.files.entry(*file).or_default();
                self.unsynced.push((now, name.clone(), Some(*file)));
            }
            Event::Unlinked(name) => self.unsynced.push((now, name.clone(), None)),
            Event::Wrote(file, at, bytes) => self.note(*file, Change::Wrote(*at, bytes.clone())),
            Event::Cut(file, length) => self.note(*file, Change::Cut(*length)),
            Event::Synced(file, before) => self.files.entry(*file).or_default().sync(*before),
            Event::SyncedDirectory(before) => self.sync_names(*before),
            Event::Acknowledged(_) => {}
        }
        self.events += 1;
    }

    fn note(&mut self, file: FileId, change: Change) {
        self.files.entry(file).or_default().unsynced.push((self.events, change));
    }

    fn sync_names(&mut self, before: usize) {
        let (lasting, rest) = std::mem::take(&mut self.unsynced).into_iter().partition(|(event, ..)| *event < before);
        self.unsynced = rest;
        let lasting: Vec<(usize, String, Option<FileId>)> = lasting;
        for (_, name, file) in lasting {
            rename(&mut self.synced, name, file);
        }
    }

    /// Writes to `directory` what a power failure at this moment leaves.
    pub fn write_remains(&self, kept: Kept, directory: &Path) {
        let mut chance = Chance::of(kept);
        let mut names = self.synced.clone();
        for (_, name, file) in &self.unsynced {
            // The file system may have written names, but only in order, since its journal is in order.
            if !chance.keeps() {
                break;
            }
            rename(&mut names, name.clone(), *file);
        }
        for (name, file) in names {
            let path = directory.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, self.files[&file].remains(&mut chance)).unwrap();
            std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        }
    }
}

fn rename(names: &mut BTreeMap<String, FileId>, name: String, file: Option<FileId>) {
    match file {
        Some(file) => names.insert(name, file),
        None => names.remove(&name),
    };
}

impl File {
    fn sync(&mut self, before: usize) {
        let lasting = self.unsynced.iter().take_while(|(event, _)| *event < before).count();
        for (_, change) in self.unsynced.drain(..lasting) {
            change.apply(&mut self.synced);
        }
    }

    fn remains(&self, chance: &mut Chance) -> Vec<u8> {
        let mut content = self.synced.clone();
        for (_, change) in &self.unsynced {
            change.apply_some(&mut content, chance);
        }
        content
    }
}

impl Change {
    fn apply(&self, content: &mut Vec<u8>) {
        match self {
            Self::Wrote(at, bytes) => write(content, *at, bytes),
            Self::Cut(length) => content.resize(*length, 0),
        }
    }

    fn apply_some(&self, content: &mut Vec<u8>, chance: &mut Chance) {
        match self {
            Self::Wrote(at, bytes) => {
                // Sectors are aligned to the start of the file.
                let first = (SECTOR - at % SECTOR).min(bytes.len());
                let (head, rest) = bytes.split_at(first);
                let mut place = *at;
                for sector in std::iter::once(head).chain(rest.chunks(SECTOR)) {
                    if chance.keeps() {
                        write(content, place, sector);
                    }
                    place += sector.len();
                }
            }
            Self::Cut(length) if chance.keeps() => content.resize(*length, 0),
            Self::Cut(_) => {}
        }
    }
}

fn write(content: &mut Vec<u8>, at: usize, bytes: &[u8]) {
    let end = at + bytes.len();
    if content.len() < end {
        content.resize(end, 0);
    }
    content[at..end].copy_from_slice(bytes);
}

/// Decides what is kept, deterministically for a seed (`SplitMix64`).
struct Chance(Option<u64>);

impl Chance {
    fn of(kept: Kept) -> Self {
        Self(match kept {
            Kept::Synced => None,
            Kept::Some(seed) => Some(seed),
        })
    }

    fn keeps(&mut self) -> bool {
        let Some(state) = &mut self.0 else { return false };
        *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) & 1 == 1
    }
}
