//! Markdown answers: what of them a document can show.
//!
//! Comes in: a walk and the bound files. Goes out: findings about links, pictures, raw HTML and headings, and where
//! evidence is cited. Rendering cleans what passes once more; here the author is told.

mod tables;

use std::collections::BTreeMap;

use pulldown_cmark::{Event, LinkType, Options, Parser, Tag, TagEnd};

use super::walk::{Part, Walk, nearest_id};
use super::{Evidence, prose};
use crate::answers::{BoundFile, Value};
use crate::catalog::Glyphs;
use crate::catalog::Shape;
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::picture::{Fault, Picture};
use crate::source::Span;

/// Most columns of a table on a page of A4.
const MAX_COLUMNS: usize = 16;

/// Longest heading: it stands in the bookmarks, too.
const MAX_HEADING: usize = 1000;
/// Longest words for those who cannot see a picture, with the name of its file.
const MAX_ALT: usize = 4000;

/// What an answer and a document may use of Markdown.
pub(crate) const OPTIONS: Options = Options::ENABLE_TABLES
    .union(Options::ENABLE_FOOTNOTES)
    .union(Options::ENABLE_STRIKETHROUGH)
    .union(Options::ENABLE_TASKLISTS);

/// What an event shows or follows, with character references read.
fn show(event: &Event<'_>, shown: &mut String) {
    match event {
        Event::Text(piece) | Event::Code(piece) | Event::Html(piece) | Event::InlineHtml(piece) => {
            shown.push_str(piece);
        }
        Event::Start(Tag::Link { dest_url, title, .. } | Tag::Image { dest_url, title, .. }) => {
            shown.push_str(dest_url);
            shown.push_str(title);
        }
        _ => {}
    }
}

/// What citing evidence in Markdown looks like.
const SCHEME: &str = "evidence:";

/// Findings, and for each citation the id of the evidence and the pointer of the answer.
pub(super) fn judge(
    walk: &Walk<'_>,
    evidence: &[Evidence],
    files: &[BoundFile],
    glyphs: &Glyphs,
) -> (Vec<Diagnostic>, Vec<(String, String)>) {
    let mut reader =
        Reader { evidence, files, glyphs, faults: BTreeMap::new(), findings: Vec::new(), cited: Vec::new() };
    for part in walk.parts.iter().filter(|part| part.marker.is_none()) {
        if let (Value::Text(text), true) = (part.node.value(), part.shape.is_some_and(Shape::is_markdown)) {
            let before = reader.findings.len();
            let shown = reader.read(part, text);
            let silent = shown.trim().is_empty() && !text.trim().is_empty();
            if silent && reader.findings.len() == before {
                let finding = part.error(Code::NotAllowedEmpty, format!("{} shows nothing to a reader", part.name()));
                reader
                    .findings
                    .push(finding.help("write the answer in words; definitions of links and rules say nothing"));
            }
            // Only a character reference makes a reader meet another character than stands in the file.
            if text.contains('&') {
                reader.findings.extend(prose::decoded(part, &shown, glyphs));
            }
        }
    }
    (reader.findings, reader.cited)
}

struct Reader<'r> {
    evidence: &'r [Evidence],
    files: &'r [BoundFile],
    glyphs: &'r Glyphs,
    /// Why the pictures that were looked at cannot be shown, by path; one may stand in many places.
    faults: BTreeMap<&'r str, Option<(Code, String)>>,
    findings: Vec<Diagnostic>,
    cited: Vec<(String, String)>,
}

/// A link, picture or heading whose inner text is being read.
struct Inner<'t> {
    tag: Tag<'t>,
    /// What a reader sees of it: the first character that is no space.
    shown: bool,
    /// The same without pictures: a heading is words.
    words: bool,
    piece: &'t str,
}

