//! Several documents at the same time, each in a process of its own.
//!
//! A worker is this program again. It gets the name of an answers file in a line and gives a line back, until its input
//! ends. It holds itself to a limit of memory; whoever waits for it holds it to a limit of time. One that dies takes the
//! document with it that it was making, and no other: the next document gets a new worker.

use std::collections::{BTreeMap, VecDeque};
use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use techfile::report::run::{Error, Line, State};

use crate::exit::Failure;

/// Bytes of what a worker says beside its answers that are kept.
const HEARD: u64 = 1 << 16;
/// Stack of the threads that wait.
const STACK: usize = 256 << 10;

/// A document that a worker has made.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Answer {
    pub(crate) line: Line,
    /// The files that it is made from, with their digests.
    pub(crate) inputs: BTreeMap<String, String>,
    /// What would change in the Markdown.
    pub(crate) difference: String,
    /// What goes to stderr.
    pub(crate) said: String,
}

/// What a document may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Allowance {
    pub(crate) seconds: u64,
    /// Mebibytes of address space.
    pub(crate) memory: u64,
}

impl Default for Allowance {
    fn default() -> Self {
        Self { seconds: 120, memory: 2048 }
    }
}

/// A document to be made.
#[derive(Debug, Clone)]
pub(crate) struct Task {
    pub(crate) path: String,
    /// What there is to say of it if nobody answers.
    pub(crate) line: Line,
    pub(crate) allowance: Allowance,
}

/// Workers, and how they are started.
pub(crate) struct Crew {
    pub(crate) program: PathBuf,
    pub(crate) arguments: Vec<String>,
    /// All answers files of the run.
    pub(crate) run: Vec<String>,
    pub(crate) count: usize,
    /// Whether they make the same documents again and again.
    pub(crate) warm: bool,
}

/// One worker at work.
struct Worker {
    child: Child,
    jobs: ChildStdin,
    answers: Receiver<String>,
    /// What it says beside its answers, when it has ended.
    heard: JoinHandle<Vec<u8>>,
}

impl Crew {
    /// Takes documents through; `done` hears of each as soon as it is there, in no order.
    pub(crate) fn work(&self, tasks: &[Task], mut done: impl FnMut(usize, Answer)) -> Result<(), Failure> {
        let waiting: Mutex<VecDeque<usize>> = Mutex::new((0..tasks.len()).collect());
        let (sender, receiver) = channel();
        let mut failure = None;
        thread::scope(|scope| {
            for _ in 0..self.count.min(tasks.len()) {
                let (sender, waiting) = (sender.clone(), &waiting);
                let shift = move || self.shift(tasks, waiting, &sender);
                if let Err(error) = thread::Builder::new().stack_size(STACK).spawn_scoped(scope, shift) {
                    failure = Some(Failure::io("cannot start", "a thread", &error));
                }
            }
            drop(sender);
            while let Ok((index, answer)) = receiver.recv() {
                match answer {
                    Ok(answer) => done(index, *answer),
                    // Whoever cannot start a worker cannot start another: the rest is nobody's.
                    Err(error) => {
                        waiting.lock().unwrap_or_else(PoisonError::into_inner).clear();
                        failure = Some(error);
                    }
                }
            }
        });
        failure.map_or(Ok(()), Err)
    }

    /// One document after the other, with one worker as long as it lives.
    fn shift(
        &self,
        tasks: &[Task],
        waiting: &Mutex<VecDeque<usize>>,
        sender: &Sender<(usize, Result<Box<Answer>, Failure>)>,
    ) {
        let mut hand = Hand::default();
        loop {
            let Some(index) = waiting.lock().unwrap_or_else(PoisonError::into_inner).pop_front() else { break };
            let answer = hand.make(self, &tasks[index]);
            let failed = answer.is_err();
            if sender.send((index, answer.map(Box::new))).is_err() || failed {
                break;
            }
        }
    }

    #[expect(clippy::disallowed_methods, reason = "a document that aborts may take nothing with it but its process")]
    fn hire(&self) -> Result<Worker, Failure> {
        let mut command = Command::new(&self.program);
        command.arg("worker").arg(format!("--parent={}", std::process::id())).args(&self.arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        if self.count > 1 {
            // The workers share the processors already.
            command.env("RAYON_NUM_THREADS", "1");
        }
        // The allocator takes addresses in large pieces, as if there were no end of them; a worker has a limit.
        command.env("MIMALLOC_ARENA_RESERVE", "64MiB");
        if self.warm {
            // Memory that each document gives back, the next one asks for again.
            command.env("MIMALLOC_PURGE_DELAY", "-1");
        }
        let mut child = command.spawn().map_err(|error| Failure::io("cannot start", "a worker", &error))?;
        let (Some(mut jobs), Some(stdout), Some(stderr)) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Err(Failure::io("cannot speak to", "a worker", &std::io::ErrorKind::BrokenPipe.into()));
        };
        let (said, answers) = channel();
        let listen = move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if said.send(line).is_err() {
                    break;
                }
            }
        };
        let no_thread = |error: std::io::Error| Failure::io("cannot start", "a thread", &error);
        thread::Builder::new().stack_size(STACK).spawn(listen).map_err(no_thread)?;
        let overhear = move || overhear(stderr);
        let heard = thread::Builder::new().stack_size(STACK).spawn(overhear).map_err(no_thread)?;
        // A worker that is dead already shows at its first document.
        let _ = writeln!(jobs, "{}", serde_json::Value::from(self.run.clone()));
        Ok(Worker { child, jobs, answers, heard })
    }
}

