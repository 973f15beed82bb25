//! Outputs: each file whole or not at all, and untouched where its bytes would not change.
#![expect(clippy::disallowed_methods, reason = "this is the one writer")]
#![cfg_attr(not(feature = "pdf"), allow(dead_code, reason = "only documents are replaced"))]

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::thread;

use techfile::digest::Digest;
use techfile::record::layout::OURS;
use tempfile::{Builder, NamedTempFile, TempPath};

use super::lock::Locks;
use super::{folder_of, io, shown};
use crate::exit::Failure;
use crate::interrupt::Hold;

/// Where the outputs of a document go.
#[derive(Debug, Clone)]
pub(crate) struct Out {
    /// The folder of all outputs of a run or a project, which is locked as a whole.
    pub(crate) root: PathBuf,
    /// The folder in it, or itself, that holds this document's.
    pub(crate) folder: PathBuf,
}

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
    let hold = Hold::new();
    match beside(path, bytes, &hold)?.persist_noclobber(path) {
        Ok(()) => sync(&folder_of(path)),
        Err(error) if error.error.kind() == std::io::ErrorKind::AlreadyExists => Err(exists()),
        Err(error) => Err(io("cannot write", path)(error.error)),
    }
}

/// Makes a file unless there is one; another run may make it at the same time.
pub(super) fn ensure(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let there = || fs::symlink_metadata(path).is_ok();
    if there() {
        return Ok(());
    }
    create(path, bytes).or_else(|failure| if there() { Ok(()) } else { Err(failure) })
}

/// Writes files into a folder, then removes what an earlier run left in `owned`, a folder that is ours alone: it is
/// ours if it held a file that we make.
///
/// Where nothing would change, nothing is locked and nothing touched. Otherwise every file lies ready under another name
/// before the first gets its own: a full disk, or a signal until then, leaves all of them as they were.
pub(crate) fn write_all(
    locks: &Locks,
    out: &Out,
    files: &BTreeMap<String, Vec<u8>>,
    owned: &str,
) -> Result<BTreeMap<String, Written>, Failure> {
    let folder = &out.folder;
    let owned = folder.join(owned);
    let mark = mark(&owned);
    // What others point at comes first: pictures before the Markdown that shows them, digests after what they digest.
    let mut targets: Vec<(&str, PathBuf)> = files.keys().map(|name| (name.as_str(), folder.join(name))).collect();
    targets.sort_by_key(|(name, _)| (!name.contains(".files/"), name.ends_with(".sha256")));
    writable(out, &targets, &owned)?;
    let changed = |(name, path): &&(&str, PathBuf)| !holds(path, &files[*name]);
    let kept: Vec<&Path> = targets.iter().map(|(_, path)| path.as_path()).collect();
    let ours = || kept.iter().any(|path| path.starts_with(&owned) && fs::symlink_metadata(path).is_ok());
    let extra = || if ours() { unmade(&owned, &kept) } else { Ok(Vec::new()) };
    let mut written: BTreeMap<String, Written> = files.keys().map(|name| (name.clone(), Written::Unchanged)).collect();
    if !targets.iter().any(|target| changed(&target)) && extra()?.is_empty() && leftovers(folder, &owned)?.is_empty() {
        return Ok(written);
    }
    locks.take(&out.root)?;
    make(folder)?;
    let mut hold = Hold::new();
    let mut ready = Vec::new();
    leftovers(folder, &owned)?.iter().try_for_each(|path| remove(path))?;
    // Whoever had the lock before may have written just what we were about to write, or more.
    let ours = ours();
    let new: Vec<&(&str, PathBuf)> = targets.iter().filter(changed).collect();
    for some in new.chunks(HANDS) {
        let mut begun = Vec::with_capacity(some.len());
        for (name, path) in some {
            let folder = folder_of(path);
            make(&folder)?;
            begun.push((path.as_path(), marked(&folder, path, &files[*name], &mark, &hold)?));
        }
        sync_all(&begun)?;
        ready.extend(some.iter().zip(begun).map(|((name, path), (_, file))| (*name, path, file.into_temp_path())));
        (hold, ready) = hold.go_on(ready);
    }
    let mut folders = BTreeSet::new();
    for (name, path, file) in ready {
        if name.ends_with(".sha256") {
            std::mem::take(&mut folders).iter().try_for_each(|folder: &PathBuf| sync(folder))?;
        }
        file.persist(path).map_err(|error| io("cannot write", path)(error.error))?;
        folders.insert(folder_of(path));
        written.insert(name.to_owned(), Written::New);
    }
    folders.iter().try_for_each(|folder| sync(folder))?;
    if ours {
        sweep(&owned, &kept)?;
    }
    Ok(written)
}

