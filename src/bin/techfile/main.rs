//! The program: arguments in, an exit code out. What documents say is the library's business.

#[cfg(feature = "pdf")]
mod build;
mod cli;
mod commands;
mod disk;
mod documents;
mod exit;
mod interrupt;
mod project;
mod releases;
mod terminal;

use std::panic::{AssertUnwindSafe, catch_unwind, set_hook};
use std::process::ExitCode;

use exit::{Exit, Failure};
use terminal::Terminal;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // A panic is told once, as a sentence, by whoever catches it.
    set_hook(Box::new(|_| {}));
    interrupt::listen();
    let exit = match catch_unwind(run) {
        Ok(exit) => exit,
        Err(panic) => Terminal::plain().fail(&Failure::internal("internal error", panic.as_ref())),
    };
    ExitCode::from(exit.code())
}

fn run() -> Exit {
    let arguments = match cli::parse() {
        Ok(arguments) => arguments,
        Err(shown) => return shown,
    };
    let terminal = Terminal::new(&arguments.everywhere);
    let ran = catch_unwind(AssertUnwindSafe(|| commands::run(&arguments, &terminal)))
        .unwrap_or_else(|panic| Err(Failure::internal("internal error", panic.as_ref())));
    ran.unwrap_or_else(|failure| {
        let exit = terminal.fail(&failure);
        commands::stopped(&arguments.command, &terminal);
        exit
    })
}
