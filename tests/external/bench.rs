//! Documents built once, and the programs that look at them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::LazyLock;
use std::{env, fs};

/// A program that is not ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Program {
    /// The Python of `tests/external/setup.sh`, with its packages.
    Python,
    VeraPdf,
    /// A program that a Python package brings.
    Package(&'static str),
    /// A program that a Node package brings.
    Node(&'static str),
    /// A shell that may mount file systems, which nobody else sees and which end with it.
    Mounts,
    /// Something on the PATH.
    Tool(&'static str),
}

/// How such a shell is started, if it can be: as root, by sudo without a password, or as root of a user namespace.
static MOUNTS: LazyLock<Option<Vec<&str>>> = LazyLock::new(|| {
    let ways = ["unshare -m", "sudo -n unshare -m", "unshare -rm"].map(|way| way.split(' ').collect::<Vec<_>>());
    ways.into_iter().find(|way| {
        let mut command = Command::new(way[0]);
        command.args(&way[1..]).args(["sh", "-c", "mount -t tmpfs none \"$0\""]).arg(&*OUT);
        command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
    })
});

impl Program {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Python => "target/external/python",
            Self::VeraPdf => "veraPDF",
            Self::Mounts => "right to mount",
            Self::Package(name) | Self::Node(name) | Self::Tool(name) => name,
        }
    }

    fn path(self) -> Option<PathBuf> {
        let external = root().join("target/external");
        let path = match self {
            Self::Python => external.join("python/bin/python"),
            Self::VeraPdf => external.join("verapdf/verapdf"),
            Self::Package(name) => external.join("python/bin").join(name),
            Self::Node(name) => external.join("node/node_modules/.bin").join(name),
            Self::Mounts => return MOUNTS.as_ref().map(|way| PathBuf::from(way[0])),
            Self::Tool(name) => {
                let folders = env::var_os("PATH")?;
                env::split_paths(&folders).map(|folder| folder.join(name)).find(|path| path.is_file())?
            }
        };
        path.is_file().then_some(path)
    }

    pub(crate) fn is_there(self) -> bool {
        self.path().is_some()
    }

    /// The program, ready for its arguments.
    pub(crate) fn command(self) -> Command {
        let mut command = Command::new(self.path().expect("the test needs it"));
        command.current_dir(root()).env("LC_ALL", "C.UTF-8").env("PYTHONDONTWRITEBYTECODE", "1");
        if self == Self::Mounts {
            command.args(&MOUNTS.as_ref().expect("the test needs it")[1..]).arg("sh");
        }
        command
    }
}

/// The folder that holds Cargo.toml.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A built document.
pub(crate) struct Built {
    pub(crate) name: String,
    pub(crate) answers: PathBuf,
    /// Folder with its outputs.
    pub(crate) out: PathBuf,
    pub(crate) stem: String,
}

impl Built {
    pub(crate) fn file(&self, suffix: &str) -> PathBuf {
        self.out.join(format!("{}{suffix}", self.stem))
    }

    pub(crate) fn pdf(&self) -> PathBuf {
        self.file(".pdf")
    }

    /// The manifest as JSON.
    pub(crate) fn manifest(&self) -> serde_json::Value {
        serde_json::from_slice(&fs::read(self.file(".manifest.json")).unwrap()).unwrap()
    }
}

/// The output folder of the external tests, empty at the start of a run.
pub(crate) static OUT: LazyLock<PathBuf> = LazyLock::new(|| {
    let out = root().join("target/external/out");
    let _ = fs::remove_dir_all(&out);
    fs::create_dir_all(&out).unwrap();
    out
});

/// Every sample, the toy's one, and the first draft of every kind: built once. Beside them what could not be built.
static BUILDS: LazyLock<(Vec<Built>, Vec<String>)> = LazyLock::new(|| {
    let mut answers = vec![("toy".to_owned(), root().join("tests/suite/toy/answers.yaml"))];
    for path in answers_below(&root().join("samples")) {
        // `answers.yaml` is the sample, `answers.nl.yaml` its translation.
        let file = path.file_name().unwrap().to_str().unwrap();
        let middle = file.strip_prefix("answers").unwrap().strip_suffix(".yaml").unwrap();
        let folder = path.parent().unwrap().strip_prefix(root().join("samples")).unwrap().to_str().unwrap();
        answers.push((format!("{}{middle}", folder.replace('/', "-")), path.clone()));
    }
    for id in kinds() {
        let path = OUT.join(format!("new-{id}.yaml"));
        expect(&mut techfile(&["new", &id, "--out", path.to_str().unwrap()]));
        answers.push((format!("new-{id}"), path));
    }
    let (mut built, mut failed) = (Vec::new(), Vec::new());
    for (name, path) in answers {
        match build(&name, &path) {
            Ok(document) => built.push(document),
            Err(said) => failed.push(format!("{name}: {said}")),
        }
    }
    (built, failed)
});