/// Keeps the first of what a worker says, and lets the rest go by.
fn overhear(mut stderr: impl Read) -> Vec<u8> {
    let mut first = Vec::new();
    let _ = stderr.by_ref().take(HEARD).read_to_end(&mut first);
    let _ = std::io::copy(&mut stderr, &mut std::io::sink());
    first
}

/// A worker that is replaced when it dies.
#[derive(Default)]
pub(crate) struct Hand {
    worker: Option<Worker>,
}

impl Hand {
    /// Takes one document through. It fails only if no worker can be started.
    pub(crate) fn make(&mut self, crew: &Crew, task: &Task) -> Result<Answer, Failure> {
        // One that somebody stopped while it had nothing to do is no reason for a document to fail.
        let alive = |worker: &mut Worker| matches!(worker.child.try_wait(), Ok(None));
        let mut worker = match self.worker.take().and_then(|mut worker| alive(&mut worker).then_some(worker)) {
            Some(worker) => worker,
            None => crew.hire()?,
        };
        match worker.make(task) {
            Ok(answer) => {
                self.worker = Some(worker);
                Ok(answer)
            }
            Err(end) => Ok(lost(task, &worker.lay_off(end, task.allowance))),
        }
    }
}

impl Drop for Hand {
    fn drop(&mut self) {
        // A worker whose input ends goes home.
        if let Some(Worker { mut child, jobs, .. }) = self.worker.take() {
            drop(jobs);
            let _ = child.wait();
        }
    }
}

/// How a document ended that has no answer.
#[derive(Clone, Copy)]
enum End {
    TooLong,
    Died,
}

impl Worker {
    fn make(&mut self, task: &Task) -> Result<Answer, End> {
        let job = Job { path: task.path.clone(), memory: task.allowance.memory };
        let job = serde_json::to_string(&job).map_err(|_| End::Died)?;
        writeln!(self.jobs, "{job}").and_then(|()| self.jobs.flush()).map_err(|_| End::Died)?;
        match self.answers.recv_timeout(Duration::from_secs(task.allowance.seconds)) {
            Ok(line) => serde_json::from_str(&line).map_err(|_| End::Died),
            Err(RecvTimeoutError::Timeout) => Err(End::TooLong),
            Err(RecvTimeoutError::Disconnected) => Err(End::Died),
        }
    }

    /// Ends a worker, and says why its document has no answer.
    fn lay_off(mut self, end: End, allowance: Allowance) -> Failure {
        let _ = self.child.kill();
        let status = self.child.wait();
        // Its ends of the pipes are closed now, and it has started no process that could hold them.
        let heard = self.heard.join().unwrap_or_default();
        let words = String::from_utf8_lossy(&heard);
        let limits = "raise `limits` in `techfile.yaml`, or split the document";
        if matches!(end, End::TooLong) {
            let limit = allowance.seconds;
            return Failure::refused(format!("it took longer than {limit} seconds and was stopped")).help(limits);
        }
        // What the standard library says before it gives up.
        if words.contains("memory allocation of") {
            let limit = allowance.memory;
            return Failure::refused(format!("it needed more than {limit} MiB of memory and was stopped")).help(limits);
        }
        match status.ok().and_then(signal) {
            Some(signal @ (9 | 15)) => {
                let error = std::io::Error::other(format!("somebody stopped its process (signal {signal})"));
                Failure::io("cannot finish", "the document", &error)
                    .help("run it again; if the machine is short of memory, with a smaller `-j`")
            }
            _ => Failure::internal("its process died", &words.trim().to_owned()),
        }
    }
}

#[cfg(unix)]
fn signal(status: std::process::ExitStatus) -> Option<i32> {
    std::os::unix::process::ExitStatusExt::signal(&status)
}

#[cfg(not(unix))]
fn signal(_: std::process::ExitStatus) -> Option<i32> {
    None
}

/// The answer of a document whose worker has none.
fn lost(task: &Task, failure: &Failure) -> Answer {
    let mut line = task.line.clone();
    line.state = State::Failed;
    line.exit = failure.exit.code();
    line.error = Some(Error { message: failure.message.clone(), help: failure.help.clone() });
    Answer { line, inputs: BTreeMap::new(), difference: String::new(), said: String::new() }
}

/// What a worker is told.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Job {
    pub(crate) path: String,
    /// Mebibytes that it may take.
    pub(crate) memory: u64,
}

/// Ends this process when the one that started it ends, where a system can do that; elsewhere its input ends. Whether
/// that one is still there.
pub(crate) fn end_with_parent(parent: u32) -> bool {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{Signal, getppid, set_parent_process_death_signal};
        let _ = set_parent_process_death_signal(Some(Signal::TERM));
        // It may have ended before it could be asked for.
        let now = getppid().map(|number| number.as_raw_nonzero().get());
        now.and_then(|now| u32::try_from(now).ok()) == Some(parent)
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = parent;
        true
    }
}

/// Holds this process to a limit of memory. Windows and some others know none.
pub(crate) fn hold_memory(mebibytes: u64) {
    #[cfg(any(target_os = "linux", target_os = "android", target_os = "freebsd"))]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let old = getrlimit(Resource::As);
        let wanted = mebibytes << 20;
        let current = Some(old.maximum.map_or(wanted, |most| most.min(wanted)));
        // A system that refuses leaves the limit as it was: the document is made all the same.
        let _ = setrlimit(Resource::As, Rlimit { current, maximum: old.maximum });
    }
    #[cfg(not(any(target_os = "linux", target_os = "android", target_os = "freebsd")))]
    let _ = mebibytes;
}
