//! What a `$from` says, and what its paths mean.
//!
//! Comes in: a mapping with `$from`. Goes out: file, pointer and digits, or why it says none. Reads no file.

use super::super::{Entry, Node, Value, bind};
use super::{DIGITS, FROM, Trouble};
use crate::decimal::MAX_DIGITS;
use crate::diagnostic::Code;

/// File, pointer and digits of a `$from`.
pub(super) struct Grasp {
    /// Relative to the file that holds the `$from`; empty for that file itself.
    pub(super) path: String,
    pub(super) pointer: String,
    pub(super) digits: Option<usize>,
}

const FORM: &str = "write `{$from: metrics.json#/auc}`, and `digits: 3` beside it to round";

impl Grasp {
    pub(super) fn of(node: &Node) -> Result<Self, Trouble> {
        let wrong = |code, message: String| Err(Trouble::new(code, message, FORM));
        if let Some(other) = node.entries().iter().find(|entry| ![FROM, DIGITS].contains(&entry.key())) {
            return wrong(Code::UnknownKey, format!("`{}` cannot stand beside `{FROM}`", other.key()));
        }
        let Some(Value::Text(text)) = node.get(FROM).map(|entry| entry.node().value()) else {
            return wrong(Code::WrongType, format!("`{FROM}` names a file and a pointer in it"));
        };
        let Some((path, pointer)) = text.split_once('#') else {
            let message = format!("`{text}` does not say where in the file: a `#` is missing");
            let help =
                format!("write `{{{FROM}: \"{text}#\"}}` for all of the file, or `{text}#/name` for a part of it");
            return Err(Trouble::new(Code::WrongValue, message, help));
        };
        if !(pointer.is_empty() || pointer.starts_with('/')) {
            return wrong(Code::WrongValue, format!("`{pointer}` is no pointer: it begins with `/`"));
        }
        if !path.is_empty()
            && let Err(unfit) = bind::judge(path)
        {
            let help = "give a path from the folder of the file that names it, with `/`, such as `shared/facts.yaml`";
            return Err(Trouble::new(unfit.code, format!("the path {path:?} is refused: {}", unfit.why), help));
        }
        let digits = match node.get(DIGITS).map(|entry| entry.node().value()) {
            None => None,
            Some(Value::Number(number)) if number.parse().is_ok_and(|digits: usize| digits < MAX_DIGITS) => {
                number.parse().ok()
            }
            Some(_) => {
                return wrong(Code::WrongType, format!("`{DIGITS}` is a whole number from 0 to {}", MAX_DIGITS - 1));
            }
        };
        Ok(Self { path: path.to_owned(), pointer: pointer.to_owned(), digits })
    }
}

/// The path from the root of what `file` names by `path`.
pub(super) fn beside(file: &str, path: &str) -> Result<String, Trouble> {
    bind::named_by(file, path).ok_or_else(|| {
        let message = format!("`{path}` is refused: it leads out of the folder of the project");
        let help = "copy the file into the project and name it from there; `techfile.yaml` marks its folder";
        Trouble::new(Code::UnsafePath, message, help)
    })
}

/// What people call a file: by the way that leads to it from where they call the answers `name`.
pub(super) fn shown(name: &str, own: &str, file: &str) -> String {
    let (mut near, mut far): (Vec<&str>, Vec<&str>) = (name.split('/').collect(), own.split('/').collect());
    while let (Some(a), Some(b)) = (near.last(), far.last())
        && a == b
    {
        near.pop();
        far.pop();
    }
    near.extend(std::iter::repeat_n("..", far.len()));
    // From a folder to one above it and back down is no detour that anybody wants to read.
    let mut parts: Vec<&str> = near.into_iter().chain(file.split('/')).collect();
    while let (Some(".."), Some(first)) = (parts.first().copied(), far.first().copied())
        && parts.get(far.len()) == Some(&first)
        && parts[..far.len()].iter().all(|part| *part == "..")
    {
        parts.remove(far.len());
        parts.remove(0);
        far.remove(0);
    }
    parts.join("/")
}

/// What is there instead of something that is not.
pub(super) fn offers(node: &Node, missing: &str) -> String {
    match node.value() {
        Value::Map(entries) if !entries.is_empty() => {
            let names: Vec<&str> = entries.iter().take(12).map(Entry::key).collect();
            format!("`{missing}` is not here; there is {}", names.join(", "))
        }
        Value::List(items) => format!("`{missing}` is not here; the list has {} items, from 0", items.len()),
        _ => format!("`{missing}` is not here; this has no parts"),
    }
}
