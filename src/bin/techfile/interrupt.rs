//! Ctrl-C and SIGTERM: a run ends at once, but never while a file is half way to its name.
//!
//! Setting pages takes seconds and asks nobody, so a thread of its own waits for the signal and ends the process. Whoever
//! writes files holds the gate meanwhile; the thread ends the process only when nobody holds it, so nothing has to be
//! cleared away afterwards. A second signal waits for nobody. What it leaves, and what a kill leaves, the next run
//! removes.
//!
//! On Windows Ctrl-C ends the process by itself, as a kill does here: every file is whole, and the next run clears away.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, PoisonError, RwLock, RwLockReadGuard};

/// Held shared by who writes, and alone by who ends the process.
static GATE: RwLock<()> = RwLock::new(());
/// Whether a signal has come.
static ASKED: LazyLock<Arc<AtomicBool>> = LazyLock::new(Arc::default);

/// The right to write files: while it lives no signal but the second ends the process.
#[derive(Debug)]
pub(crate) struct Hold {
    _gate: RwLockReadGuard<'static, ()>,
}

impl Hold {
    /// Takes the right to write; a thread takes it once at a time.
    pub(crate) fn new() -> Self {
        Self { _gate: GATE.read().unwrap_or_else(PoisonError::into_inner) }
    }

    /// Goes on with what was prepared so far, or gives it up where a signal has come: then `prepared` is dropped, which
    /// removes its files, and the process ends.
    pub(crate) fn go_on<T>(self, prepared: T) -> (Self, T) {
        if !ASKED.load(Ordering::Relaxed) {
            return (self, prepared);
        }
        drop(prepared);
        drop(self);
        loop {
            std::thread::park();
        }
    }
}

/// Listens for signals from now on.
#[cfg(unix)]
pub(crate) fn listen() {
    use signal_hook::consts::{SIGINT, SIGTERM};
    use signal_hook::flag;
    use signal_hook::iterator::Signals;

    use crate::exit::Exit;

    let ends = [(SIGINT, Exit::Interrupted), (SIGTERM, Exit::Terminated)];
    for (signal, exit) in ends {
        // In this order the first signal sets the flag, and a second one finds it set. Where a handler cannot be
        // installed, the signal ends the process as it always does.
        let _ = flag::register_conditional_shutdown(signal, exit.code().into(), Arc::clone(&ASKED));
        let _ = flag::register(signal, Arc::clone(&ASKED));
    }
    let Ok(mut signals) = Signals::new(ends.map(|(signal, _)| signal)) else { return };
    let wait = move || {
        let Some(came) = signals.forever().next() else { return };
        let _alone = GATE.write().unwrap_or_else(PoisonError::into_inner);
        let exit = ends.iter().find(|(signal, _)| *signal == came).map_or(Exit::Internal, |(_, exit)| *exit);
        // Nothing is said: the streams may be locked by who waits for a reader that has gone.
        end(exit);
    };
    // Without this thread the second signal still ends the process.
    let _ = std::thread::Builder::new().name("signals".to_owned()).spawn(wait);
}

/// Signals are left to the system.
#[cfg(not(unix))]
pub(crate) fn listen() {}

#[cfg(unix)]
#[expect(
    clippy::disallowed_methods,
    clippy::exit,
    reason = "the other threads cannot be asked, and no file is half written"
)]
fn end(exit: crate::exit::Exit) -> ! {
    std::process::exit(i32::from(exit.code()))
}
