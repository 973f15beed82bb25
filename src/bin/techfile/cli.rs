//! The command line: what may be said, and what `--help` says about it.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{Args, Parser, Subcommand, ValueEnum};
use techfile::catalog::is_date;
#[cfg(feature = "pdf")]
use techfile::project::Shard;

use crate::exit::Exit;

macro_rules! exit_codes {
    () => {
        "\
Exit codes:
   0  success, warnings included
   1  findings: the answers say something wrong, and each finding says where
   2  usage, configuration, or a fault in a document kind
   3  out of date: what `build --check` found is not what would be built now
   4  verification failed: a release, a ledger or a PDF is not what it says it is
   5  refused: a limit, a path outside the root, or something would be overwritten
  70  internal error: a bug in techfile
  74  a file could not be read or written
 130  interrupted with Ctrl-C, 143 by a request to end: every file is as it was, or whole
Of several documents every one is processed; 70 wins over 74, then 4, 5, 2, 1, 3, 0."
    };
}

macro_rules! after {
    ($examples:literal) => {
        concat!("Examples:\n", $examples, "\n\n", exit_codes!())
    };
}

/// Writes the documents that a law or a standard asks for.
///
/// You answer questions in one YAML file. techfile tells you everything that is wrong with the answers, each finding
/// with its line and the clause that asks, and makes of them Markdown to review, Typst source to keep and a PDF to sign,
/// stamped with what it was made of. It reads no clock and opens no connection.
#[derive(Debug, Parser)]
#[command(name = "techfile", version, max_term_width = 100, arg_required_else_help = true, after_long_help = after!("  \
  techfile kinds                        what can be written
  techfile new annex-iv                 answers.yaml with every question
  techfile check answers.yaml           what is wrong or still open
  techfile build answers.yaml           build/answers.pdf and the files beside it"))]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) everywhere: Everywhere,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command takes.