impl<'r> Reader<'r> {
    /// Finds what is wrong, and gives everything that the answer shows or follows.
    fn read(&mut self, part: &Part<'_>, text: &str) -> String {
        let mut shown = String::new();
        let mut open: Vec<Inner<'_>> = Vec::new();
        let mut html_seen = false;
        let mut above: Option<usize> = None;
        let mut columns = 0;
        let mut code = false;
        for (event, range) in Parser::new_ext(text, OPTIONS).into_offset_iter() {
            let start = range.start;
            let piece = text.get(range).unwrap_or_default();
            show(&event, &mut shown);
            if let Event::Start(Tag::Heading { level, .. }) = event {
                let level = level as usize;
                if let Some(above) = above.filter(|above| level > above + 1) {
                    let message = format!("a heading of level {level} follows one of level {above}");
                    let finding = Diagnostic::warning(Code::Markup, at(part, piece), message);
                    let help = format!("write it with {}; no level may be skipped", "#".repeat(above + 1));
                    self.push(part, finding.help(help));
                }
                above = Some(level);
            }
            match &event {
                Event::Start(Tag::CodeBlock(_)) => code = true,
                Event::End(TagEnd::CodeBlock) => code = false,
                Event::Start(Tag::TableHead) => columns = tables::cells(piece).len(),
                Event::Start(Tag::TableRow) => self.row(part, piece, columns),
                Event::Text(_) if !code => self.dashes(part, text, start),
                _ => {}
            }
            match event {
                Event::Start(tag @ (Tag::Link { .. } | Tag::Image { .. } | Tag::Heading { .. })) => {
                    open.push(Inner { tag, shown: false, words: false, piece });
                }
                Event::End(TagEnd::Link | TagEnd::Image | TagEnd::Heading(_)) => {
                    if let Some(inner) = open.pop() {
                        let shown = inner.shown || matches!(inner.tag, Tag::Image { .. });
                        self.ended(part, &inner);
                        if let Some(outer) = open.last_mut() {
                            outer.shown |= shown;
                        }
                    }
                }
                Event::Start(Tag::Table(columns)) if columns.len() > MAX_COLUMNS => {
                    let message = format!("a table of {} columns fits no page", columns.len());
                    let finding = Diagnostic::error(Code::Markup, at(part, piece), message);
                    let help = format!("keep to {MAX_COLUMNS} columns, or attach the table as evidence");
                    self.push(part, finding.help(help));
                }
                Event::Html(_) | Event::InlineHtml(_) if !html_seen => {
                    html_seen = true;
                    let finding = Diagnostic::warning(Code::Markup, at(part, piece), "raw HTML is shown as text");
                    self.push(part, finding.help("write Markdown; to show the characters, put them between backticks"));
                }
                Event::Text(text) | Event::Code(text) if !text.trim().is_empty() => {
                    if let Some(inner) = open.last_mut() {
                        inner.shown = true;
                    }
                    if !open.iter().any(|inner| matches!(inner.tag, Tag::Image { .. })) {
                        for inner in &mut open {
                            inner.words = true;
                        }
                    }
                }
                _ => {}
            }
        }
        shown
    }

    /// What stands in a row beyond the columns of the head is in no table.
    fn row(&mut self, part: &Part<'_>, piece: &str, columns: usize) {
        let cells = tables::cells(piece);
        if cells.iter().skip(columns).all(|cell| cell.is_empty()) {
            return;
        }
        let message =
            format!("a row of a table has {} cells and the head {columns}: the rest would be lost", cells.len());
        let finding = Diagnostic::error(Code::Markup, at(part, piece), message);
        let help = "write a cell into the head for each column; a `|` within a cell is written `\\|`";
        self.push(part, finding.help(help));
    }

    /// A table that none sees is printed as it was typed.
    fn dashes(&mut self, part: &Part<'_>, text: &str, start: usize) {
        if let Some((line, own, above)) = tables::dashes(text, start) {
            let message = format!("this is no table: the row of dashes has {}, the head above it {above}", cells(own));
            let finding = Diagnostic::warning(Code::Markup, at(part, line), message);
            self.push(part, finding.help("give both the same number of cells; as it is, the characters are shown"));
        }
    }

    fn ended(&mut self, part: &Part<'_>, inner: &Inner<'_>) {
        match &inner.tag {
            Tag::Link { dest_url, link_type, .. } => {
                self.link(part, dest_url, *link_type, inner);
            }
            Tag::Image { dest_url, .. } => self.picture(part, dest_url, inner),
            _ if !inner.words => {
                let finding = Diagnostic::error(Code::Markup, at(part, inner.piece), "a heading has no words");
                self.push(part, finding.help("write the heading, or remove the `#`"));
            }
            _ if inner.piece.chars().count() > MAX_HEADING => {
                let message = format!("a heading has more than {MAX_HEADING} characters");
                let finding = Diagnostic::error(Code::Markup, at(part, inner.piece), message);
                self.push(part, finding.help("write a short heading, and the rest below it"));
            }
            _ => {}
        }
    }

