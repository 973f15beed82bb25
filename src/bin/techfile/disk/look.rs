//! How a file looks from outside: enough to tell that nobody has written it since, without reading it.
//!
//! As git does for its index: size, times and number of a file are taken when it is read. A file that looks the same is
//! the same, unless it was written in the same tick of the disk's clock in which it was looked at; `settled` is false
//! then, and its bytes decide.
#![expect(clippy::disallowed_methods, reason = "this is a part of the one reader")]
#![cfg_attr(not(feature = "pdf"), allow(dead_code, reason = "only documents that are built are looked at again"))]

use std::fs::{self, File, Metadata};
use std::io::{ErrorKind, Read as _};
use std::path::Path;

use techfile::digest::Digest;

/// Size, times and number of a regular file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Look {
    size: u64,
    /// Last writing, in nanoseconds of the disk's clock.
    written: i128,
    /// Last change of anything, which nobody can set; the same as `written` where a disk has no such time.
    changed: i128,
    /// Number of the file on its disk; 0 where there is none.
    number: u64,
}

/// What is at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seen {
    Absent,
    File(Look),
    /// A folder, a link, a device, or something that cannot be looked at.
    Other,
}

/// Nanoseconds between two ticks of a disk's clock: the slowest of kernels that count in fractions of a second.
const TICK: i128 = 20_000_000;
/// The same of disks that count in seconds, or in two.
const COARSE: i128 = 3_000_000_000;

impl Look {
    fn of(state: &Metadata) -> Self {
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt as _;
            let nanos = |seconds: i64, rest: i64| i128::from(seconds) * 1_000_000_000 + i128::from(rest);
            Self {
                size: state.len(),
                written: nanos(state.mtime(), state.mtime_nsec()),
                changed: nanos(state.ctime(), state.ctime_nsec()),
                number: state.ino(),
            }
        }
        #[cfg(windows)]
        {
            use std::os::windows::fs::MetadataExt as _;
            // In steps of 100 nanoseconds, from another beginning: only differences count.
            let written = i128::from(state.last_write_time()) * 100;
            Self { size: state.len(), written, changed: written, number: 0 }
        }
        // Without times a file is read each time.
        #[cfg(not(any(unix, windows)))]
        Self { size: state.len(), written: i128::MAX, changed: i128::MAX, number: 0 }
    }

    /// Whether the file was left alone for longer than a tick before `other` was written.
    pub(crate) fn settled(&self, other: &Look) -> bool {
        let last = self.written.max(self.changed);
        let tick = if last % 1_000_000_000 == 0 { COARSE } else { TICK };
        other.written.saturating_sub(last) > tick
    }

    /// As numbers, for a record.
    pub(crate) fn numbers(&self) -> [String; 4] {
        [self.size.to_string(), self.written.to_string(), self.changed.to_string(), self.number.to_string()]
    }

    /// Read back.
    pub(crate) fn parse(numbers: &[&str]) -> Option<Self> {
        let [size, written, changed, number] = numbers else { return None };
        Some(Self {
            size: size.parse().ok()?,
            written: written.parse().ok()?,
            changed: changed.parse().ok()?,
            number: number.parse().ok()?,
        })
    }
}

/// Looks at a path; follows no link.
pub(crate) fn look(path: &Path) -> Seen {
    match fs::symlink_metadata(path) {
        Ok(state) if state.is_file() => Seen::File(Look::of(&state)),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Seen::Absent,
        Ok(_) | Err(_) => Seen::Other,
    }
}

/// The digest of a regular file, unless it is too large to be one of ours.
pub(crate) fn digest(path: &Path) -> Option<Digest> {
    bytes(path).map(|bytes| Digest::of(&bytes))
}

/// The bytes of a regular file that we may have written ourselves.
pub(crate) fn bytes(path: &Path) -> Option<Vec<u8>> {
    /// More than any document has.
    const MOST: u64 = 1 << 30;
    let state = fs::symlink_metadata(path).ok().filter(|state| state.is_file() && state.len() <= MOST)?;
    let mut bytes = Vec::with_capacity(usize::try_from(state.len()).ok()?);
    File::open(path).ok()?.take(MOST + 1).read_to_end(&mut bytes).ok()?;
    (bytes.len() as u64 <= MOST).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_looks_the_same_until_somebody_writes_it() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("a");
        assert_eq!(look(&path), Seen::Absent);
        assert_eq!(look(&path.join("b")), Seen::Absent);
        assert_eq!(look(dir.path()), Seen::Other);
        fs::write(&path, "1").expect("a file");
        let Seen::File(first) = look(&path) else { panic!("it is a file") };
        assert_eq!(look(&path), Seen::File(first));
        let numbers = first.numbers();
        assert_eq!(Look::parse(&numbers.each_ref().map(String::as_str)), Some(first));
        // Another file with the same bytes and the same time is another file.
        let time = fs::metadata(&path).and_then(|state| state.modified()).expect("a time");
        let other = dir.path().join("b");
        fs::write(&other, "2").expect("a file");
        File::options().write(true).open(&other).and_then(|file| file.set_modified(time)).expect("a time");
        fs::rename(&other, &path).expect("renamed");
        assert_ne!(look(&path), Seen::File(first));
    }

    #[test]
    fn what_was_written_in_the_same_tick_is_not_settled() {
        let look = |at: i128| Look { size: 1, written: at, changed: at, number: 1 };
        assert!(!look(5).settled(&look(5)));
        assert!(look(5).settled(&look(5 + TICK + 1)));
        let second = 1_000_000_000;
        assert!(!look(second).settled(&look(2 * second + 1)), "a disk that counts in seconds");
        assert!(look(second).settled(&look(5 * second)));
    }
}
