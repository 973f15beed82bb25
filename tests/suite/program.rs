//! The program as people and scripts meet it: arguments in, exit code and streams out.

use std::path::Path;
use std::process::{Command, Stdio};

/// How a run of the program ended.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// The program in a folder, with nothing of the environment that could change what it says.
pub(crate) fn command(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_techfile"));
    command.current_dir(folder).env_clear().stdin(Stdio::null());
    command
}

/// Runs the program in a folder.
pub(crate) fn techfile(folder: &Path, arguments: &[&str]) -> Ran {
    run(command(folder).args(arguments))
}

/// Runs a prepared command to its end.
pub(crate) fn run(command: &mut Command) -> Ran {
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the program writes UTF-8");
    Ran {
        code: output.status.code().expect("no signal ended it"),
        stdout: text(output.stdout),
        stderr: text(output.stderr),
    }
}
