//! The tests that need Rust alone: one binary, found by walking folders, never by a list kept by hand.
//!
//! `SNAPSHOTS=overwrite cargo test` renews every file that holds what a person sees; look at the diff before you keep it.
#![allow(clippy::disallowed_methods, reason = "tests write files and start the program; the library does not")]
#![allow(clippy::case_sensitive_file_extension_comparisons, reason = "the repository writes its names in one way")]
#![allow(clippy::format_collect, clippy::format_push_string, reason = "tests read better than they run")]
#![allow(clippy::unwrap_used, clippy::missing_panics_doc, reason = "a test that cannot go on fails where it stands")]

/// What changed between two versions.
mod changes;
/// Lists that are filled from other documents.
#[cfg(all(feature = "cli", feature = "pdf"))]
mod collect;
/// The commands, run as people run them.
#[cfg(all(feature = "cli", feature = "pdf"))]
mod commands;
/// Markdown as another parser than ours reads it.
mod commonmark;
/// Which clause of which framework is answered where.
#[cfg(all(feature = "cli", feature = "pdf"))]
mod coverage;
/// A folder with answers that somebody has approved.
#[cfg(all(feature = "cli", feature = "pdf"))]
mod desk;
/// Two versions held against each other.
#[cfg(all(feature = "cli", feature = "pdf"))]
mod diff;
/// Values of other files in place of answers.
#[cfg(all(feature = "cli", feature = "pdf"))]
mod drawn;
/// How much evidence there may be, and how large.
#[cfg(all(feature = "cli", feature = "pdf"))]
mod evidence;
/// Exit codes and streams.
#[cfg(feature = "cli")]
mod exits;
/// What `explain` says of provisions.
mod explained;
/// Signals, kills, locks, and odd places to run in.
#[cfg(all(feature = "cli", feature = "pdf"))]
mod faults;
/// A release by hand.
#[cfg(feature = "pdf")]
mod forged;
/// What services for continuous integration are given.
#[cfg(feature = "cli")]
mod formats;
/// Answers that look like code.
mod hostile;
/// The look of a house changes pages and words, never what was answered.
#[cfg(all(feature = "cli", feature = "pdf"))]
mod house;
/// The content id: what cannot change it and what must.
mod identity;
/// What is in the way of a document, or of its outputs.
#[cfg(all(unix, feature = "cli", feature = "pdf"))]
mod in_the_way;
/// Builds that do only what is needed.
#[cfg(all(feature = "cli", feature = "pdf"))]
mod incremental;
/// The files for continuous integration say what the program understands.
#[cfg(all(feature = "cli", feature = "pdf"))]
mod integrations;
/// ISO/IEC 42001 as data, its bridge to the AI Act, and what is told wrongly about both.
mod iso;
/// Every document kind is whole.
mod kinds;
/// What is known to be wrong about the law and the standard is found in answers.
mod known_wrong;
/// Documents in other alphabets.
mod languages;
/// The order of the rooms, the purity of the library, the words it may not know.
mod layers;
/// The single answers of a file, each with what its kind says it may be.
mod leaves;
/// Nothing that the law asks for can be left out unnoticed.
mod mandatory;
/// Nothing answered is dropped, and nothing answered becomes markup.
mod markers;
/// What a build leaves on the disk.
#[cfg(all(feature = "cli", feature = "pdf"))]
mod outputs;
/// Parts of a run, made anywhere.
#[cfg(all(feature = "cli", feature = "pdf"))]
mod parts;
/// PDFs read back.
#[cfg(feature = "pdf")]
mod pdf;
/// A technical file that takes its figures from what pipelines write.
#[cfg(all(feature = "cli", feature = "pdf"))]
mod pipeline;
#[cfg(all(feature = "cli", feature = "pdf"))]
mod planted;
/// The program as people and scripts meet it.
#[cfg(feature = "cli")]
mod program;
/// Documents that belong together.
#[cfg(all(feature = "cli", feature = "pdf"))]
mod projects;
/// The sample project, as its invented provider works in it.
#[cfg(all(feature = "cli", feature = "pdf"))]
mod provider;
/// The README is true.
#[cfg(all(feature = "cli", feature = "pdf"))]
mod readme;
/// Releases made again from their own folders.
#[cfg(all(feature = "cli", feature = "pdf"))]
mod rebuild;
/// Answers that must be refused, one file a case.
mod rejects;
/// What is frozen, what is refused, and what an interruption leaves.
#[cfg(all(feature = "cli", feature = "pdf"))]
mod releases;
/// The repository as the tests see it.
mod repository;
/// Rust source without its comments and strings, and the strings on their own.
mod rust_source;
/// The samples, found by walking `samples/`.
mod samples;
/// Files that hold what a person sees.
mod snapshots;
/// The stages on files of the repository, without the program.
mod stages;
/// Whatever goes into a document is in its build id.
mod stamps;
/// The summary and the charts of a draft say no more than its answers.
mod summaries;
/// A clause that was reviewed and has changed since.
mod suspects;
/// Ten different mistakes in one file.
#[cfg(feature = "cli")]
mod ten_mistakes;
/// A document kind that is files only.
mod toy;
/// Translated answers against their originals.
mod translations;
/// Answers as a plain tree, and many ways to write the same tree as YAML.
mod tree;
/// What `verify` sees.
#[cfg(feature = "pdf")]
mod verify;
/// `verify` as people run it.
#[cfg(all(feature = "cli", feature = "pdf"))]
mod verify_command;
/// Documents of earlier versions.
mod vintage;
/// Every language says everything.
mod words;
#[cfg(feature = "pdf")]
mod workers;
