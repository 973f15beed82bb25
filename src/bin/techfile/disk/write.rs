//! Outputs: each file whole or not at all, and untouched where its bytes would not change.
#![expect(clippy::disallowed_methods, reason = "this is the one writer")]
#![cfg_attr(not(feature = "pdf"), allow(dead_code, reason = "only documents are replaced"))]

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use techfile::record::layout::OURS;
use tempfile::{Builder, NamedTempFile};

use super::{folder_of, io, shown};
use crate::exit::Failure;

/// What became of one output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Written {
    New,
    Unchanged,
}

/// Demands that no file of these is there yet.
pub(crate) fn absent<'p>(paths: impl IntoIterator<Item = &'p Path>) -> Result<(), Failure> {
    match paths.into_iter().find(|path| fs::symlink_metadata(path).is_ok()) {
        Some(path) => Err(Failure::refused(format!("`{}` exists already and is left as it is", shown(path)))
            .help("give another name with `--out FILE` or `--project DIR`")),
        None => Ok(()),
    }
}

/// Makes a file that is not there yet.
pub(crate) fn create(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let exists = || {
        Failure::refused(format!("`{}` exists already and is left as it is", shown(path)))
            .help("give another name with `--out FILE`")
    };
    absent([path])?;
    make(&folder_of(path))?;
    match beside(path, bytes)?.persist_noclobber(path) {
        Ok(_) => Ok(()),
        Err(error) if error.error.kind() == std::io::ErrorKind::AlreadyExists => Err(exists()),
        Err(error) => Err(io("cannot write", path)(error.error)),
    }
}

/// Writes files into a folder, then removes what an earlier run left in `owned`, a folder that is ours alone: it is
/// ours if it held a file that we make.
pub(crate) fn write_all(
    folder: &Path,
    files: &BTreeMap<String, Vec<u8>>,
    owned: &str,
) -> Result<BTreeMap<String, Written>, Failure> {
    make(folder)?;
    let owned = folder.join(owned);
    if let Ok(state) = fs::symlink_metadata(&owned) {
        if state.is_symlink() {
            return Err(Failure::refused(format!("`{}` is a symbolic link, which may lead elsewhere", shown(&owned)))
                .help("remove it; techfile writes nowhere but into the output folder"));
        }
        if !state.is_dir() {
            let error = std::io::Error::from(std::io::ErrorKind::NotADirectory);
            return Err(io("cannot write into", &owned)(error));
        }
    }
    let targets: Vec<(&String, PathBuf)> = files.keys().map(|name| (name, folder.join(name))).collect();
    for (_, path) in &targets {
        if fs::symlink_metadata(path).is_ok_and(|state| state.is_dir()) {
            return Err(io("cannot write", path)(std::io::Error::from(std::io::ErrorKind::IsADirectory)));
        }
    }
    let ours = targets.iter().any(|(_, path)| path.starts_with(&owned) && fs::symlink_metadata(path).is_ok());
    let mut written = BTreeMap::new();
    // What others point at comes first: pictures before the Markdown that shows them, digests after what they digest.
    let mut order: Vec<_> = targets.iter().collect();
    order.sort_by_key(|(name, _)| (!name.contains(".files/"), name.ends_with(".sha256")));
    for (name, path) in order {
        written.insert((*name).clone(), replace(path, &files[*name])?);
    }
    if ours {
        let kept: Vec<&Path> = targets.iter().map(|(_, path)| path.as_path()).collect();
        sweep(&owned, &kept)?;
    }
    Ok(written)
}

/// The hidden folder in an output folder that holds what is no output: what was remembered, and who is writing.
pub(crate) fn hidden(root: &Path) -> PathBuf {
    root.join(".techfile")
}

