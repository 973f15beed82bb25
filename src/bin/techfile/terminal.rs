//! What goes to which stream: results for machines to stdout, sentences for people to stderr.

use std::borrow::Cow;
use std::cell::RefCell;
use std::io::{self, IsTerminal as _, Write as _};
use std::sync::{Mutex, PoisonError};

use techfile::catalog::Catalog;
use techfile::diagnostic::Diagnostic;
use techfile::report::text::{self, Colour};
use techfile::report::{Failed, visible};

use crate::cli::Everywhere;
use crate::exit::{Exit, Failure};

/// The two streams and how talkative we are.
#[derive(Debug)]
pub(crate) struct Terminal {
    stdout: io::Stdout,
    colour: Colour,
    quiet: bool,
    verbose: bool,
    /// Whether a line may be written over.
    #[cfg_attr(not(feature = "pdf"), allow(dead_code, reason = "only builds take so long"))]
    moving: bool,
    /// What would go to stderr, if somebody else is to say it.
    said: Option<RefCell<String>>,
    /// What was told to have failed, for those who read a report.
    failed: Mutex<Vec<Failed>>,
}

impl Terminal {
    /// As the arguments and the environment ask.
    #[expect(clippy::disallowed_methods, reason = "NO_COLOR and TERM change colours only, never a document")]
    pub(crate) fn new(arguments: &Everywhere) -> Self {
        let clever = std::env::var_os("TERM").is_none_or(|term| term != "dumb") && io::stderr().is_terminal();
        let wanted = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()) && clever;
        let moving = wanted && !arguments.quiet;
        let colour = if wanted { Colour::On } else { Colour::Off };
        Self {
            stdout: io::stdout(),
            colour,
            quiet: arguments.quiet,
            verbose: arguments.verbose,
            moving,
            said: None,
            failed: Mutex::default(),
        }
    }

    /// Without colours, for the time when arguments are not known.
    pub(crate) fn plain() -> Self {
        Self {
            stdout: io::stdout(),
            colour: Colour::Off,
            quiet: false,
            verbose: false,
            moving: false,
            said: None,
            failed: Mutex::default(),
        }
    }

    /// The same, for somebody who speaks through another: [`Terminal::taken`] is what would have been said.
    pub(crate) fn dictating(self, colour: Colour) -> Self {
        Self { said: Some(RefCell::default()), colour, moving: false, ..self }
    }

    /// What was said since the last time.
    #[cfg(feature = "pdf")]
    pub(crate) fn taken(&self) -> String {
        self.said.as_ref().map(RefCell::take).unwrap_or_default()
    }

    /// Says what another process has dictated.
    #[cfg(feature = "pdf")]
    pub(crate) fn repeat(&self, said: &str) {
        self.write(said);
    }

    /// How far a run of many documents is, in one line that is written over; only on a terminal.
    #[cfg(feature = "pdf")]
    pub(crate) fn progress(&self, done: usize, all: usize, what: &str) {
        if self.moving {
            let what: String = visible(what).chars().rev().take(60).collect::<Vec<_>>().into_iter().rev().collect();
            self.write(&format!("\r\u{1b}[K[{done}/{all}] {what}"));
        }
    }

    /// Takes that line away.
    #[cfg(feature = "pdf")]
    pub(crate) fn clear(&self) {
        if self.moving {
            self.write("\r\u{1b}[K");
        }
    }

    /// Whether colours are shown.
    #[cfg(feature = "pdf")]
    pub(crate) fn colour(&self) -> Colour {
        self.colour
    }

    /// How talkative we are, as flags.
    #[cfg(feature = "pdf")]
    pub(crate) fn flags(&self) -> Vec<&'static str> {
        [("--quiet", self.quiet), ("--verbose", self.verbose)]
            .into_iter()
            .filter(|(_, on)| *on)
            .map(|(flag, _)| flag)
            .collect()
    }

    /// A result that people read, to stdout.
    pub(crate) fn result(&self, text: &str) -> Result<(), Failure> {
        self.data(&harmless(text))
    }

    /// A result in JSON, to stdout: the same in other letters, of which no runner takes any for a command.
    pub(crate) fn json(&self, text: &str) -> Result<(), Failure> {
        self.data(&text.replace("##[", "#\\u0023["))
    }

    /// A result that is kept as it is, to stdout. A reader that has gone (`| head`) has seen enough: that is no failure.
    pub(crate) fn data(&self, text: &str) -> Result<(), Failure> {
        let mut stdout = self.stdout.lock();
        let written = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
        match written {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                Err(Failure::io("cannot write to", "stdout", &error))
            }
            _ => Ok(()),
        }
    }

    /// A finding.
    pub(crate) fn finding(&self, finding: &Diagnostic, catalog: &Catalog) {
        self.write(&format!("{}\n", text::render(finding, catalog, self.colour)));
    }

    /// How it went, in one line or several; not with `-q`.
    pub(crate) fn say(&self, text: &str) {
        if !self.quiet {
            text.lines().for_each(|line| self.write(&format!("{}\n", visible(line))));
        }
    }

    /// What is wrong, in one line or several, also with `-q`.
    #[cfg(feature = "pdf")]
    pub(crate) fn say_wrong(&self, text: &str) {
        text.lines().for_each(|line| self.write(&format!("{}\n", visible(line))));
    }

    /// What happens, step by step; only with `-v`.
    pub(crate) fn detail(&self, sentence: &str) {
        if self.verbose {
            self.write(&format!("{}\n", visible(sentence)));
        }
    }

    /// Tells a failure and gives the exit it means.
    pub(crate) fn fail(&self, failure: &Failure) -> Exit {
        let (red, bold, end) = match self.colour {
            Colour::On => ("\u{1b}[1m\u{1b}[91m", "\u{1b}[1m", "\u{1b}[0m"),
            Colour::Off => ("", "", ""),
        };
        let mut told = format!("{red}error{end}{bold}: {}{end}\n", visible(&failure.message));
        if let Some(help) = &failure.help {
            told.extend(["  = ", bold, "help", end, ": ", &visible(help), "\n"]);
        }
        self.write(&told);
        let noted = Failed { message: failure.message.clone(), help: failure.help.clone(), exit: failure.exit.code() };
        self.failed.lock().unwrap_or_else(PoisonError::into_inner).push(noted);
        failure.exit
    }

    /// Every failure that was told so far.
    pub(crate) fn failed(&self) -> Vec<Failed> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// To stderr. If nobody can hear us there is nobody to tell.
    fn write(&self, text: &str) {
        match &self.said {
            Some(said) => said.borrow_mut().push_str(text),
            None => {
                let _ = io::stderr().lock().write_all(harmless(text).as_bytes());
            }
        }
    }
}

