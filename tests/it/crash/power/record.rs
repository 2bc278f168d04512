//! The record of what a program wrote, synced and acknowledged, in order, read from the log of strace.
//!
//! A call is one line: `PID call(arguments) = result`. If a call of another thread comes in between, it is two lines:
//! `PID call(arguments <unfinished ...>` and `PID <... call resumed>arguments) = result`. A write counts from its end.
//! A sync covers the writes that had ended when it began, and counts from its end. An acknowledgment counts from its
//! beginning.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{Read as _, Seek as _, SeekFrom},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

/// The recorded system calls, as the option `-e` of strace takes them.
pub const CALLS: &str = "trace=openat,close,write,pwrite64,writev,pwritev,pwritev2,sendto,sendmsg,fsync,fdatasync,ftruncate,\
                         unlink,unlinkat,rename,renameat,renameat2,link,linkat";

/// The prefix of each acknowledged name. Four digits follow.
pub const MARK: &str = "power-";

/// A time limit for strace to finish its log.
const TIMEOUT: Duration = Duration::from_mins(2);

/// The id of a file, independent of its name.
pub type FileId = usize;

/// An event that matters for a power failure.
#[derive(Debug, Clone)]
pub enum Event {
    /// A new file with this name.
    Created(String, FileId),
    /// Another name for a file.
    Linked(String, FileId),
    /// The removal of a name.
    Unlinked(String),
    /// Bytes written at this offset of a file.
    Wrote(FileId, usize, Vec<u8>),
    /// A new length of a file.
    Cut(FileId, usize),
    /// A sync of a file. It covers the writes before the event with this number.
    Synced(FileId, usize),
    /// A sync of the directory. It covers the names before the event with this number.
    SyncedDirectory(usize),
    /// These names were sent to a client.
    Acknowledged(Vec<String>),
}

/// What a program did with the files of one directory.
#[derive(Debug, Default)]
pub struct Record {
    pub events: Vec<Event>,
    /// The latest name of each file.
    names: BTreeMap<FileId, String>,
}

/// What a file descriptor refers to.
#[derive(Debug, Clone, Copy)]
enum Open {
    /// A file, and the offset of the next sequential write.
    File(FileId, usize),
    Directory,
}

/// Reads the log line by line.
struct Reader<'a> {
    /// The working directory, and the recorded directory.
    places: [&'a Path; 2],
    record: Record,
    entries: BTreeMap<String, FileId>,
    open: BTreeMap<i32, Open>,
    /// The beginnings of unfinished calls by thread, with the number of events at that time.
    unfinished: BTreeMap<String, (String, usize)>,
    files: usize,
}

impl Record {
    /// Reads the log of a program that ran in `home` and has exited. Only files in `directory` count.
    pub fn read(log: &Path, home: &Path, directory: &Path) -> Self {
        wait_for_the_end(log);
        let mut reader = Reader {
            places: [home, directory],
            record: Self::default(),
            entries: BTreeMap::new(),
            open: BTreeMap::new(),
            unfinished: BTreeMap::new(),
            files: 0,
        };
        std::fs::read_to_string(log).unwrap().lines().for_each(|line| reader.line(line));
        reader.record
    }

    /// The number of acknowledged names.
    pub fn acknowledged(&self) -> usize {
        let names = |event: &Event| if let Event::Acknowledged(names) = event { names.len() } else { 0 };
        self.events.iter().map(names).sum()
    }

    /// The number of syncs of this file after the first acknowledgment.
    pub fn checkpoints(&self, file: &str) -> usize {
        let first = self.events.iter().position(|event| matches!(event, Event::Acknowledged(_))).unwrap_or(0);
        self.events[first..].iter().filter(|event| self.is_sync_of(event, file)).count()
    }

    /// The same record without the syncs of this file.
    pub fn without_syncs_of(&self, file: &str) -> Self {
        self.changed(|event| match event {
            Event::Synced(id, _) if self.is_sync_of(event, file) => Event::Synced(*id, 0),
            other => other.clone(),
        })
    }

