//! What a document will need, loaded by another thread while its answers are read and checked.

use std::thread;

use techfile::catalog::Catalog;
#[cfg(feature = "pdf")]
use techfile::{stamp::Theme, typeset};

use super::Input;
use crate::disk::{self, Content, Seen};

/// What is wanted of a document.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Ahead {
    Words,
    #[cfg(feature = "pdf")]
    Pages,
}

/// Does some work on a document, and loads what that needs beside it: words, clauses, fonts. The work finds what is loaded
/// by then and waits for what is being loaded.
pub(crate) fn ahead<T>(input: &Input, wanted: Ahead, catalog: &Catalog, work: impl FnOnce() -> T) -> T {
    let Told { kind, language } = told(input);
    thread::scope(|scope| {
        let load = move || {
            catalog.prepare(&kind, &language);
            match wanted {
                Ahead::Words => {}
                #[cfg(feature = "pdf")]
                Ahead::Pages => {
                    let _ = Theme::of(catalog).map(|theme| typeset::equip(&theme));
                }
            }
        };
        // Without a second thread, what is needed is loaded when it is asked for.
        let loading = thread::Builder::new().spawn_scoped(scope, load);
        let done = work();
        // What went wrong there goes wrong again for whoever asks, who tells of it.
        let _ = loading.map(thread::ScopedJoinHandle::join);
        done
    })
}

/// What answers call their kind and their language; what these really are, reading shows.
pub(super) struct Told {
    pub(super) kind: String,
    language: String,
}

pub(super) fn told(input: &Input) -> Told {
    // What is no regular file, such as a pipe, may be there to be read once.
    let regular = matches!(disk::look(&input.path), Seen::File(_));
    let text = match regular.then(|| disk::answers(&input.path, input.limits())) {
        Some(Ok(Content::Bytes(bytes))) => String::from_utf8_lossy(&bytes).into_owned(),
        _ => String::new(),
    };
    let value = |line: &str, key: &str| {
        let value = line.strip_prefix(key)?.strip_prefix(':')?;
        Some(value.split('#').next().unwrap_or(value).trim().trim_matches(['"', '\'']).to_owned())
    };
    let kind = text.lines().find_map(|line| value(line, "kind")).unwrap_or_default();
    let language = text.lines().find_map(|line| value(line.trim_start(), "language"));
    Told { kind, language: language.unwrap_or_else(|| "en".to_owned()) }
}