/// Removes outputs and the folder that only they use, then the folders that hold nothing else, up to the output folder.
pub(crate) fn discard(locks: &Locks, out: &Out, names: &[String], owned: &str) -> Result<(), Failure> {
    locks.take(&out.root)?;
    let _hold = Hold::new();
    names.iter().try_for_each(|name| remove(&out.folder.join(name)))?;
    let owned = out.folder.join(owned);
    leftovers(&out.folder, &owned)?.iter().try_for_each(|path| remove(path))?;
    if fs::symlink_metadata(&owned).is_ok_and(|state| state.is_dir()) {
        sweep(&owned, &[])?;
        let _ = fs::remove_dir(&owned);
    }
    // A folder that still holds something stays.
    let above = out.folder.ancestors().take_while(|above| *above != out.root && above.starts_with(&out.root));
    let _ = above.map(fs::remove_dir).take_while(Result::is_ok).count();
    Ok(())
}

/// Whether a run that was killed left something in a folder that outputs lie in.
pub(crate) fn unfinished_in(folder: &Path, owned: &str) -> bool {
    leftovers(folder, &folder.join(owned)).is_ok_and(|found| !found.is_empty())
}

/// Demands that outputs can take their places: no folder stands there, and no link leads elsewhere.
fn writable(out: &Out, targets: &[(&str, PathBuf)], owned: &Path) -> Result<(), Failure> {
    let folders: BTreeSet<&Path> = targets
        .iter()
        .flat_map(|(_, path)| path.ancestors().skip(1).take_while(|folder| folder.starts_with(owned)))
        .chain([owned])
        // The output folder itself may be a link if somebody has named it.
        .chain(out.folder.ancestors().take_while(|folder| *folder != out.root && folder.starts_with(&out.root)))
        .collect();
    for folder in folders {
        match fs::symlink_metadata(folder) {
            Ok(state) if state.is_symlink() => return Err(linked(folder)),
            Ok(state) if !state.is_dir() => {
                let error = std::io::Error::from(std::io::ErrorKind::NotADirectory);
                return Err(io("cannot write into", folder)(error));
            }
            _ => {}
        }
    }
    match targets.iter().find(|(_, path)| fs::symlink_metadata(path).is_ok_and(|state| state.is_dir())) {
        Some((_, path)) => Err(io("cannot write", path)(std::io::Error::from(std::io::ErrorKind::IsADirectory))),
        None => Ok(()),
    }
}

/// A link in place of a folder of ours.
pub(super) fn linked(folder: &Path) -> Failure {
    Failure::refused(format!("`{}` is a symbolic link, which may lead elsewhere", shown(folder)))
        .help("remove it; techfile writes nowhere but into the output folder")
}