    fn changed(&self, change: impl FnMut(&Event) -> Event) -> Self {
        Self { events: self.events.iter().map(change).collect(), names: self.names.clone() }
    }

    fn is_sync_of(&self, event: &Event, file: &str) -> bool {
        matches!(event, Event::Synced(id, _) if self.names.get(id).is_some_and(|name| name == file))
    }
}

/// Waits for the last line. The tracer writes it after the program has exited.
fn wait_for_the_end(log: &Path) {
    let begun = Instant::now();
    while !ends(log) {
        assert!(begun.elapsed() < TIMEOUT, "the log of strace has no end");
        std::thread::yield_now();
    }
}

/// Whether the last line is the exit of the program's first thread, which exits last.
fn ends(log: &Path) -> bool {
    let Ok(mut file) = File::open(log) else { return false };
    let first = first_thread(&mut file);
    let length = file.metadata().unwrap().len();
    let mut last = String::new();
    file.seek(SeekFrom::Start(length.saturating_sub(200))).unwrap();
    let _ = file.read_to_string(&mut last);
    last.ends_with("+++\n") && last.lines().last().and_then(|line| line.split(' ').next()) == first.as_deref()
}

fn first_thread(file: &mut File) -> Option<String> {
    let mut start = [0; 16];
    let length = file.read(&mut start).ok()?;
    Some(String::from_utf8_lossy(&start[..length]).split(' ').next()?.to_owned())
}