/// Writes down something that may be lost, below the hidden folder of an output folder. That it cannot be written is no
/// failure: it saves time and nothing else.
pub(crate) fn remember(root: &Path, path: &Path, bytes: &[u8]) {
    let ignore = hidden(root).join(".gitignore");
    let there = fs::symlink_metadata(&ignore).is_ok();
    let written = || {
        make(&folder_of(path))?;
        if !there {
            replace(&ignore, b"*\n")?;
        }
        let file = draft(path, bytes)?;
        file.persist(path).map_err(|error| io("cannot write", path)(error.error))
    };
    // A link there leads to a place that is not ours.
    let link = |path: &Path| fs::symlink_metadata(path).is_ok_and(|state| state.is_symlink());
    if !link(&hidden(root)) && !link(&folder_of(path)) {
        let _: Result<_, Failure> = written();
    }
}

/// Removes outputs and the folder that only they use, then the folders that hold nothing else, up to the output folder.
pub(crate) fn clear(root: &Path, folder: &Path, names: &[String], owned: &str) -> Result<(), Failure> {
    for name in names {
        let path = folder.join(name);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(io("cannot remove", &path)(error));
            }
            _ => {}
        }
    }
    let owned = folder.join(owned);
    if fs::symlink_metadata(&owned).is_ok_and(|state| state.is_dir()) {
        sweep(&owned, &[])?;
        let _ = fs::remove_dir(&owned);
    }
    // A folder that still holds something stays.
    let above = folder.ancestors().take_while(|above| *above != root && above.starts_with(root));
    let _ = above.map(fs::remove_dir).take_while(Result::is_ok).count();
    Ok(())
}

/// Writes a file that a person named, whole or not at all.
pub(crate) fn save(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    replace(path, bytes).map(|_| ())
}

/// Forgets it.
pub(crate) fn forget(path: &Path) {
    let _ = fs::remove_file(path);
}

pub(super) fn replace(path: &Path, bytes: &[u8]) -> Result<Written, Failure> {
    if holds(path, bytes) {
        return Ok(Written::Unchanged);
    }
    make(&folder_of(path))?;
    beside(path, bytes)?.persist(path).map_err(|error| io("cannot write", path)(error.error))?;
    Ok(Written::New)
}

/// Whether a regular file has just these bytes.
pub(super) fn holds(path: &Path, bytes: &[u8]) -> bool {
    let same_size = fs::symlink_metadata(path).is_ok_and(|state| state.is_file() && state.len() == bytes.len() as u64);
    let read = || {
        let mut found = Vec::with_capacity(bytes.len());
        File::open(path)?.take(bytes.len() as u64 + 1).read_to_end(&mut found)?;
        Ok::<_, std::io::Error>(found)
    };
    same_size && read().is_ok_and(|found| found == bytes)
}

/// A temporary file in the same folder, so that renaming it is one step.
fn beside(path: &Path, bytes: &[u8]) -> Result<NamedTempFile, Failure> {
    let file = draft(path, bytes)?;
    file.as_file().sync_all().map_err(io("cannot write", path))?;
    Ok(file)
}

/// The same before anybody made sure that the disk has it.
fn draft(path: &Path, bytes: &[u8]) -> Result<NamedTempFile, Failure> {
    let mut builder = Builder::new();
    builder.prefix(OURS).suffix(".tmp");
    #[cfg(unix)]
    let permissions = <fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o666);
    #[cfg(unix)]
    // Others may read outputs, as far as the user's umask says so.
    builder.permissions(permissions);
    let doing = || io("cannot write", path);
    let mut file = builder.tempfile_in(folder_of(path)).map_err(doing())?;
    file.write_all(bytes).map_err(doing())?;
    Ok(file)
}

pub(super) fn make(folder: &Path) -> Result<(), Failure> {
    fs::create_dir_all(folder).map_err(io("cannot make the folder", folder))
}