/// Gives a file these bytes, under the lock of whoever calls.
pub(super) fn replace(path: &Path, bytes: &[u8], hold: &Hold) -> Result<Written, Failure> {
    if holds(path, bytes) {
        return Ok(Written::Unchanged);
    }
    make(&folder_of(path))?;
    beside(path, bytes, hold)?.persist(path).map_err(|error| io("cannot write", path)(error.error))?;
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

/// How the names of files end that have not got their own yet.
const UNFINISHED: &str = ".tmp";

/// How many letters a mark has, and how many that nobody can guess come after it.
const MARK: usize = 8;
const RANDOM: usize = 6;

/// The mark of files that belong to no document.
const NOBODY: &str = "";

/// What the names of a document's unfinished files begin with: documents that are made at the same time may lie in one
/// folder, and each removes what it left itself and nothing else. So with the drafts of files in the hidden folder.
fn mark(owned: &Path) -> String {
    let name = owned.file_name().unwrap_or_default();
    Digest::of(name.as_encoded_bytes()).to_string()[..MARK].to_owned()
}

/// A temporary file in the same folder, so that renaming it is one step. It is closed: a document may have more files
/// than a process may have open.
pub(super) fn beside(path: &Path, bytes: &[u8], hold: &Hold) -> Result<TempPath, Failure> {
    let file = marked(&folder_of(path), path, bytes, NOBODY, hold)?;
    file.as_file().sync_all().map_err(io("cannot write", path))?;
    Ok(file.into_temp_path())
}

/// How many files are put on the disk at a time: nearly all of that time is waiting, and a disk takes several as fast as one.
const HANDS: usize = 8;
/// Room for a thread that only waits.
const STACK: usize = 64 * 1024;

/// Waits until files are on the disk, for all of them at once. The threads take no memory of their own.
fn sync_all(files: &[(&Path, NamedTempFile)]) -> Result<(), Failure> {
    let ended: Vec<std::io::Result<()>> = thread::scope(|scope| {
        let mut begun = Vec::with_capacity(files.len());
        for (_, file) in files {
            let sync = || file.as_file().sync_all();
            let hand = thread::Builder::new().stack_size(STACK).spawn_scoped(scope, sync);
            // Without another thread this one waits.
            begun.push(hand.map_err(|_| sync()));
        }
        let waited = begun.into_iter().map(|hand| match hand {
            Ok(hand) => hand.join().unwrap_or_else(|panic| resume_unwind(panic)),
            Err(ended) => ended,
        });
        waited.collect()
    });
    files.iter().zip(ended).try_for_each(|((path, _), ended)| ended.map_err(io("cannot write", path)))
}

/// The same in another folder of the same disk, before anybody made sure that the disk has it. It takes the place of what
/// a run left there that was killed when it wrote the same file.
pub(super) fn draft(folder: &Path, path: &Path, bytes: &[u8], hold: &Hold) -> Result<NamedTempFile, Failure> {
    let mark = mark(path);
    unfinished(folder, &mark)?.iter().try_for_each(|path| remove(path))?;
    marked(folder, path, bytes, &mark, hold)
}

fn marked(folder: &Path, path: &Path, bytes: &[u8], mark: &str, _: &Hold) -> Result<NamedTempFile, Failure> {
    let prefix = format!("{OURS}{mark}");
    let mut builder = Builder::new();
    builder.prefix(&prefix).suffix(UNFINISHED).rand_bytes(RANDOM);
    #[cfg(unix)]
    let permissions = <fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o666);
    #[cfg(unix)]
    // Others may read outputs, as far as the user's umask says so.
    builder.permissions(permissions);
    let doing = || io("cannot write", path);
    let mut file = builder.tempfile_in(folder).map_err(doing())?;
    file.write_all(bytes).map_err(doing())?;
    Ok(file)
}

pub(super) fn make(folder: &Path) -> Result<(), Failure> {
    fs::create_dir_all(folder).map_err(io("cannot make the folder", folder))
}

/// Names that were given are on the disk before the next step.
pub(super) fn sync(folder: &Path) -> Result<(), Failure> {
    if cfg!(unix) {
        let opened = File::open(folder).map_err(io("cannot read", folder))?;
        opened.sync_all().map_err(io("cannot write", folder))?;
    }
    Ok(())
}

/// Removes a file; that somebody else has done so is no failure.
pub(super) fn remove(path: &Path) -> Result<(), Failure> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(io("cannot remove", path)(error)),
        _ => Ok(()),
    }
}