    fn link(&mut self, part: &Part<'_>, target: &str, kind: LinkType, inner: &Inner<'_>) {
        if kind == LinkType::Email {
            return;
        }
        if let Some(id) = target.strip_prefix(SCHEME) {
            self.cite(part, id, inner);
        } else if !is_allowed(target) {
            let message = format!("the link `{target}` leads where no reader should be sent");
            let finding = Diagnostic::error(Code::Markup, at(part, inner.piece), message);
            self.push(part, finding.help("links are https, http or mailto, or `evidence:` with an id of the register"));
        }
        if !inner.shown {
            let finding = Diagnostic::error(Code::Markup, at(part, inner.piece), "a link has no words");
            self.push(part, finding.help("write what it leads to: `[words](address)`"));
        }
    }

    fn picture(&mut self, part: &Part<'_>, target: &str, inner: &Inner<'_>) {
        let Some(id) = target.strip_prefix(SCHEME) else {
            let message = format!("the picture `{target}` is not in the evidence register");
            let finding = Diagnostic::error(Code::Markup, at(part, inner.piece), message);
            let help = "register the file under `evidence`, then show it as `![what it shows](evidence:ID)`";
            return self.push(part, finding.help(help));
        };
        let Some(item) = self.cite(part, id, inner) else { return };
        if !inner.shown && item.alt.as_deref().is_none_or(|alt| alt.trim().is_empty()) {
            let finding = Diagnostic::error(
                Code::MissingAltText,
                at(part, inner.piece),
                "the picture has no words for those who cannot see it",
            );
            let help = "write them between the brackets: `![what it shows](evidence:ID)`, or as `alt` in the register";
            self.push(part, finding.help(help));
        }
        let long = |text: &str| text.chars().count() > MAX_ALT;
        if long(inner.piece) || item.alt.as_deref().is_some_and(long) {
            let message = format!("the words for the picture have more than {MAX_ALT} characters");
            let finding = Diagnostic::error(Code::Markup, at(part, inner.piece), message);
            self.push(part, finding.help("say in a few sentences what it shows, and the rest in the text beside it"));
        }
        let Some(file) = self.files.iter().find(|file| file.id() == id) else { return };
        if let Some((code, why)) = self.fault(file) {
            let message = format!("the picture `{}` cannot be shown: {why}", file.path());
            self.push(part, Diagnostic::error(code, at(part, inner.piece), message));
        }
    }

    /// Why a file cannot be shown as a picture.
    fn fault(&mut self, file: &'r BoundFile) -> Option<(Code, String)> {
        let bytes = file.bytes()?;
        let glyphs = self.glyphs;
        let look = || match Picture::inspect(file.path(), &bytes) {
            Ok(picture) => {
                let letter = picture.letters.chars().find(|letter| !letter.is_whitespace() && !glyphs.has(*letter))?;
                let point = format!("U+{:04X}", u32::from(letter));
                Some((Code::MissingGlyph, format!("no font of the document has its character `{letter}` ({point})")))
            }
            Err(Fault::Broken(why)) => Some((Code::WrongValue, why)),
            Err(Fault::Refused(why)) => Some((Code::Limit, why)),
        };
        self.faults.entry(file.path()).or_insert_with(look).clone()
    }

    fn cite(&mut self, part: &Part<'_>, id: &str, inner: &Inner<'_>) -> Option<Evidence> {
        self.cited.push((id.to_owned(), part.pointer.clone()));
        let found = self.evidence.iter().find(|item| item.id == id).cloned();
        if found.is_none() {
            let message = format!("the evidence `{id}` is cited but not registered");
            let finding = Diagnostic::error(Code::DanglingReference, at(part, inner.piece), message);
            let help = match nearest_id(id, self.evidence.iter().map(|item| item.id.as_str())) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "add it under `evidence`".to_owned(),
            };
            self.push(part, finding.help(help));
        }
        found
    }

    fn push(&mut self, part: &Part<'_>, finding: Diagnostic) {
        self.findings.push(finding.clauses(part.law.clauses.iter().cloned()));
    }
}

fn cells(count: usize) -> String {
    format!("{count} cell{}", if count == 1 { "" } else { "s" })
}

fn is_allowed(target: &str) -> bool {
    let lower = target.to_ascii_lowercase();
    ["https://", "http://", "mailto:"]
        .iter()
        .any(|scheme| lower.strip_prefix(scheme).is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/')))
}

/// Where a piece of Markdown stands in the file: its first line, if it is written there as it is read.
fn at(part: &Part<'_>, piece: &str) -> Place {
    let whole = part.place();
    let piece = piece.lines().next().unwrap_or_default().trim_end();
    match whole.source.slice(whole.span).find(piece) {
        Some(offset) if !piece.is_empty() => {
            let start = whole.span.start + offset;
            Place { span: Span::new(start, start + piece.len()), ..whole }
        }
        _ => whole,
    }
}
