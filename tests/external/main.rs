//! The tests that drive other programs: validators, extractors, other implementations of what we rely on.
//!
//! `tests/external/setup.sh` puts them under `target/external`. A test whose program is missing is skipped and counted in
//! the last line; where the variable `CI` is set it fails instead, so that nothing passes by being absent.
#![allow(clippy::disallowed_methods, reason = "these tests start programs and read what they write")]
#![allow(clippy::print_stdout, reason = "a harness prints")]
#![allow(clippy::case_sensitive_file_extension_comparisons, reason = "the repository writes its names in one way")]
#![allow(clippy::format_collect, clippy::format_push_string, reason = "tests read better than they run")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails where it stands")]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::time::Instant;

/// Attacks on releases.
mod attacks;
/// Samples built once, and the programs that look at them.
mod bench;
/// What comes out of the PDF again: attachments, words, metadata.
mod contents;
/// Engines that others run documents with.
mod engines;
/// Answers that look like code.
#[path = "../suite/hostile.rs"]
mod hostile;
/// The same results by other implementations.
mod independent;
/// Continuous integration, hooks in front of commits, editors.
mod integrations;
/// The single answers of a file, as the other test binary finds them.
#[path = "../suite/leaves.rs"]
mod leaves;
/// Programs that people read documents with, and signatures.
mod readers;
/// Releases without techfile.
mod release;
/// Disks that are full or may only be read, and other clocks.
mod runtime;
/// Answers as a plain tree.
#[path = "../suite/tree.rs"]
#[expect(dead_code, reason = "the other test binary writes trees in other styles")]
mod tree;
/// PDF/A-3a and PDF/UA-1 by two validators, and negative controls.
mod validators;
/// Who bears witness to a ledger.
mod witnesses;

/// One test: its name, the programs it cannot do without, what it does.
#[derive(Clone, Copy)]
struct Test {
    name: &'static str,
    needs: &'static [bench::Program],
    run: fn(),
}

fn main() -> ExitCode {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    // What went wrong and where; the way there through the harness tells nothing.
    std::panic::set_hook(Box::new(|fault| println!("{fault}")));
    let strict = std::env::var_os("CI").is_some();
    let (mut passed, mut failed, mut skipped) = (0, Vec::new(), Vec::new());
    let tests = [
        validators::TESTS,
        contents::TESTS,
        readers::TESTS,
        independent::TESTS,
        release::TESTS,
        attacks::TESTS,
        witnesses::TESTS,
        integrations::TESTS,
        engines::TESTS,
        runtime::TESTS,
    ]
    .concat();
    for test in tests.iter().filter(|test| wanted.is_empty() || wanted.iter().any(|part| test.name.contains(part))) {
        let missing: Vec<&str> = test.needs.iter().filter(|program| !program.is_there()).map(|p| p.name()).collect();
        if !missing.is_empty() && !strict {
            println!("test {} ... skipped: no {}", test.name, missing.join(", "));
            skipped.push(test.name);
            continue;
        }
        let start = Instant::now();
        if missing.is_empty() && catch_unwind(AssertUnwindSafe(test.run)).is_ok() {
            println!("test {} ... ok ({:.0?})", test.name, start.elapsed());
            passed += 1;
        } else {
            println!("test {} ... FAILED {}", test.name, missing.join(", "));
            failed.push(test.name);
        }
    }
    if !failed.is_empty() {
        println!("\nfailures: {}", failed.join(", "));
    }
    if !skipped.is_empty() {
        println!("\nskipped for want of a program (run tests/external/setup.sh): {}", skipped.join(", "));
    }
    let verdict = if failed.is_empty() { "ok" } else { "FAILED" };
    println!("\nexternal: {verdict}. {passed} passed; {} failed; {} skipped", failed.len(), skipped.len());
    ExitCode::from(u8::from(!failed.is_empty()))
}
