//! What a build leaves on the disk, and what it never touches.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use techfile::digest::Digest;
use tempfile::tempdir;

use crate::exits::{edit, toy, toy_run};
use crate::program::{command, run, techfile};
use crate::repository::root;

/// Every file below a folder, with its bytes; without the hidden folder that holds the lock.
pub(crate) fn tree(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(next) = waiting.pop() {
        for entry in fs::read_dir(&next).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() && path.ends_with(".techfile") {
                continue;
            }
            if path.is_dir() && !path.is_symlink() {
                waiting.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
                found.insert(name, fs::read(&path).unwrap_or_default());
            }
        }
    }
    found
}

#[test]
fn a_build_leaves_the_files_of_the_contract_and_digests_that_hold() {
    let folder = toy();
    let ran = toy_run(folder.path(), &["build", "answers.yaml", "--out", "out"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, "out/answers.pdf\n"), "{}", ran.stderr);
    let out = tree(&folder.path().join("out"));
    for name in ["answers.md", "answers.typ", "answers.pdf", "answers.manifest.json", "answers.pdf.sha256"] {
        assert!(out.contains_key(name), "{name} is missing: {:?}", out.keys());
    }
    for name in out.keys() {
        assert!(name.starts_with("answers."), "{name} is nobody's");
    }
    let sums = String::from_utf8(out["answers.pdf.sha256"].clone()).unwrap();
    let listed: Vec<&str> = sums.lines().map(|line| line.split_once("  ").unwrap().1).collect();
    assert_eq!(listed, ["answers.pdf", "answers.md", "answers.typ", "answers.manifest.json"]);
    for line in sums.lines() {
        let (digest, name) = line.split_once("  ").unwrap();
        assert_eq!(Digest::of(&out[name]).to_string(), digest, "{name}");
    }
    // The ids: the content id is named by the Markdown and the manifest, the build id is the manifest's digest.
    let manifest: serde_json::Value = serde_json::from_slice(&out["answers.manifest.json"]).unwrap();
    let content = manifest["content_id"].as_str().unwrap();
    let markdown = String::from_utf8(out["answers.md"].clone()).unwrap();
    let front = markdown.strip_prefix("---\n").unwrap().split_once("\n---\n").unwrap().0;
    assert!(front.contains(content), "{front}");
    let build = Digest::of(&out["answers.manifest.json"]).to_string();
    assert!(!markdown.contains(&build), "the Markdown changes only when words change");
    assert!(out["answers.pdf"].ends_with(b"%%EOF\n"), "one line feed after the end, so that a signature keeps PDF/A");
    // Both ids in full, where every PDF reader shows them: the metadata are not compressed.
    for id in [format!("techfile:content=sha256:{content}"), format!("techfile:build=sha256:{build}")] {
        let pdf = &out["answers.pdf"];
        assert!(pdf.windows(id.len()).any(|part| part == id.as_bytes()), "the PDF lacks {id}");
    }
    // What the reader of the PDF sees is what the evidence file holds: it was read once.
    let evidence = Digest::of(&fs::read(folder.path().join("drops.txt")).unwrap()).to_string();
    assert!(markdown.contains(&evidence), "the evidence is listed by the digest of its bytes");
}

#[test]
fn a_second_build_touches_nothing_and_a_third_only_what_changed() {
    let folder = toy();
    assert_eq!(toy_run(folder.path(), &["build", "answers.yaml", "--out", "out"]).code, 0);
    let out = folder.path().join("out");
    let old = SystemTime::now() - Duration::from_secs(1000);
    for name in tree(&out).keys() {
        fs::File::options().write(true).open(out.join(name)).unwrap().set_modified(old).unwrap();
    }
    let untouched = || {
        let touched = |name: &&String| out.join(name.as_str()).metadata().unwrap().modified().unwrap() != old;
        tree(&out).keys().filter(touched).cloned().collect::<Vec<_>>()
    };
    let before = tree(&out);
    let again = toy_run(folder.path(), &["build", "answers.yaml", "--out", "out"]);
    assert!(again.stderr.starts_with("up to date"), "{}", again.stderr);
    assert_eq!(untouched(), Vec::<String>::new());
    assert_eq!(tree(&out), before);
    // A comment changes no output at all.
    edit(&folder.path().join("answers.yaml"), "toy_name:", "# a comment\ntoy_name:");
    assert_eq!(toy_run(folder.path(), &["build", "answers.yaml", "--out", "out"]).code, 0);
    assert_eq!(untouched(), Vec::<String>::new());
    edit(&folder.path().join("answers.yaml"), "pieces: 5", "pieces: 6");
    assert_eq!(toy_run(folder.path(), &["build", "answers.yaml", "--out", "out"]).code, 0);
    assert!(untouched().contains(&"answers.md".to_owned()), "{:?}", untouched());
}