impl Reader<'_> {
    fn line(&mut self, line: &str) {
        let Some((thread, call)) = line.split_once(' ') else { return };
        let (call, now) = (call.trim_start(), self.record.events.len());
        if let Some(begun) = call.strip_suffix(" <unfinished ...>") {
            self.acknowledge(begun);
            self.unfinished.insert(thread.to_owned(), (begun.to_owned(), now));
        } else if let Some(resumed) = call.strip_prefix("<... ") {
            let Some((begun, then)) = self.unfinished.remove(thread) else { return };
            let rest = resumed.split_once(" resumed>").map_or("", |(_, rest)| rest);
            self.ended(&format!("{begun}{rest}"), then);
        } else {
            self.acknowledge(call);
            self.ended(call, now);
        }
    }

    /// Records a finished call that began after this number of events.
    fn ended(&mut self, line: &str, began: usize) {
        let Some((call, result)) = line.rsplit_once(" = ") else { return };
        let Some(result) = result.split(' ').next().and_then(|result| result.parse::<i64>().ok()) else { return };
        let Some((name, arguments)) = call.trim_end().strip_suffix(')').and_then(|call| call.split_once('(')) else {
            return;
        };
        if result < 0 {
            return;
        }
        let arguments: Vec<_> = arguments.split(", ").collect();
        let descriptor = arguments[0].parse().unwrap_or(-1);
        match name {
            "openat" => self.opened(&arguments, i32::try_from(result).unwrap()),
            "close" => drop(self.open.remove(&descriptor)),
            "write" => self.wrote(descriptor, None, arguments[1], result),
            "pwrite64" => self.wrote(descriptor, arguments[3].parse().ok(), arguments[1], result),
            "ftruncate" => self.cut(descriptor, arguments[1].parse().unwrap()),
            "fsync" | "fdatasync" => self.synced(descriptor, began),
            "unlink" => self.unlinked(arguments[0]),
            "unlinkat" => self.unlinked(arguments[1]),
            "rename" => self.renamed(arguments[0], arguments[1]),
            "renameat" | "renameat2" => self.renamed(arguments[1], arguments[3]),
            "link" => self.linked(arguments[0], arguments[1]),
            "linkat" => self.linked(arguments[1], arguments[3]),
            // Vectored writes to a file are not supported. SQLite does not use them.
            _ => assert!(!self.open.contains_key(&descriptor), "{name} to a file is not supported"),
        }
    }

    fn opened(&mut self, arguments: &[&str], descriptor: i32) {
        self.open.remove(&descriptor);
        let path = self.path(arguments[1]);
        if path == self.places[1] {
            self.open.insert(descriptor, Open::Directory);
        }
        let Some(name) = self.name(arguments[1]) else { return };
        let file = self.entries.get(&name).copied().unwrap_or_else(|| self.create(name));
        if arguments[2].contains("O_TRUNC") {
            self.record.events.push(Event::Cut(file, 0));
        }
        self.open.insert(descriptor, Open::File(file, 0));
    }

    fn create(&mut self, name: String) -> FileId {
        self.files += 1;
        self.record.names.insert(self.files, name.clone());
        self.record.events.push(Event::Created(name.clone(), self.files));
        self.entries.insert(name, self.files);
        self.files
    }

    fn wrote(&mut self, descriptor: i32, place: Option<usize>, text: &str, length: i64) {
        let Some(Open::File(file, position)) = self.open.get_mut(&descriptor) else { return };
        let mut bytes = bytes(text);
        bytes.truncate(usize::try_from(length).unwrap());
        let at = place.unwrap_or(*position);
        if place.is_none() {
            *position += bytes.len();
        }
        self.record.events.push(Event::Wrote(*file, at, bytes));
    }

    fn cut(&mut self, descriptor: i32, length: usize) {
        if let Some(Open::File(file, _)) = self.open.get(&descriptor) {
            self.record.events.push(Event::Cut(*file, length));
        }
    }

    fn synced(&mut self, descriptor: i32, began: usize) {
        self.record.events.extend(self.open.get(&descriptor).map(|open| match open {
            Open::File(file, _) => Event::Synced(*file, began),
            Open::Directory => Event::SyncedDirectory(began),
        }));
    }

    fn unlinked(&mut self, path: &str) {
        let Some(name) = self.name(path) else { return };
        self.entries.remove(&name);
        self.record.events.push(Event::Unlinked(name));
    }

    fn linked(&mut self, from: &str, to: &str) {
        let (Some(from), Some(to)) = (self.name(from), self.name(to)) else { return };
        let file = self.entries[&from];
        self.record.names.insert(file, to.clone());
        self.record.events.push(Event::Linked(to.clone(), file));
        self.entries.insert(to, file);
    }

    fn renamed(&mut self, from: &str, to: &str) {
        self.linked(from, to);
        self.unlinked(from);
    }

    /// The name of a path in the recorded directory. The shared-memory index is ignored: SQLite rebuilds it after a
    /// failure.
    fn name(&self, path: &str) -> Option<String> {
        let path = self.path(path);
        let name = path.strip_prefix(self.places[1]).ok()?.to_str()?.to_owned();
        (!name.is_empty() && !name.ends_with("-shm")).then_some(name)
    }

    fn path(&self, text: &str) -> PathBuf {
        self.places[0].join(String::from_utf8(bytes(text)).unwrap())
    }

    /// Records names that are written to anything but a file of the directory or the log.
    fn acknowledge(&mut self, call: &str) {
        let Some((name, arguments)) = call.split_once('(') else { return };
        let descriptor = arguments.split(',').next().and_then(|number| number.parse().ok()).unwrap_or(-1);
        let is_answer = ["write", "writev", "sendto", "sendmsg"].contains(&name);
        if is_answer && descriptor != 2 && !self.open.contains_key(&descriptor) {
            let names = names(&bytes(arguments));
            if !names.is_empty() {
                self.record.events.push(Event::Acknowledged(names));
            }
        }
    }
}

/// The bytes of all strings in the arguments: `"\x61\x62"`.
fn bytes(arguments: &str) -> Vec<u8> {
    let texts = arguments.split('"').skip(1).step_by(2);
    let digits = texts.flat_map(|text| text.split("\\x").skip(1));
    digits.map(|digits| u8::from_str_radix(digits, 16).unwrap()).collect()
}

/// The names in a text, by their prefix.
fn names(text: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(text);
    let digits = |(at, _): (usize, &str)| text.get(at..at + MARK.len() + 4).map(str::to_owned);
    text.match_indices(MARK).filter_map(digits).collect()
}