#[derive(Debug, Args)]
#[command(next_help_heading = "Everywhere")]
pub(crate) struct Everywhere {
    /// Folder with document kinds of your own, laid out as `schemas/` and `templates/`
    ///
    /// Its files are added to the built-in ones; the same path wins.
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) catalog: Option<PathBuf>,
    /// Say only what is wrong
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Say also what is read and written
    #[arg(short, long, global = true)]
    pub(crate) verbose: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Lists the document kinds: id, title, legal basis
    #[command(after_long_help = after!("  techfile kinds\n  techfile kinds --format json"))]
    Kinds {
        /// How the list is written
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    /// Starts an answers file: every question, its clause, an example
    ///
    /// The file checks clean as a draft and builds at once; each question stands as an open point until you put the
    /// answer in its place. With `--project` it starts a folder for documents that belong together. Editors that know
    /// JSON Schema complete and check what you write: the schema lies in the project's folder `editor`, or beside the
    /// answers. A file that exists is never overwritten.
    #[command(after_long_help = after!("  techfile new annex-iv\n  techfile new annex-iv --out docs/scoring.yaml\n  \
  techfile new annex-iv --out -          to standard output\n  techfile new --project scoring         a folder with techfile.yaml and first answers"))]
    New {
        /// Document kind, as `techfile kinds` lists it; with `--project` that of the first document
        #[arg(required_unless_present = "project")]
        kind: Option<String>,
        /// File to make; `-` is standard output [default: answers.yaml]
        #[arg(long, value_name = "FILE", conflicts_with = "project")]
        out: Option<PathBuf>,
        /// Folder to start a project in
        #[arg(long, value_name = "DIR")]
        project: Option<PathBuf>,
    },
    /// Prints the JSON Schema of a kind or of `techfile.yaml`, for editors
    ///
    /// Self-contained; every answer may also be `pending`, `not_applicable` or `to_follow` where the kind allows it.
    #[command(after_long_help = after!("  techfile schema annex-iv > annex-iv.schema.json\n  techfile schema project > techfile.schema.json\n\nThen, in the first line of the answers:\n  \
  # yaml-language-server: $schema=annex-iv.schema.json"))]
    Schema {
        /// Document kind, as `techfile kinds` lists it, or `project`
        #[arg(value_name = "KIND|project")]
        kind: String,
    },
    /// Finds everything that is wrong with answers; writes nothing
    #[command(after_long_help = after!("  techfile check answers.yaml\n  techfile check docs                    every answers.yaml in or below docs\n  \
  techfile check docs --format sarif > techfile.sarif\n  techfile check answers.yaml --deny warnings --as-of 2026-12-01"))]
    Check {
        /// Answers files, or folders: every `answers.yaml` and translation `answers.<xx>.yaml` in or below them; a
        /// `techfile.yaml`, or nothing: the documents of the project
        #[arg(value_name = "PATH")]
        paths: Vec<PathBuf>,
        /// How findings are written: text to stderr, everything else to stdout
        #[arg(long, value_enum, default_value_t = Findings::Text)]
        format: Findings,
        /// Exit with 1 for warnings too
        #[arg(long, value_enum, value_name = "WHAT")]
        deny: Option<Deny>,
        /// The day to judge by what is overdue: due dates, the next review, the time of keeping
        ///
        /// There is no other way for a date of today to enter.
        #[arg(long, value_name = "DATE", value_parser = date)]
        as_of: Option<String>,
    },
    /// Makes the documents: Markdown, Typst source, PDF, manifest, digests
    ///
    /// `foo.yaml` becomes foo.pdf, foo.md, foo.typ, foo.manifest.json, foo.pdf.sha256 and the folder foo.files. Each
    /// file is written whole or not at all, and not touched if it would not change. The paths of the PDFs go to stdout.
    #[cfg(feature = "pdf")]
    #[command(after_long_help = after!("  techfile build answers.yaml\n  techfile build answers.yaml --out out\n  \
  techfile build --check                 in CI: are the documents of the project current?\n  \
  techfile build --shard hash:1/4 --report part-1.jsonl"))]
    Build {
        /// Answers files, or folders: every `answers.yaml` and translation `answers.<xx>.yaml` in or below them; a
        /// `techfile.yaml`, or nothing: the documents of the project
        #[arg(value_name = "PATH")]
        paths: Vec<PathBuf>,
        /// Folder for the documents; `build` if neither this nor the project says otherwise
        ///
        /// In a project the documents lie below it as their answers lie below `techfile.yaml`.
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
        /// Write nothing; say which documents are not what they would be now, and why
        ///
        /// Compares Markdown and manifest, which are the same on every platform, and a PDF that is there with the digest
        /// and the build id beside it; shows what would change in the Markdown. A PDF that is absent is stale only if the
        /// project keeps it. Ends with 3 if something is stale or left over.
        #[arg(long, conflicts_with_all = ["prune", "depfile"])]
        check: bool,
        /// Remove outputs whose document is gone
        #[arg(long)]
        prune: bool,
        /// So many documents at the same time, each in a process of its own [default: as many as there are processors]
        #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
        jobs: Option<u16>,
        /// Only a part of the documents: hash:I/N, the I-th of N parts
        ///
        /// A document stays in its part, whatever other documents come or go.
        #[arg(long, value_name = "hash:I/N", value_parser = Shard::parse)]
        shard: Option<Shard>,
        /// File to write what became of each document to, as JSON Lines
        #[arg(long, value_name = "FILE")]
        report: Option<PathBuf>,
        /// Look at every document anew, whatever was remembered of earlier runs
        #[arg(long)]
        no_cache: bool,
        /// File to write what the document was made from to, as a rule for `make` and `ninja`
        #[arg(long, value_name = "FILE")]
        depfile: Option<PathBuf>,
    },
    /// Says what `build` would make, and why
    ///
    /// Each document with its state (current, stale, new, or failed), the reasons, the files that it is made from and its
    /// outputs; then outputs whose document is gone. Writes nothing. For `ninja`: a build file with a rule for each
    /// document, which notes what it reads and leaves alone what would not change.
    #[cfg(feature = "pdf")]
    #[command(after_long_help = after!("  techfile plan\n  techfile plan docs --format json\n  \
  techfile plan --format ninja > build.ninja && ninja"))]
    Plan {
        /// Answers files, or folders: every `answers.yaml` and translation `answers.<xx>.yaml` in or below them; a
        /// `techfile.yaml`, or nothing: the documents of the project
        #[arg(value_name = "PATH")]
        paths: Vec<PathBuf>,
        /// How the plan is written
        #[arg(long, value_enum, default_value_t = PlanFormat::Text)]
        format: PlanFormat,
    },
    /// Puts reports of `build` together
    #[cfg(feature = "pdf")]
    #[command(after_long_help = after!("  techfile report merge part-*.jsonl > report.jsonl"))]
    Report {
        #[command(subcommand)]
        what: Reports,
    },
    /// Makes documents for another process of this program
    #[cfg(feature = "pdf")]
    #[command(hide = true, after_long_help = after!("  techfile worker                          started by `techfile build -j N`"))]
    Worker {
        /// The process that started this one
        #[arg(long)]
        parent: u32,
        #[arg(long)]
        out: Option<PathBuf>,
        #[arg(long)]
        check: bool,
        #[arg(long)]
        plan: bool,
        #[arg(long)]
        no_cache: bool,
        #[arg(long)]
        coloured: bool,
        #[arg(long)]
        warm: bool,
        #[arg(long)]
        rebuild: bool,
    },
    /// Builds what somebody saves, until Ctrl-C
    ///
    /// Makes what is not current, then waits: a document is made again when its answers, a file that they name, the
    /// project or the catalogue changes. Answers with errors are told of and waited for. The path of each PDF that was
    /// made goes to stdout.
    #[cfg(feature = "pdf")]
    #[command(after_long_help = after!("  techfile watch\n  techfile watch docs/scoring/answers.yaml"))]
    Watch {
        /// Answers files, or folders: every `answers.yaml` and translation `answers.<xx>.yaml` in or below them; a
        /// `techfile.yaml`, or nothing: the documents of the project
        #[arg(value_name = "PATH")]
        paths: Vec<PathBuf>,
    },
    /// Says which clause of which framework is answered where, and what is missing
    ///
    /// Of one document, or of all in a folder: each clause with its documents and sections, and whether it is answered,
    /// not applicable for a reason, to follow, pending or missing; then what the answers to the other framework contribute,
    /// and what has no counterpart there. An answered clause is not proof of anything.
    #[command(after_long_help = after!("  techfile coverage docs\n  techfile coverage docs --framework eu-ai-act\n  \
  techfile coverage answers.yaml --format markdown"))]
    Coverage {
        /// Answers files, or folders: every `answers.yaml` and translation `answers.<xx>.yaml` in or below them
        #[arg(value_name = "PATH")]
        paths: Vec<PathBuf>,
        /// Only this framework: `eu-ai-act` or `iso-42001`
        #[arg(long, value_name = "ID")]
        framework: Option<String>,
        /// How the coverage is written
        #[arg(long, value_enum, default_value_t = Layout::Text)]
        format: Layout,
    },
    /// Says what changed between two versions: clauses first, then answer by answer
    ///
    /// A version is an answers file, a PDF, the folder or a file of a build, or a released revision of the answers,
    /// written with its label: answers.yaml@3. Words that went stand in [-…-], words that came in {+…+}; long unchanged
    /// stretches are left out. Exits with 0 whether or not something changed.
    #[command(after_long_help = after!("  techfile diff answers.yaml@2 answers.yaml\n  techfile diff old/answers.pdf build/answers.pdf\n  \
  techfile diff old build --format markdown"))]
    Diff {
        /// Earlier version
        old: PathBuf,
        /// Later version
        new: PathBuf,
        /// How the changes are written
        #[arg(long, value_enum, default_value_t = Layout::Text)]
        format: Layout,
    },
    /// Explains a finding or a clause
    ///
    /// A code of a finding: what it means and how to put it right. A clause: its text, legal state and source, and the
    /// questions that answer it.
    #[command(after_long_help = after!("  techfile explain missing-answer\n  techfile explain annex-iv.2.d\n  techfile explain eu-ai-act:art-11.1"))]
    Explain {
        /// Code of a finding, or a clause: `annex-iv.2.d`, or as findings cite it
        #[arg(value_name = "CODE|CLAUSE")]
        what: String,
    },
    /// Prints the lines that sign answers off, with full digests; writes nothing
    ///
    /// Paste them under `sign_off`. They hold for the words as they are now: after a change of the answers or of their
    /// rendering the sign-off is outdated, and `check` says so.
    #[command(after_long_help = after!("  techfile sign-off answers.yaml --by \"Ada Smit\" --role \"Head of Quality\" --date 2026-11-20\n  \
  techfile sign-off answers.yaml --review --clause annex-iv.2.d --by \"Jan Wit\" ..."))]
    SignOff {
        /// Answers file
        path: PathBuf,
        /// Who signs
        #[arg(long, value_name = "NAME", value_parser = line)]
        by: String,
        /// In which role
        #[arg(long, value_parser = line)]
        role: String,
        /// On which day, as 2026-11-20
        #[arg(long, value_parser = date)]
        date: String,
        /// A review instead of an approval
        #[arg(long)]
        review: bool,
        /// The one clause that was reviewed
        #[arg(long, value_name = "ID", requires = "review")]
        clause: Option<String>,
    },
    /// Freezes a revision, with all that it was made from
    ///
    /// Writes `releases/<document.id>/<revision>/` beside the project's `techfile.yaml`, or beside the answers, and adds a
    /// line to the ledger that is bound to the line before. Drafts, open points, outdated approvals and changed evidence
    /// are refused, and so is a revision that was released with other bytes. The folder's path goes to stdout.
    #[cfg(feature = "pdf")]
    #[command(after_long_help = after!("  techfile release answers.yaml --reason \"first release for the conformity assessment\""))]
    Release {
        /// Answers file
        path: PathBuf,
        /// Why there is this revision; the ledger keeps it
        #[arg(long, value_name = "TEXT", value_parser = line)]
        reason: String,
        /// Release although something has changed since its review; the pages say SUSPECT
        #[arg(long)]
        allow_suspect: bool,
    },
    /// Adds to the ledger that a release was signed or withdrawn
    #[command(after_long_help = after!("  techfile record answers.yaml --signed answers-signed.pdf\n  \
  techfile record answers.yaml --withdraw 2 --reason \"wrong data set named in 2(d)\""))]
    Record {
        /// Answers file, or the folder `releases/<document.id>`
        path: PathBuf,
        /// A signed PDF: the released bytes and a signature behind them
        #[arg(long, value_name = "FILE", required_unless_present = "withdraw")]
        signed: Option<PathBuf>,
        /// A revision that is no longer in force; nothing is deleted
        #[arg(long, value_name = "REVISION", conflicts_with = "signed", requires = "reason")]
        withdraw: Option<String>,
        /// Why it is withdrawn
        #[arg(long, value_name = "TEXT", value_parser = line, conflicts_with = "signed")]
        reason: Option<String>,
    },
    /// Lists what the ledger says: releases, signatures, withdrawals
    #[command(after_long_help = after!("  techfile history answers.yaml\n  techfile history releases/TF-2026-001 --format json"))]
    History {
        /// Answers file, or the folder `releases/<document.id>`
        path: PathBuf,
        /// How the list is written
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    /// Checks PDFs, releases and ledgers against each other; writes nothing
    ///
    /// A PDF alone shows only what contradicts itself; what makes it the released one is the ledger. It is found in the
    /// folder above a release, or given. Of a folder everything in it is verified.
    #[command(after_long_help = after!("  techfile verify releases                       every release of every document\n  \
  techfile verify releases/TF-1/3 --rebuild      and made again from its inputs\n  \
  techfile verify copy.pdf --ledger releases/TF-1/TF-1.ledger.jsonl"))]
    Verify {
        /// A PDF, a file of a bundle, the folder of a release or of a document, a ledger, or a folder of such; a
        /// `techfile.yaml`, or nothing: what the project has released and built
        #[arg(value_name = "PATH")]
        paths: Vec<PathBuf>,
        /// The ledger that is to vouch
        #[arg(long, value_name = "FILE")]
        ledger: Option<PathBuf>,
        /// Make each release again, from nothing but its own folder, and compare every byte
        #[arg(long)]
        rebuild: bool,
        /// How the result is written: verdicts to stdout and findings to stderr, or both as JSON to stdout
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
}

/// What to do with reports.
#[cfg(feature = "pdf")]
#[derive(Debug, Subcommand)]
pub(crate) enum Reports {
    /// One report of several: that of one run over all their documents
    ///
    /// The parts may come from other machines. Ends with the code that the one run would have had.
    #[command(after_long_help = after!("  techfile report merge part-*.jsonl > report.jsonl"))]
    Merge {
        /// Reports, as `build --report` writes them
        #[arg(value_name = "FILE", required = true)]
        files: Vec<PathBuf>,
    },
}

/// How a plan is written.
#[cfg(feature = "pdf")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PlanFormat {
    /// For people
    Text,
    /// For programs
    Json,
    /// A build file for ninja
    Ninja,
}

