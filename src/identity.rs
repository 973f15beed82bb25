//! Content ids: what is said, in a form that comments, order and quoting cannot change.
//!
//! Comes in: [`CheckedAnswers`]. Goes out: canonical JSON (RFC 8785, without floats) and its digests: of the answers, of
//! the content with its evidence, of each clause. Sign-off stays outside. Knows nothing of templates and pages.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};

use crate::check::CheckedAnswers;
use crate::digest::Digest;

/// The identity of what a document says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Canonical bytes of the checked answers without `sign_off`.
    pub answers_json: Vec<u8>,
    /// Canonical bytes of `content.json`, whose digest is the content id.
    pub content_json: Vec<u8>,
    /// The content id.
    pub content_id: Digest,
    /// A digest for each clause that the kind answers.
    pub clauses: BTreeMap<String, Digest>,
}

/// Identifies checked answers.
#[must_use]
pub fn identify(checked: &CheckedAnswers<'_>) -> Identity {
    let mut answers = checked.value().clone();
    if let Some(map) = answers.as_object_mut() {
        map.remove("sign_off");
    }
    let answers_json = canonical(&answers);
    let files: BTreeSet<_> = checked
        .answers()
        .files()
        .iter()
        .filter_map(|file| Some((file.path(), file.media_type(), file.sha256()?.to_string(), file.bytes()?.len())))
        .collect();
    let evidence: Vec<Json> = files
        .into_iter()
        .map(|(path, media_type, sha256, size)| json!({"media_type": media_type, "path": path, "sha256": sha256, "size": size}))
        .collect();
    let control = checked.control();
    let content_json = canonical(&json!({
        "format": "techfile-content/1",
        "kind": checked.kind().id(),
        "document": control.id,
        "revision": control.revision,
        "language": control.language,
        "answers": {"sha256": Digest::of(&answers_json).to_string(), "size": answers_json.len()},
        "evidence": evidence,
    }));
    let clauses = checked.coverage().iter().map(|covered| {
        let said = covered.pointers.iter().filter_map(|pointer| Some((pointer.as_str(), answers.pointer(pointer)?)));
        (covered.clause.clone(), Digest::of(&framed(&covered.clause, said)))
    });
    Identity { clauses: clauses.collect(), content_id: Digest::of(&content_json), answers_json, content_json }
}

/// The canonical bytes of {answers: [[pointer, answer], …], clause, format}, without a copy of the answers.
fn framed<'a>(clause: &str, said: impl Iterator<Item = (&'a str, &'a Json)>) -> Vec<u8> {
    let mut framed = b"{\"answers\":[".to_vec();
    for (index, (pointer, answer)) in said.enumerate() {
        framed.extend(if index > 0 { &b",["[..] } else { b"[" });
        write_text(pointer, &mut framed);
        framed.push(b',');
        write(answer, &mut framed);
        framed.push(b']');
    }
    framed.extend(b"],\"clause\":");
    write_text(clause, &mut framed);
    framed.extend(b",\"format\":\"techfile-clause/1\"}");
    framed
}

/// RFC 8785 for values without floats: keys by their UTF-16 code units, no white space.
///
/// # Panics
/// Never on values that `check` made: they hold no floats.
#[must_use]
pub fn canonical(value: &Json) -> Vec<u8> {
    let mut out = Vec::new();
    write(value, &mut out);
    out
}

/// Whether bytes are the canonical form of what was read out of them: otherwise two readers could see two things.
pub(crate) fn is_canonical(value: &Json, bytes: &[u8]) -> bool {
    !has_float(value) && canonical(value) == bytes
}

fn has_float(value: &Json) -> bool {
    match value {
        Json::Number(number) => number.is_f64(),
        Json::Array(items) => items.iter().any(has_float),
        Json::Object(map) => map.values().any(has_float),
        _ => false,
    }
}