#[test]
fn answers_that_are_refused_leave_everything_as_it_was() {
    let folder = toy();
    edit(&folder.path().join("answers.yaml"), "pieces: 5", "pieces: none");
    let ran = toy_run(folder.path(), &["build", "answers.yaml", "--out", "out"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(ran.stderr.contains("nothing was written"), "{}", ran.stderr);
    assert!(!folder.path().join("out").exists());
    edit(&folder.path().join("answers.yaml"), "pieces: none", "pieces: 5");
    assert_eq!(toy_run(folder.path(), &["build", "answers.yaml", "--out", "out"]).code, 0);
    let before = tree(&folder.path().join("out"));
    edit(&folder.path().join("answers.yaml"), "pieces: 5", "pieces: 0");
    assert_eq!(toy_run(folder.path(), &["build", "answers.yaml", "--out", "out"]).code, 1);
    assert_eq!(tree(&folder.path().join("out")), before);
    // A fault in the kind writes nothing either.
    edit(&folder.path().join("answers.yaml"), "pieces: 0", "pieces: 7");
    fs::write(folder.path().join("house/templates/toy.md.tera"), "{{ nothing }}").unwrap();
    assert_eq!(toy_run(folder.path(), &["build", "answers.yaml", "--out", "out"]).code, 2);
    assert_eq!(tree(&folder.path().join("out")), before);
}

#[test]
fn two_documents_of_one_name_are_2_and_both_are_named() {
    let folder = toy();
    fs::create_dir(folder.path().join("other")).unwrap();
    for file in ["answers.yaml", "drops.txt"] {
        fs::copy(folder.path().join(file), folder.path().join("other").join(file)).unwrap();
    }
    let ran = toy_run(folder.path(), &["build", "answers.yaml", "other/answers.yaml"]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert!(ran.stderr.contains("`answers.yaml`") && ran.stderr.contains("`other/answers.yaml`"), "{}", ran.stderr);
    assert!(!folder.path().join("build").exists());
}

/// O43, O44, O45: evidence is never reached through a symbolic link.
#[cfg(unix)]
#[test]
fn links_to_evidence_are_refused_wherever_they_lead() {
    use std::os::unix::fs::symlink;
    let folder = toy();
    let outside = tempdir().unwrap();
    fs::write(outside.path().join("secret.txt"), "secret").unwrap();
    symlink(outside.path().join("secret.txt"), folder.path().join("outside.txt")).unwrap();
    symlink(outside.path(), folder.path().join("elsewhere")).unwrap();
    symlink(folder.path().join("drops.txt"), folder.path().join("inside.txt")).unwrap();
    symlink(folder.path().join("nowhere.txt"), folder.path().join("dangling.txt")).unwrap();
    let original = fs::read_to_string(folder.path().join("answers.yaml")).unwrap();
    for path in ["outside.txt", "elsewhere/secret.txt", "inside.txt", "dangling.txt", "../secret.txt"] {
        let text = original.replace("file: drops.txt", &format!("file: {path}"));
        fs::write(folder.path().join("answers.yaml"), text).unwrap();
        let ran = toy_run(folder.path(), &["build", "answers.yaml", "--out", "out"]);
        assert_eq!(ran.code, 5, "{path}: {}", ran.stderr);
        assert!(ran.stderr.contains("error[unsafe-path]"), "{path}: {}", ran.stderr);
        assert!(!folder.path().join("out").exists(), "{path}");
    }
}

/// O51, O52: what is too large is refused before it is read.
#[test]
fn a_huge_file_is_refused_without_reading_it() {
    let folder = toy();
    let file = fs::File::create(folder.path().join("drops.txt")).unwrap();
    file.set_len(5 << 30).unwrap();
    let ran = toy_run(folder.path(), &["check", "answers.yaml"]);
    assert_eq!(ran.code, 5, "{}", ran.stderr);
    assert!(ran.stderr.contains("error[limit]"), "{}", ran.stderr);
}

/// A person who never saw the tool: `new`, `check`, `build`, and there is a PDF.
#[test]
fn a_new_file_of_every_kind_checks_clean_and_builds_at_once() {
    let folder = tempdir().unwrap();
    let kinds = techfile(folder.path(), &["kinds", "--format", "json"]).stdout;
    let kinds: serde_json::Value = serde_json::from_str(&kinds).unwrap();
    let ids: Vec<&str> = kinds["kinds"].as_array().unwrap().iter().map(|kind| kind["id"].as_str().unwrap()).collect();
    assert!(!ids.is_empty());
    for id in ids {
        let file = format!("{id}.yaml");
        assert_eq!(techfile(folder.path(), &["new", id, "--out", &file]).code, 0);
        let check = techfile(folder.path(), &["check", &file, "--deny", "warnings"]);
        assert_eq!((check.code, check.stderr.matches("warning[").count()), (0, 0), "{id}: {}", check.stderr);
        let build = techfile(folder.path(), &["build", &file]);
        assert_eq!(build.code, 0, "{id}: {}", build.stderr);
        assert!(build.stderr.contains("open point"), "{}", build.stderr);
        assert!(folder.path().join(format!("build/{id}.pdf")).is_file());
    }
}

/// The same bytes whatever the folder, the time zone, the language, the home and the number of threads.
#[test]
fn two_builds_in_different_surroundings_are_the_same_bytes() {
    let (one, two) = (toy(), toy());
    let deep = two.path().join("a folder/é");
    fs::create_dir_all(&deep).unwrap();
    for name in ["answers.yaml", "drops.txt", "house"] {
        fs::rename(two.path().join(name), deep.join(name)).unwrap();
    }
    let build = |folder: &Path, environment: [(&str, &str); 6]| {
        let arguments = ["--catalog", "house", "build", "answers.yaml", "--out", "out"];
        let ran = run(command(folder).envs(environment).args(arguments));
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        tree(&folder.join("out"))
    };
    let first = build(
        one.path(),
        [
            ("TZ", "Pacific/Kiritimati"),
            ("LANG", "tr_TR.UTF-8"),
            ("LC_ALL", "tr_TR.UTF-8"),
            ("HOME", "/nonexistent"),
            ("RAYON_NUM_THREADS", "1"),
            ("SOURCE_DATE_EPOCH", "0"),
        ],
    );
    let second = build(
        &deep,
        [
            ("TZ", "America/Anchorage"),
            ("LANG", "C"),
            ("LC_ALL", "C"),
            ("HOME", "/"),
            ("RAYON_NUM_THREADS", "7"),
            ("SOURCE_DATE_EPOCH", "4102444800"),
        ],
    );
    assert_eq!(first.keys().collect::<Vec<_>>(), second.keys().collect::<Vec<_>>());
    for (name, bytes) in &first {
        assert!(second[name] == *bytes, "{name} differs");
    }
}

/// The same for the largest sample, whose pages are laid out in parallel.
#[test]
fn the_largest_sample_is_the_same_bytes_with_one_thread_and_with_many() {
    let Some(sample) = crate::samples::samples().into_iter().max_by_key(|sample| sample.text.len()) else {
        panic!("there is no sample");
    };
    let folder = tempdir().unwrap();
    let build = |threads: &str, zone: &str| {
        let out = folder.path().join(threads);
        let answers = root().join(sample.answers());
        let ran = run(command(folder.path())
            .env("RAYON_NUM_THREADS", threads)
            .env("TZ", zone)
            .arg("build")
            .arg(answers)
            .arg("--out")
            .arg(&out));
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        tree(&out)
    };
    assert!(build("1", "Asia/Kathmandu") == build("5", "UTC"), "{} differs", sample.name);
}