/// Every answers file below a folder, in order.
fn answers_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() {
            found.extend(answers_below(&path));
        } else if name.starts_with("answers") && name.ends_with(".yaml") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The documents that were built.
pub(crate) fn documents() -> &'static [Built] {
    &BUILDS.0
}

/// What the program said about those that were not.
pub(crate) fn not_built() -> &'static [String] {
    &BUILDS.1
}

/// Documents of many shapes, from `documents.py`: built once, in as many processes as the machine can bear.
static GENERATED: LazyLock<Vec<Built>> = LazyLock::new(|| {
    let (answers, out) = (OUT.join("answers"), OUT.join("generated"));
    let program = [env!("CARGO_BIN_EXE_techfile"), "--catalog", "tests/suite/toy"];
    let mut command = Program::Python.command();
    let listed = expect(command.arg("tests/external/documents.py").arg(&answers).args(program));
    let files: Vec<PathBuf> = String::from_utf8(listed.stdout).unwrap().lines().map(PathBuf::from).collect();
    let builds: Vec<_> = (0..2)
        .map(|half| {
            let out = out.join(half.to_string());
            let mine = files.iter().skip(half).step_by(2);
            let mut command = techfile(&["-q", "build", "--out", out.to_str().unwrap()]);
            (out, command.args(mine).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap())
        })
        .collect();
    let outs: Vec<PathBuf> = builds
        .into_iter()
        .map(|(out, child)| {
            let output = child.wait_with_output().unwrap();
            assert!(output.status.success(), "{}", spoken(&output));
            out
        })
        .collect();
    let built = files.into_iter().enumerate().map(|(index, answers)| {
        let stem = answers.file_stem().unwrap().to_str().unwrap().to_owned();
        Built { name: stem.clone(), answers, out: outs[index % 2].clone(), stem }
    });
    built.collect()
});

/// The generated documents.
pub(crate) fn generated() -> &'static [Built] {
    &GENERATED
}

/// Every document that there is.
pub(crate) fn everything() -> impl Iterator<Item = &'static Built> {
    documents().iter().chain(generated())
}

/// The ids of the built-in kinds.
pub(crate) fn kinds() -> Vec<String> {
    let list: serde_json::Value =
        serde_json::from_slice(&expect(&mut techfile(&["kinds", "--format", "json"])).stdout).unwrap();
    list["kinds"].as_array().unwrap().iter().map(|kind| kind["id"].as_str().unwrap().to_owned()).collect()
}

/// Builds answers into a folder of their own, or gives what the program said.
pub(crate) fn build(name: &str, answers: &Path) -> Result<Built, String> {
    let out = OUT.join(name);
    // A sample with a folder `catalog` brings a look and words of its own.
    let own = answers.with_file_name("catalog");
    let catalog = if own.is_dir() { own.as_path() } else { Path::new(TOY) };
    let arguments = ["build", answers.to_str().unwrap(), "--out", out.to_str().unwrap()];
    let output = techfile_with(catalog, &arguments).output().unwrap();
    if !output.status.success() {
        return Err(spoken(&output));
    }
    // In a project the outputs lie as their answers do.
    let pdf = root().join(String::from_utf8(output.stdout).unwrap().trim_end());
    let stem = answers.file_stem().unwrap().to_str().unwrap().to_owned();
    Ok(Built { name: name.to_owned(), answers: answers.to_owned(), out: pdf.parent().unwrap().to_owned(), stem })
}

const TOY: &str = "tests/suite/toy";

/// Our program with the toy kind beside the built-in ones.
pub(crate) fn techfile(arguments: &[&str]) -> Command {
    techfile_with(Path::new(TOY), arguments)
}

fn techfile_with(catalog: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_techfile"));
    command.current_dir(root()).arg("--catalog").arg(catalog).args(arguments);
    command
}

/// Runs a command that must succeed.
pub(crate) fn expect(command: &mut Command) -> Output {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?} failed with {}\n{}", output.status, spoken(&output));
    output
}

/// Everything that a command said.
pub(crate) fn spoken(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// The files of a folder, by name.
pub(crate) fn folder(path: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file());
    entries.map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read(path).unwrap())).collect()
}