fn write(value: &Json, out: &mut Vec<u8>) {
    match value {
        Json::Null => out.extend(b"null"),
        Json::Bool(value) => out.extend(if *value { &b"true"[..] } else { b"false" }),
        Json::Number(number) => {
            debug_assert!(!number.is_f64(), "a float reached the canonical form");
            out.extend(number.to_string().bytes());
        }
        Json::String(text) => write_text(text, out),
        Json::Array(items) => {
            out.push(b'[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                write(item, out);
            }
            out.push(b']');
        }
        Json::Object(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            // Where all is ASCII, bytes sort as code units do.
            if entries.iter().all(|(key, _)| key.is_ascii()) {
                entries.sort_by_key(|(key, _)| key.as_str());
            } else {
                entries.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
            }
            out.push(b'{');
            for (index, (key, item)) in entries.into_iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                write_text(key, out);
                out.push(b':');
                write(item, out);
            }
            out.push(b'}');
        }
    }
}

/// Strings as ECMAScript writes them (RFC 8785, 3.2.2.2).
fn write_text(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|byte| byte < b' ' || byte == b'"' || byte == b'\\') {
        out.extend(rest[..at].bytes());
        match rest.as_bytes()[at] {
            b'"' => out.extend(b"\\\""),
            b'\\' => out.extend(b"\\\\"),
            0x08 => out.extend(b"\\b"),
            b'\t' => out.extend(b"\\t"),
            b'\n' => out.extend(b"\\n"),
            0x0c => out.extend(b"\\f"),
            b'\r' => out.extend(b"\\r"),
            control => out.extend(format!("\\u{control:04x}").bytes()),
        }
        rest = &rest[at + 1..];
    }
    out.extend(rest.bytes());
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_sort_by_utf16_and_strings_escape_as_rfc_8785_says() {
        // The sorting example of RFC 8785, 3.2.3: U+1F600 sorts before U+FB33.
        let value = json!({"\u{20ac}": 1, "\r": 2, "\u{fb33}": 3, "1": 4, "\u{1f600}": 5, "\u{80}": 6, "\u{f6}": 7});
        let text = String::from_utf8(canonical(&value)).expect("UTF-8");
        assert_eq!(text, "{\"\\r\":2,\"1\":4,\"\u{80}\":6,\"\u{f6}\":7,\"\u{20ac}\":1,\"\u{1f600}\":5,\"\u{fb33}\":3}");
        let text = String::from_utf8(canonical(&json!("\u{f}\n\"\\/€"))).expect("UTF-8");
        assert_eq!(text, "\"\\u000f\\n\\\"\\\\/€\"");
    }

    #[test]
    fn texts_that_slide_into_each_other_stay_apart() {
        assert_ne!(canonical(&json!(["ab", "c"])), canonical(&json!(["a", "bc"])));
        assert_ne!(canonical(&json!({"a": "1"})), canonical(&json!({"a": 1})));
    }

    #[test]
    fn parts_of_a_clause_that_slide_into_each_other_stay_apart() {
        let digest = |clause: &str, said: &[(&str, &str)]| {
            let said: Vec<(&str, Json)> = said.iter().map(|(pointer, answer)| (*pointer, json!(answer))).collect();
            Digest::of(&framed(clause, said.iter().map(|(pointer, answer)| (*pointer, answer))))
        };
        let digests = [
            digest("law:1", &[("/a", "ab"), ("/b", "c")]),
            // From an answer to the next, from a pointer to its answer, from an answer to the pointer after it.
            digest("law:1", &[("/a", "a"), ("/b", "bc")]),
            digest("law:1", &[("/aa", "b"), ("/b", "c")]),
            digest("law:1", &[("/a", "ab/"), ("b", "c")]),
            // From the last answer to the clause, and from the clause to the first pointer.
            digest("claw:1", &[("/a", "ab"), ("/b", "")]),
            digest("law:", &[("1/a", "ab"), ("/b", "c")]),
            // What looks like a frame is text.
            digest("law:1", &[("/a", "ab\"],[\"/b\",\"c")]),
        ];
        let different: BTreeSet<&Digest> = digests.iter().collect();
        assert_eq!(different.len(), digests.len(), "{digests:?}");
    }
}
