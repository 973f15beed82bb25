//! What the pages read as data: `document.json`, `stamp.json`, `SHA256SUMS`.
//!
//! Comes in: a stamped document. Goes out: files beside the Typst source. What stands in them is text to Typst, whatever
//! it says. What changes with every build is in the stamp alone, so that pages can be kept while it changes.

use std::fmt::Write as _;

use pulldown_cmark::{Event, Parser};
use serde_json::{Value as Json, json};

use super::TypesetError;
use crate::check::MARKDOWN;
use crate::digest::Digest;
use crate::render::{Document, date_in_words};
use crate::stamp::{PDF_STANDARDS, StampedDocument, TYPST, tool};

pub(super) const ANSWERS: &str = "answers.json";
pub(super) const CONTENT: &str = "content.json";
pub(super) const MANIFEST: &str = "manifest.json";
pub(super) const SUMS: &str = "SHA256SUMS";
pub(super) const DOCUMENT: &str = "document.json";
pub(super) const STAMP: &str = "stamp.json";
pub(super) const THEME: &str = "theme.typ";
/// Names that no evidence may take.
pub(super) const OWN: [&str; 8] = [ANSWERS, CONTENT, MANIFEST, SUMS, DOCUMENT, STAMP, THEME, "theme"];

/// The part of a stem behind its last slash.
pub(super) fn base(document: &Document) -> &str {
    document.stem.rsplit('/').next().unwrap_or(&document.stem)
}

/// What does not change from build to build: title, control block, words, attachments.
pub(super) fn document(stamped: &StampedDocument) -> Result<Vec<u8>, TypesetError> {
    let document = stamped.document();
    let control = &document.control;
    let fault = || TypesetError { messages: vec![format!("`{}` is no date", control.date)] };
    let date = Date::read(&control.date).ok_or_else(fault)?;
    let words = &document.words;
    let shown = |date: &Option<String>| date.as_ref().map(|date| date_in_words(date, words));
    let status = document.sign_off.status.as_str();
    let word = |key: &str| words.get(key).cloned();
    let mut status_text = word(&format!("status_{}", status.replace('-', "_"))).unwrap_or_else(|| status.to_owned());
    if let (false, Some(suspect)) = (document.suspects.is_empty(), words.get("suspect")) {
        let _ = write!(status_text, " · {suspect}");
    }
    let own = [
        (ANSWERS, "application/json", word("attached_answers")),
        (CONTENT, "application/json", word("attached_content")),
        (MANIFEST, "application/json", word("attached_manifest")),
        (SUMS, "text/plain", word("attached_sums")),
    ];
    let mut attachments: Vec<Json> = own
        .into_iter()
        .map(|(name, media_type, title)| {
            json!({"name": name, "media_type": media_type, "title": title.unwrap_or_else(|| name.to_owned())})
        })
        .collect();
    attachments.extend(document.files.iter().filter(|file| file.attached).map(|file| {
        let title = if file.title.trim().is_empty() { &file.name } else { &file.title };
        json!({"name": file.name, "media_type": file.media_type, "title": title})
    }));
    pretty(&json!({
        "title": control.title,
        "kind": kind_title(&document.control_pages).unwrap_or_else(|| document.kind.clone()),
        "id": control.id,
        "revision": control.revision,
        "date": {"year": date.year, "month": date.month, "day": date.day, "text": date_in_words(&control.date, words)},
        "status": {"id": status, "text": status_text},
        "language": control.language,
        "classification": control.classification,
        "owner": control.owner,
        "authors": control.authors,
        "next_review": shown(&control.next_review),
        "retention_until": shown(&control.retention_until),
        "watermark": word(&format!("watermark_{}", status.replace('-', "_"))),
        "file": base(document),
        "attachments": attachments,
        "words": words,
    }))
}

/// What the document's own language calls its kind: the first heading, which the cover shows as well.
fn kind_title(control: &str) -> Option<String> {
    let line = control.lines().find(|line| !line.trim().is_empty()).filter(|line| line.starts_with("# "))?;
    let words = Parser::new_ext(line, MARKDOWN).filter_map(|event| match event {
        Event::Text(text) | Event::Code(text) => Some(text.into_string()),
        _ => None,
    });
    Some(words.collect::<String>()).filter(|title| !title.trim().is_empty())
}

/// What changes from build to build: the ids and what they were made from.
pub(super) fn stamp(stamped: &StampedDocument) -> Result<Vec<u8>, TypesetError> {
    let document = stamped.document();
    let content = document.identity.content_id;
    let manifest: Json = serde_json::from_slice(stamped.manifest_json()).map_err(|error| fault(&error))?;
    let standards: Vec<String> = PDF_STANDARDS
        .iter()
        .map(|name| name.split_once('-').map_or((*name).to_owned(), |(a, b)| format!("PDF/{}-{b}", a.to_uppercase())))
        .collect();
    pretty(&json!({
        "content_id": content.to_string(),
        "short": content.short(),
        "build_id": stamped.build_id().to_string(),
        "body_digest": document.body_digest().to_string(),
        "keywords": [
            format!("techfile:content={}", content.prefixed()),
            format!("techfile:build={}", stamped.build_id().prefixed()),
        ],
        "description": format!("content {}", content.prefixed()),
        "earlier": manifest["earlier"],
        "tool": tool(),
        "typst": format!("Typst {TYPST}"),
        "pdf_standards": standards,
        "inputs": manifest["inputs"],
    }))
}

/// Digests of all else that the PDF carries, in the format of `sha256sum`; those of the files beside it stand beside it.
pub(super) fn sums(stamped: &StampedDocument) -> String {
    let document = stamped.document();
    let mut lines = vec![
        (ANSWERS, Digest::of(&document.identity.answers_json)),
        (CONTENT, document.identity.content_id),
        (MANIFEST, stamped.build_id()),
    ];
    let attached = document.files.iter().filter(|file| file.attached);
    lines.extend(attached.map(|file| (file.name.as_str(), Digest::of(&file.bytes))));
    lines.into_iter().fold(String::new(), |mut out, (name, digest)| {
        let _ = writeln!(out, "{digest}  {name}");
        out
    })
}

fn pretty(value: &Json) -> Result<Vec<u8>, TypesetError> {
    let mut bytes = serde_json::to_vec_pretty(value).map_err(|error| fault(&error))?;
    bytes.push(b'\n');
    Ok(bytes)
}

fn fault(error: &serde_json::Error) -> TypesetError {
    TypesetError { messages: vec![error.to_string()] }
}

/// A calendar date, as `check` has let it pass.
struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    fn read(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let date = Self {
            year: parts.next()?.parse().ok()?,
            month: parts.next()?.parse().ok()?,
            day: parts.next()?.parse().ok()?,
        };
        parts.next().is_none().then_some(date)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_has_the_title_that_its_language_gives_it() {
        assert_eq!(kind_title("\n# Technical\\-file *x*\n\n# Y\n").as_deref(), Some("Technical-file x"));
        assert_eq!((kind_title("## A\n"), kind_title("")), (None, None));
    }

    #[test]
    fn dates_are_written_as_the_language_writes_them() {
        let words = [("date_format", "{day}. {month} {year}"), ("month_03", "März")];
        let words = words.map(|(key, text)| (key.to_owned(), text.to_owned())).into();
        assert!(Date::read("2026-03-07").is_some());
        assert_eq!(date_in_words("2026-03-07", &words), "7. März 2026");
        assert_eq!(date_in_words("2026-03-07", &std::collections::BTreeMap::new()), "2026-03-07");
        assert!(Date::read("2026-03").is_none() && Date::read("2026-03-07-1").is_none());
    }
}