/// Removes files in a folder of ours that the run did not make.
fn sweep(folder: &Path, kept: &[&Path]) -> Result<(), Failure> {
    let Ok(entries) = fs::read_dir(folder) else { return Ok(()) };
    for entry in entries {
        let path = folder.join(entry.map_err(io("cannot read", folder))?.file_name());
        let state = fs::symlink_metadata(&path).map_err(io("cannot read", &path))?;
        if state.is_dir() {
            sweep(&path, kept)?;
            // A folder that still holds something stays.
            let _ = fs::remove_dir(&path);
        } else if !kept.contains(&path.as_path()) {
            fs::remove_file(&path).map_err(io("cannot remove", &path))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outputs(files: &[(&str, &str)]) -> BTreeMap<String, Vec<u8>> {
        files.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect()
    }

    #[test]
    fn outputs_are_replaced_only_where_they_change_and_leftovers_go() {
        let dir = tempfile::tempdir().expect("a folder");
        let out = dir.path().join("out");
        let first = outputs(&[("a.md", "1"), ("a.files/x.png", "x"), ("a.files/deep/y.png", "y")]);
        let written = write_all(&out, &first, "a.files").expect("it can be written");
        assert!(written.values().all(|what| *what == Written::New));
        fs::write(out.join("mine.txt"), "mine").expect("a file");
        let second = outputs(&[("a.md", "2"), ("a.files/x.png", "x")]);
        let written = write_all(&out, &second, "a.files").expect("it can be written");
        assert_eq!((written["a.md"], written["a.files/x.png"]), (Written::New, Written::Unchanged));
        assert!(!out.join("a.files/deep").exists(), "what is no longer made is gone");
        assert!(out.join("mine.txt").exists(), "what is not ours stays");
        let names = fs::read_dir(&out).expect("it is there").count();
        assert_eq!(names, 3, "no temporary file is left");
    }

    #[test]
    fn a_folder_that_was_never_ours_is_not_swept() {
        let dir = tempfile::tempdir().expect("a folder");
        fs::create_dir(dir.path().join("a.files")).expect("a folder");
        fs::write(dir.path().join("a.files/holiday.jpg"), "sun").expect("a file");
        write_all(dir.path(), &outputs(&[("a.files/x.png", "x")]), "a.files").expect("it can be written");
        assert!(dir.path().join("a.files/holiday.jpg").exists());
    }

    #[test]
    fn nothing_is_written_if_one_output_cannot_be() {
        let dir = tempfile::tempdir().expect("a folder");
        fs::create_dir(dir.path().join("a.pdf")).expect("a folder");
        let failure = write_all(dir.path(), &outputs(&[("a.md", "1"), ("a.pdf", "2")]), "a.files").expect_err("no");
        assert_eq!(failure.exit.code(), 74);
        assert!(!dir.path().join("a.md").exists());
    }

    #[test]
    fn what_exists_is_never_overwritten() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("deep/answers.yaml");
        create(&path, b"1").expect("it can be written");
        assert_eq!(create(&path, b"2").expect_err("no").exit.code(), 5);
        assert_eq!(fs::read(&path).expect("it is there"), b"1");
    }

    #[cfg(unix)]
    #[test]
    fn outputs_stay_in_the_folder_and_others_may_read_them() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};
        let dir = tempfile::tempdir().expect("a folder");
        let out = dir.path().join("out");
        fs::create_dir_all(&out).expect("a folder");
        symlink(dir.path(), out.join("a.files")).expect("a link");
        let files = outputs(&[("a.files/x.png", "x"), ("a.md", "1")]);
        assert_eq!(write_all(&out, &files, "a.files").expect_err("no").exit.code(), 5);
        assert!(!dir.path().join("x.png").exists());
        write_all(&out, &outputs(&[("a.md", "1")]), "b.files").expect("it can be written");
        fs::write(out.join("plain"), "").expect("a file");
        let mode = |name: &str| fs::metadata(out.join(name)).expect("it is there").permissions().mode();
        assert_eq!(mode("a.md"), mode("plain"), "the umask decides, as for any file");
    }
}
