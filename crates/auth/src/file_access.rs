//! Judges who can change and who can read a file that holds a secret. Callers are [`super::keys::file`], each time it
//! reads a key, and the checks at startup.
//!
//! Systems that mount secrets often let root own the file and give other modes than 0600: Kubernetes 0644 or, with an
//! `fsGroup`, 0440; Docker 0444. Such a file is as good as one of the server's own user, because only root can change
//! it.

use std::{fs::Metadata, io, os::fd::AsFd, os::unix::fs::MetadataExt as _, path::Path};

use rustix::{
    fs::{StatVfs, StatVfsMountFlags, fstatvfs, statvfs},
    process::{getegid, geteuid, getgroups},
};

const GROUP_WRITE: u32 = 0o020;
const OTHERS_WRITE: u32 = 0o002;
const GROUP_READ: u32 = 0o040;
const OTHERS_READ: u32 = 0o004;
const ROOT: u32 = 0;

/// The owner, group and mode of a file, and where it is mounted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ownership {
    /// The user that owns the file.
    pub owner: u32,
    /// The group of the file.
    pub group: u32,
    /// The mode bits.
    pub mode: u32,
    /// Whether the file is on a mount on which nothing can be written.
    pub read_only: bool,
}

/// The user and the groups of a process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The effective user.
    pub user: u32,
    /// The effective group and the supplementary groups.
    pub groups: Vec<u32>,
}

/// Who other than root and the process's own user has access to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exposure {
    /// No other user, or only the group that lets this process read the file.
    None,
    /// Others can read the file.
    Readable,
    /// Others can change the file.
    Writable,
}

impl Ownership {
    /// Of the open file or directory `file`.
    ///
    /// # Errors
    ///
    /// If the system does not say.
    pub fn of_open(file: impl AsFd, metadata: &Metadata) -> io::Result<Self> {
        Ok(Self::new(metadata, &fstatvfs(file)?))
    }

    /// Of the file or directory at `path`, without opening it.
    ///
    /// # Errors
    ///
    /// If the system does not say.
    pub fn at(path: &Path, metadata: &Metadata) -> io::Result<Self> {
        Ok(Self::new(metadata, &statvfs(path)?))
    }

    fn new(metadata: &Metadata, mount: &StatVfs) -> Self {
        Self {
            owner: metadata.uid(),
            group: metadata.gid(),
            mode: metadata.mode() & 0o7777,
            read_only: mount.f_flag.contains(StatVfsMountFlags::RDONLY),
        }
    }

    /// Who other than root and the user of `process` has access.
    #[must_use]
    pub fn exposure(&self, process: &Identity) -> Exposure {
        if !self.read_only && self.is_changed_by_others(process) {
            Exposure::Writable
        } else if self.is_read_by_others(process) {
            Exposure::Readable
        } else {
            Exposure::None
        }
    }

    fn is_changed_by_others(&self, process: &Identity) -> bool {
        self.has_foreign_owner(process) || self.mode & (GROUP_WRITE | OTHERS_WRITE) != 0
    }

    fn is_read_by_others(&self, process: &Identity) -> bool {
        let group_is_needed = self.owner != process.user && process.groups.contains(&self.group);
        self.mode & OTHERS_READ != 0 || (self.mode & GROUP_READ != 0 && !group_is_needed)
    }

    /// Whether a user that `process` does not trust owns the file, and so can change it whatever its mode. Root trusts
    /// every owner: administrators run commands on the files of the server's user.
    #[must_use]
    pub const fn has_foreign_owner(&self, process: &Identity) -> bool {
        self.owner != ROOT && self.owner != process.user && process.user != ROOT
    }
}

impl Identity {
    /// Of this process.
    #[must_use]
    pub fn of_process() -> Self {
        let mut groups: Vec<_> = getgroups().unwrap_or_default().into_iter().map(rustix::fs::Gid::as_raw).collect();
        groups.push(getegid().as_raw());
        Self { user: geteuid().as_raw(), groups }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: u32 = 65_532;
    const FOREIGN: u32 = 1_000;
    const SHARED: u32 = 2_000;

    fn exposure(owner: u32, mode: u32, read_only: bool) -> Exposure {
        let process = Identity { user: OURS, groups: vec![OURS, SHARED] };
        Ownership { owner, group: SHARED, mode, read_only }.exposure(&process)
    }

    #[test]
    fn file_that_only_root_or_the_own_user_can_change_is_accepted() {
        for (owner, mode, expected) in [
            (OURS, 0o600, Exposure::None),
            (OURS, 0o400, Exposure::None),
            (OURS, 0o640, Exposure::Readable),
            (OURS, 0o644, Exposure::Readable),
            (ROOT, 0o400, Exposure::None),
            (ROOT, 0o440, Exposure::None),
            (ROOT, 0o640, Exposure::None),
            (ROOT, 0o444, Exposure::Readable),
            (ROOT, 0o644, Exposure::Readable),
        ] {
            assert_eq!(exposure(owner, mode, false), expected, "{owner} {mode:o}");
        }
    }

    #[test]
    fn file_that_others_can_change_is_refused_unless_its_mount_is_read_only() {
        for (owner, mode) in [
            (OURS, 0o620),
            (OURS, 0o602),
            (ROOT, 0o660),
            (ROOT, 0o606),
            (ROOT, 0o620),
            (FOREIGN, 0o400),
            (FOREIGN, 0o440),
            (FOREIGN, 0o600),
        ] {
            assert_eq!(exposure(owner, mode, false), Exposure::Writable, "{owner} {mode:o}");
            assert_ne!(exposure(owner, mode, true), Exposure::Writable, "{owner} {mode:o}");
        }
        assert_eq!(exposure(FOREIGN, 0o440, true), Exposure::None);
        assert_eq!(exposure(FOREIGN, 0o444, true), Exposure::Readable);
        assert_eq!(exposure(ROOT, 0o666, true), Exposure::Readable);
    }

    #[test]
    fn group_of_a_file_counts_only_if_the_process_is_in_it() {
        let process = Identity { user: OURS, groups: vec![OURS] };
        let file = Ownership { owner: ROOT, group: SHARED, mode: 0o440, read_only: false };
        assert_eq!(file.exposure(&process), Exposure::Readable);
    }

    #[test]
    fn root_accepts_files_of_every_owner_but_not_of_every_mode() {
        let process = Identity { user: ROOT, groups: vec![ROOT] };
        let of = |owner, mode| Ownership { owner, group: SHARED, mode, read_only: false }.exposure(&process);
        assert_eq!(
            [of(ROOT, 0o600), of(FOREIGN, 0o600), of(FOREIGN, 0o640)],
            [Exposure::None, Exposure::None, Exposure::Readable]
        );
        assert_eq!([of(ROOT, 0o620), of(FOREIGN, 0o602)], [Exposure::Writable; 2]);
    }

    #[test]
    fn files_and_mounts_are_read_from_the_system() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("secret");
        std::fs::write(&path, "secret").unwrap();
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o640)).unwrap();
        let (file, process) = (std::fs::File::open(&path).unwrap(), Identity::of_process());
        let metadata = file.metadata().unwrap();
        let expected = Ownership { owner: process.user, group: metadata.gid(), mode: 0o640, read_only: false };
        assert_eq!(Ownership::of_open(&file, &metadata).unwrap(), expected);
        assert_eq!(Ownership::at(&path, &metadata).unwrap(), expected);
        assert!(process.groups.contains(&getegid().as_raw()));
    }
}