/// Removes all temporary files that killed runs left in a folder; only who holds its lock may do so.
pub(super) fn clear(folder: &Path) -> Result<(), Failure> {
    temporary(folder, |middle| [RANDOM, MARK + RANDOM].contains(&middle.len()))?
        .iter()
        .try_for_each(|path| remove(path))
}

/// Temporary files of a document in a folder and, at any depth, in one that is its own.
fn leftovers(folder: &Path, owned: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mark = mark(owned);
    let mut found = unfinished(folder, &mark)?;
    let mut waiting = vec![owned.to_owned()];
    while let Some(folder) = waiting.pop() {
        found.extend(unfinished(&folder, &mark)?);
        waiting.extend(entries(&folder)?.into_iter().filter(|(_, state)| state.is_dir()).map(|(path, _)| path));
    }
    Ok(found)
}

/// Temporary files of ours in a folder that bear a mark.
fn unfinished(folder: &Path, mark: &str) -> Result<Vec<PathBuf>, Failure> {
    temporary(folder, |middle| middle.strip_prefix(mark).is_some_and(|random| random.len() == RANDOM))
}

/// Files in a folder with a name that nobody else gives, by what stands between its first and last letters.
fn temporary(folder: &Path, ours: impl Fn(&str) -> bool) -> Result<Vec<PathBuf>, Failure> {
    let ours = |path: &Path| {
        let name = path.file_name().and_then(|name| name.to_str());
        let middle = name.and_then(|name| name.strip_prefix(OURS)?.strip_suffix(UNFINISHED));
        middle.is_some_and(|middle| middle.bytes().all(|byte| byte.is_ascii_alphanumeric()) && ours(middle))
    };
    let files = entries(folder)?.into_iter().filter(|(path, state)| state.is_file() && ours(path));
    Ok(files.map(|(path, _)| path).collect())
}

/// What lies in a folder; nothing, if there is none.
fn entries(folder: &Path) -> Result<Vec<(PathBuf, fs::FileType)>, Failure> {
    let listed = match fs::read_dir(folder) {
        Err(error) if matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory) => {
            return Ok(Vec::new());
        }
        listed => listed.map_err(io("cannot read", folder))?,
    };
    let mut found = Vec::new();
    for entry in listed {
        let entry = entry.map_err(io("cannot read", folder))?;
        found.push((folder.join(entry.file_name()), entry.file_type().map_err(io("cannot read", folder))?));
    }
    Ok(found)
}

/// Files in a folder of ours that the run does not make.
fn unmade(folder: &Path, kept: &[&Path]) -> Result<Vec<PathBuf>, Failure> {
    let mut found = Vec::new();
    for (path, state) in entries(folder)? {
        if state.is_dir() {
            found.extend(unmade(&path, kept)?);
        } else if !kept.contains(&path.as_path()) {
            found.push(path);
        }
    }
    Ok(found)
}