/// How a result is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Text,
    /// For programs
    Json,
}

/// How findings are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Findings {
    /// For people
    Text,
    /// For programs
    Json,
    /// SARIF 2.1.0, for code scanning and editors
    Sarif,
    /// Annotations of GitHub Actions; run it in the root of the repository
    Github,
    /// Code Quality report of GitLab; run it in the root of the repository
    Gitlab,
    /// JUnit XML: a test suite a file, a test case a finding
    Junit,
}

/// How a comparison is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Layout {
    /// For people
    Text,
    /// For programs
    Json,
    /// For a review
    Markdown,
}

/// What counts as an error beside errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Deny {
    /// Warnings
    Warnings,
}

fn date(text: &str) -> Result<String, String> {
    if is_date(text) { Ok(text.to_owned()) } else { Err("write a date of the calendar, as 2026-11-20".to_owned()) }
}

fn line(text: &str) -> Result<String, String> {
    if text.trim().is_empty() {
        Err("it is empty".to_owned())
    } else if text.chars().any(char::is_control) {
        Err("it must be one line without control characters".to_owned())
    } else {
        Ok(text.to_owned())
    }
}

/// Reads the command line. What is no command has been answered already: help, version, or what is wrong.
#[expect(clippy::disallowed_methods, reason = "this is the one reader of arguments")]
pub(crate) fn parse() -> Result<Arguments, Exit> {
    let given: Vec<OsString> = std::env::args_os().collect();
    Arguments::try_parse_from(given).map_err(|error| {
        // A closed stream is no reason to say more.
        let _ = error.print();
        match error.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Exit::Success,
            _ => Exit::Usage,
        }
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn every_command_has_examples_and_exit_codes_in_its_help() {
        let mut program = Arguments::command();
        program.clone().debug_assert();
        program.build();
        for command in program.get_subcommands_mut().filter(|command| command.get_name() != "help") {
            let help = command.render_long_help().to_string();
            for part in ["Examples:\n  techfile ", "Exit codes:\n   0  success", "--catalog <DIR>"] {
                assert!(help.contains(part), "{} lacks {part:?}", command.get_name());
            }
        }
    }
}