/// A text that commands nobody. The runner of GitHub Actions reads both streams: it takes `::name` at the start of a line,
/// behind blanks too, and `##[name]` anywhere in it for commands. Lines of answers and names of files are shown here, so a
/// character of the same look takes the place of that which makes the command.
fn harmless(text: &str) -> Cow<'_, str> {
    if !text.contains("::") && !text.contains("##[") {
        return Cow::Borrowed(text);
    }
    let lines = text.split_inclusive('\n').map(|line| {
        let line = line.replace("##[", "##\u{ff3b}");
        let start = line.trim_start();
        let blanks = &line[..line.len() - start.len()];
        start.strip_prefix("::").map(|rest| format!("{blanks}\u{2237}{rest}")).unwrap_or(line)
    });
    Cow::Owned(lines.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_is_said_is_a_command() {
        for (said, shown) in [
            ("error: plain\n", "error: plain\n"),
            ("a::b\n  ::set-output name=x::y\n::error::z", "a::b\n  \u{2237}set-output name=x::y\n\u{2237}error::z"),
            ("4 | x ##[error]y ##[a]", "4 | x ##\u{ff3b}error]y ##\u{ff3b}a]"),
            ("\u{2003}::x", "\u{2003}\u{2237}x"),
        ] {
            assert_eq!(harmless(said), shown);
        }
    }
}
