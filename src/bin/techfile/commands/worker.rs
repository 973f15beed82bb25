//! `techfile worker`: documents for another process of this program.

use std::io::{BufRead as _, stdin};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use techfile::catalog::Catalog;
use techfile::tidy;

use crate::build::{Answer, How, Job, Target, Wanted, end_with_parent, hold_memory, make, program};
use crate::disk::Locks;
use crate::documents::input;
use crate::exit::{Exit, Failure};
use crate::project::Homes;
use crate::terminal::Terminal;

pub(super) fn run(
    catalog: &Catalog,
    (parent, out): (u32, Option<&Path>),
    (wanted, cache, warm, rebuild): (Wanted, bool, bool, bool),
    terminal: &Terminal,
) -> Result<Exit, Failure> {
    if !end_with_parent(parent) {
        return Ok(Exit::Terminated);
    }
    let mut how = How { wanted, cache, program: program(catalog), locks: Locks::held_above(), warm };
    let mut lines = stdin().lock().lines().map_while(Result::ok);
    let wrong = |what: &str| Failure::usage(format!("{what}: only `techfile build` starts a worker"));
    let first = lines.next().unwrap_or_default();
    let run: Vec<PathBuf> = serde_json::from_str(&first).map_err(|_| wrong("the list of documents is missing"))?;
    let run: Arc<[PathBuf]> = run.into();
    let mut homes = Homes::default();
    for line in lines {
        let job: Job = serde_json::from_str(&line).map_err(|_| wrong("a line names no document"))?;
        hold_memory(job.memory);
        if rebuild {
            say(&super::rebuild::answer(&job)?, terminal)?;
            continue;
        }
        if warm {
            // It lives long, and others want to write as well: it locks for each document, and looks at the project anew.
            how.locks = Locks::default();
            homes = Homes::default();
        }
        // What comes before the document itself was looked at by who sends it: it is not there any more.
        let target = input(job.path.into(), &run, &homes, terminal).and_then(|input| Target::new(input, out))?;
        let ended = make(&target, catalog, &how, terminal);
        let answer =
            Answer { line: ended.line, inputs: ended.inputs, difference: ended.difference, said: terminal.taken() };
        say(&answer, terminal)?;
        if warm {
            tidy();
        }
    }
    Ok(Exit::Success)
}

fn say(answer: &Answer, terminal: &Terminal) -> Result<(), Failure> {
    let json = serde_json::to_string(answer)
        .map_err(|error| Failure::internal("an answer cannot be written", &error.to_string()))?;
    terminal.data(&format!("{json}\n"))
}