/// Removes those files, and folders that hold nothing afterwards.
fn sweep(folder: &Path, kept: &[&Path]) -> Result<(), Failure> {
    unmade(folder, kept)?.iter().try_for_each(|path| remove(path))?;
    for (path, state) in entries(folder)? {
        if state.is_dir() {
            sweep(&path, kept)?;
            // A folder that still holds something stays.
            let _ = fs::remove_dir(&path);
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

    fn write(
        folder: &Path,
        files: &BTreeMap<String, Vec<u8>>,
        owned: &str,
    ) -> Result<BTreeMap<String, Written>, Failure> {
        write_all(&Locks::default(), &Out { root: folder.to_owned(), folder: folder.to_owned() }, files, owned)
    }

    #[test]
    fn outputs_are_replaced_only_where_they_change_and_leftovers_go() {
        let dir = tempfile::tempdir().expect("a folder");
        let out = dir.path().join("out");
        let first = outputs(&[("a.md", "1"), ("a.files/x.png", "x"), ("a.files/deep/y.png", "y")]);
        let written = write(&out, &first, "a.files").expect("it can be written");
        assert!(written.values().all(|what| *what == Written::New));
        fs::write(out.join("mine.txt"), "mine").expect("a file");
        let second = outputs(&[("a.md", "2"), ("a.files/x.png", "x")]);
        let written = write(&out, &second, "a.files").expect("it can be written");
        assert_eq!((written["a.md"], written["a.files/x.png"]), (Written::New, Written::Unchanged));
        assert!(!out.join("a.files/deep").exists(), "what is no longer made is gone");
        assert!(out.join("mine.txt").exists(), "what is not ours stays");
        let names = fs::read_dir(&out).expect("it is there").count();
        assert_eq!(names, 4, "no temporary file is left, only the hidden folder with the lock");
    }

    #[test]
    fn a_folder_that_was_never_ours_is_not_swept() {
        let dir = tempfile::tempdir().expect("a folder");
        fs::create_dir(dir.path().join("a.files")).expect("a folder");
        fs::write(dir.path().join("a.files/holiday.jpg"), "sun").expect("a file");
        write(dir.path(), &outputs(&[("a.files/x.png", "x")]), "a.files").expect("it can be written");
        assert!(dir.path().join("a.files/holiday.jpg").exists());
    }

    #[test]
    fn nothing_is_written_if_one_output_cannot_be() {
        let dir = tempfile::tempdir().expect("a folder");
        fs::create_dir(dir.path().join("a.pdf")).expect("a folder");
        let failure = write(dir.path(), &outputs(&[("a.md", "1"), ("a.pdf", "2")]), "a.files").expect_err("no");
        assert_eq!(failure.exit.code(), 74);
        assert!(!dir.path().join("a.md").exists());
    }

    #[test]
    fn where_nothing_changes_nothing_is_locked_and_what_a_kill_left_goes() {
        let dir = tempfile::tempdir().expect("a folder");
        let files = outputs(&[("a.md", "1"), ("a.files/x.png", "x")]);
        write(dir.path(), &files, "a.files").expect("it can be written");
        fs::remove_dir_all(dir.path().join(".techfile")).expect("it is there");
        write(dir.path(), &files, "a.files").expect("there is nothing to write");
        assert!(!dir.path().join(".techfile").exists(), "nothing was locked");
        let [own, other] = ["a.files", "b.files"].map(|owned| mark(&dir.path().join(owned)));
        let left = [format!(".techfile-{own}aB3dE9.tmp"), format!("a.files/.techfile-{own}000000.tmp")];
        // Another document in the same folder may be on its way.
        let others =
            [".techfile-pending.jsonl", ".techfile-long-name.tmp", "techfile-aB3dE9.tmp", ".techfile-aB3dE9.tmp"];
        let others = [others.map(str::to_owned).to_vec(), vec![format!(".techfile-{other}aB3dE9.tmp")]].concat();
        left.iter().chain(&others).for_each(|name| fs::write(dir.path().join(name), "half").expect("a file"));
        let written = write(dir.path(), &files, "a.files").expect("it can be written");
        assert!(written.values().all(|what| *what == Written::Unchanged));
        assert!(left.iter().all(|name| !dir.path().join(name).exists()));
        assert!(others.iter().all(|name| dir.path().join(name).exists()), "what is not ours stays");
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
        assert_eq!(write(&out, &files, "a.files").expect_err("no").exit.code(), 5);
        assert!(!dir.path().join("x.png").exists());
        fs::create_dir_all(out.join("c.files")).expect("a folder");
        symlink(dir.path(), out.join("c.files/deep")).expect("a link");
        let deep = outputs(&[("c.files/deep/x.png", "x"), ("c.md", "1")]);
        assert_eq!(write(&out, &deep, "c.files").expect_err("no").exit.code(), 5);
        assert!(!dir.path().join("x.png").exists() && !out.join("c.md").exists());
        write(&out, &outputs(&[("a.md", "1")]), "b.files").expect("it can be written");
        fs::write(out.join("plain"), "").expect("a file");
        let mode = |name: &str| fs::metadata(out.join(name)).expect("it is there").permissions().mode();
        assert_eq!(mode("a.md"), mode("plain"), "the umask decides, as for any file");
    }
}
