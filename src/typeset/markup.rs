//! Markdown into Typst code.
//!
//! Comes in: the Markdown of a document. Goes out: Typst code for its cover, control pages and body. Every word of the
//! Markdown stands in a string literal, so nothing that an answer says can be markup; the only names in the code are the
//! few of Typst and of `theme.typ` that this file writes. Knows nothing of pages.

mod around;
mod frame;
mod parts;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use pulldown_cmark::{Event, HeadingLevel, Parser, Tag, TagEnd};

use self::frame::Frame;
use super::literal::{self, Joined, Width, string};
use super::table::Table;
use crate::check::MARKDOWN;
use crate::render::Slugs;

/// Lists, quotes and emphasis deeper than this are set at this depth: the compiler's stack has an end.
const DEEPEST: usize = 8;
/// Width of a line of running text, and what each level of a list takes of it.
const LINE: u32 = 44_000;
const INDENT: u32 = 2_000;
/// Lines of a paragraph that stays with the table below it.
const SHORT: u32 = 4;
/// How a picture begins that stands in a line of text.
const INLINE_PICTURE: &str = "inline-picture(";

/// A document as code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Code {
    /// The first block under it: which kind of document it is.
    pub(super) kind: String,
    /// What else stands before the next heading.
    pub(super) notes: String,
    pub(super) control: String,
    pub(super) body: String,
    /// Links of pictures that lead to no file.
    pub(super) missing: Vec<String>,
    /// Charts that cannot be drawn, as sentences about the template.
    pub(super) faults: Vec<String>,
}

/// Converts a document's control pages and body; `picture` knows the file that a link target shows, `words` how the
/// language writes the numbers and dates that charts read.
pub(super) fn convert(
    control: &str,
    body: &str,
    picture: &dyn Fn(&str) -> Option<String>,
    words: &BTreeMap<String, String>,
) -> Code {
    let control = events(control);
    let body = events(body);
    let mut slugs = Slugs::default();
    let slugged = headings(&control).chain(headings(&body)).map(|(_, words)| slugs.next(&words));
    // The first heading is the kind's title and the first paragraph the document's own; the cover shows both, and below
    // them what else stands before the next heading.
    let title = headings(&control)
        .next()
        .filter(|(at, _)| matches!(control[*at].0, Event::Start(Tag::Heading { level: HeadingLevel::H1, .. })))
        .map(|(at, _)| at..at + length(&control[at..]));
    let titles = usize::from(title.is_some());
    let title = title.unwrap_or_default();
    let names: VecDeque<String> = slugged.skip(titles).collect();
    let next = headings(&control).nth(titles).map_or(control.len(), |(at, _)| at);
    let mut writer = Writer {
        known: names.iter().filter(|name| !name.is_empty()).cloned().collect(),
        names,
        begun: VecDeque::new(),
        picture,
        language: words,
        notes: Notes::default(),
        frames: Vec::new(),
        level: 0,
        inside: 0,
        still: 0,
        emphasis: 0,
        table: None,
        leads: false,
        missing: Vec::new(),
        faults: Vec::new(),
    };
    writer.read_notes(&control);
    let mut kind: Vec<Placed<'_>> = vec![(Event::Start(Tag::Paragraph), "")];
    kind.extend(control[title.clone()].iter().filter(|(event, _)| !is_heading(event)).cloned());
    kind.push((Event::End(TagEnd::Paragraph), ""));
    let kind = writer.blocks(&[&kind]).join("\n");
    let cover = writer.blocks(&[&control[..title.start], &control[title.end..next]]);
    let notes = cover.get(1..).unwrap_or_default().join("\n");
    let inner = writer.blocks(&[&control[next..]]).join("\n");
    writer.level = 0;
    writer.begun = parts::begin_pages(&body).into();
    writer.read_notes(&body);
    let body = writer.blocks(&[&body]).join("\n");
    Code { kind, notes, control: inner, body, missing: writer.missing, faults: writer.faults }
}

fn is_heading(event: &Event<'_>) -> bool {
    matches!(event, Event::Start(Tag::Heading { .. }) | Event::End(TagEnd::Heading(_)))
}

/// An event, and the Markdown that it was read from.
pub(super) type Placed<'t> = (Event<'t>, &'t str);

fn events(text: &str) -> Vec<Placed<'_>> {
    let events = Parser::new_ext(text, MARKDOWN).into_offset_iter();
    events.map(|(event, range)| (event, text.get(range).unwrap_or_default())).collect()
}

/// Where the headings are that stand in no list, quote or note, and their words.
fn headings<'e>(events: &'e [Placed<'_>]) -> impl Iterator<Item = (usize, String)> + 'e {
    let mut inside = 0_usize;
    events.iter().enumerate().filter_map(move |(index, (event, _))| {
        match event {
            Event::Start(tag) if is_container(tag.to_end()) => inside += 1,
            Event::End(tag) if is_container(*tag) => inside -= 1,
            Event::Start(Tag::Heading { .. }) if inside == 0 => {
                let rest = &events[index..];
                let end = rest.iter().position(|(event, _)| matches!(event, Event::End(TagEnd::Heading(_))));
                return Some((index, plain(&rest[..end.unwrap_or(rest.len())])));
            }
            _ => {}
        }
        None
    })
}

fn is_container(tag: TagEnd) -> bool {
    matches!(tag, TagEnd::List(_) | TagEnd::BlockQuote(_) | TagEnd::FootnoteDefinition)
}

/// What a reader reads, without its look.
pub(super) fn plain(events: &[Placed<'_>]) -> String {
    let mut out = String::new();
    for (event, _) in events {
        match event {
            Event::Text(text) | Event::Code(text) => out.push_str(text),
            Event::InlineHtml(html) if !is_comment(html) => out.push_str(html),
            Event::SoftBreak | Event::HardBreak => out.push(' '),
            _ => {}
        }
    }
    out
}

/// Templates write comments for those who read Markdown; answers cannot, their HTML has become text.
fn is_comment(html: &str) -> bool {
    let html = html.trim();
    html.starts_with("<!--") && html.find("-->").is_some_and(|end| end + 3 == html.len())
}

/// Footnotes: where they are cited, and their code.
#[derive(Default)]
struct Notes {
    /// By the label in the Markdown: the name of the note, and whether it has been set.
    cited: BTreeMap<String, (String, bool)>,
    code: BTreeMap<String, String>,
    made: usize,
}

struct Writer<'w> {
    /// Names of the headings to come.
    names: VecDeque<String>,
    /// Which of them begin a page.
    begun: VecDeque<bool>,
    known: BTreeSet<String>,
    picture: &'w dyn Fn(&str) -> Option<String>,
    language: &'w BTreeMap<String, String>,
    notes: Notes,
    frames: Vec<Frame>,
    /// Level of the last heading.
    level: usize,
    /// Depth of lists, quotes and notes.
    inside: usize,
    /// Where no note may be set: in a heading it would stand in the contents, in a header row on each page.
    still: usize,
    /// Depth of emphasis.
    emphasis: usize,
    table: Option<Table>,
    /// A table follows the element that ends.
    leads: bool,
    missing: Vec<String>,
    faults: Vec<String>,
}

impl Writer<'_> {
    /// Notes come first: one is set where it is first cited, which may be before its definition.
    fn read_notes(&mut self, events: &[Placed<'_>]) {
        self.notes.cited.clear();
        self.notes.code.clear();
        let mut still = 0_usize;
        for (event, _) in events {
            match event {
                Event::Start(tag) if is_still(tag.to_end()) => still += 1,
                Event::End(tag) if is_still(*tag) => still -= 1,
                Event::FootnoteReference(label) if still == 0 && !self.notes.cited.contains_key(label.as_ref()) => {
                    self.notes.made += 1;
                    // No heading's name has a colon.
                    self.notes.cited.insert(label.to_string(), (format!("note:{}", self.notes.made), false));
                }
                _ => {}
            }
        }
        for (index, (event, _)) in events.iter().enumerate() {
            if let Event::Start(Tag::FootnoteDefinition(label)) = event
                && self.notes.cited.contains_key(label.as_ref())
                && !self.notes.code.contains_key(label.as_ref())
            {
                let code = self.note_code(&events[index..]);
                self.notes.code.insert(label.to_string(), code);
            }
        }
    }

    fn note_code(&mut self, events: &[Placed<'_>]) -> String {
        self.inside += 1;
        self.still += 1;
        self.frames.push(Frame { blocks: true, width: LINE, ..Frame::default() });
        self.run(&events[1..length(events) - 1]);
        self.still -= 1;
        self.inside -= 1;
        let mut frame = self.close();
        // The first paragraph begins on the line of the note's number.
        if let Some(first) = frame.code.first_mut()
            && let Some(inner) = first.strip_prefix("par(").and_then(|rest| rest.strip_suffix(')'))
        {
            *first = inner.to_owned();
        }
        frame.whole()
    }

    fn blocks(&mut self, parts: &[&[Placed<'_>]]) -> Vec<String> {
        self.frames.push(Frame { blocks: true, width: LINE, ..Frame::default() });
        for events in parts {
            self.run(events);
        }
        self.close().code
    }

    fn run(&mut self, events: &[Placed<'_>]) {
        let joined = around::joined(events);
        let mut index = 0;
        while let Some((event, source)) = events.get(index) {
            match event {
                Event::Start(Tag::FootnoteDefinition(label)) => {
                    let rest = &events[index..];
                    // One that no running text cites stays where it stands: nothing that was written is dropped.
                    if !self.notes.cited.contains_key(label.as_ref()) {
                        let code = self.note_code(rest);
                        self.push(format!("block({{{}; {code}}})", string(&format!("[^{label}] "))));
                    }
                    index += length(rest);
                    continue;
                }
                Event::Start(Tag::Table(alignments)) => {
                    self.chart(events, index);
                    let width = self.frame().width;
                    self.table = Some(Table::new(alignments, source, &events[index..], width));
                }
                Event::Start(tag) => self.start(tag),
                Event::End(tag) => {
                    self.leads = around::is_table(&events[index + 1..]);
                    self.end(*tag);
                }
                other => self.inline(other, joined[index]),
            }
            index += 1;
        }
    }

    fn inline(&mut self, event: &Event<'_>, joined: Joined) {
        match event {
            Event::Code(text) => {
                let room = self.room();
                self.flush();
                let frame = self.frame();
                frame.plain.push_str(text);
                frame.code.extend(literal::code(text, room, joined));
            }
            Event::InlineHtml(html) if is_comment(html) => {}
            Event::Text(text)
            | Event::Html(text)
            | Event::InlineHtml(text)
            | Event::InlineMath(text)
            | Event::DisplayMath(text) => self.text(text, joined),
            Event::FootnoteReference(label) => self.note(label),
            Event::SoftBreak => self.text(" ", joined),
            Event::HardBreak => self.push("linebreak()".to_owned()),
            Event::Rule => self.push("divider()".to_owned()),
            Event::TaskListMarker(done) => {
                // In a loose list a paragraph stands between the mark and its item.
                let item = (self.frames.len() - 1).saturating_sub(usize::from(!self.frame().blocks));
                self.frames[item].marks = vec![Some(if *done { "☑" } else { "☐" })];
            }
            Event::Start(_) | Event::End(_) => {}
        }
    }

    fn start(&mut self, tag: &Tag<'_>) {
        let outer = self.frame().width;
        let mut frame = Frame { width: outer, ..Frame::default() };
        self.still += usize::from(is_still(tag.to_end()));
        match tag {
            Tag::TableRow | Tag::TableHead => return,
            Tag::Paragraph => self.frame().loose = true,
            Tag::List(_) | Tag::BlockQuote(_) => {
                self.inside += 1;
                frame.flat = self.inside > DEEPEST;
                frame.blocks = true;
                frame.width = outer.saturating_sub(INDENT).max(LINE / 4);
                if let Tag::List(Some(start)) = tag {
                    frame.target = start.to_string();
                }
            }
            Tag::Item => frame.blocks = true,
            Tag::TableCell => frame.width = self.table.as_ref().map_or(outer, Table::room),
            Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } => frame.target = dest_url.to_string(),
            _ => {}
        }
        if is_emphasis(tag.to_end()) {
            self.emphasis += 1;
            frame.flat = self.emphasis > DEEPEST / 2;
        }
        self.frames.push(frame);
    }

    fn end(&mut self, tag: TagEnd) {
        self.still -= usize::from(is_still(tag));
        self.emphasis -= usize::from(is_emphasis(tag));
        match tag {
            TagEnd::TableHead | TagEnd::TableRow => {
                if let Some(table) = &mut self.table {
                    table.end_row();
                }
                return;
            }
            TagEnd::Table => {
                if let Some(table) = self.table.take() {
                    self.push(table.code());
                }
                return;
            }
            _ => {}
        }
        let frame = self.close();
        match tag {
            TagEnd::Paragraph => match frame.code.as_slice() {
                [] => {}
                [only] if only.starts_with(INLINE_PICTURE) => {
                    self.put(&frame.plain, only["inline-".len()..].to_owned());
                }
                [only] if only.starts_with("strong(") => {
                    self.put(&frame.plain, format!("lead({}", &only["strong(".len()..]));
                }
                // It speaks of what follows.
                _ if self.inside == 0 && (frame.plain.trim_end().ends_with(':') || self.introduces(&frame)) => {
                    self.put(&frame.plain, format!("intro({})", frame.whole()));
                }
                _ => self.put(&frame.plain, format!("par({})", frame.whole())),
            },
            TagEnd::Heading(level) => self.heading(level, &frame),
            TagEnd::BlockQuote(_) => {
                self.inside -= 1;
                if frame.flat || frame.code.is_empty() {
                    self.dissolve(frame);
                } else {
                    self.put(&frame.plain, format!("quote(block: true, {})", frame.whole()));
                }
            }
            TagEnd::CodeBlock => {
                let text = frame.plain.trim_end_matches('\n');
                self.put(text, format!("raw(block: true, {})", string(text)));
            }
            TagEnd::HtmlBlock if is_comment(&frame.plain) || frame.code.is_empty() => {}
            TagEnd::HtmlBlock => self.put(&frame.plain, format!("par({})", frame.whole())),
            TagEnd::List(_) => self.list(frame),
            TagEnd::Item if self.frame().flat => {
                // What it holds of lists too deep has already become blocks; they stay beside it, not in it.
                let (inner, own): (Vec<String>, Vec<String>) =
                    frame.code.into_iter().partition(|code| code.starts_with("block("));
                let list = self.frame();
                list.plain.push_str(&frame.plain);
                list.code.push(format!("block({})", Frame { code: own, ..Frame::default() }.whole()));
                list.code.extend(inner);
            }
            TagEnd::Item => {
                let list = self.frame();
                list.loose |= frame.loose;
                list.marks.push(frame.marks.first().copied().flatten());
                list.plain.push_str(&frame.plain);
                list.code.push(frame.whole());
            }
            TagEnd::TableCell => {
                if let Some(table) = &mut self.table {
                    table.cell(frame.whole(), &frame.plain);
                }
            }
            TagEnd::Emphasis => self.wrap("emph(", frame),
            TagEnd::Strong => self.wrap("strong(", frame),
            TagEnd::Strikethrough => self.wrap("strike(", frame),
            TagEnd::Link => match self.target(&frame.target) {
                Some(target) if !frame.plain.trim().is_empty() => self.wrap(&format!("link({target}, "), frame),
                _ => self.dissolve(frame),
            },
            TagEnd::Image => {
                if let Some(file) = (self.picture)(&frame.target) {
                    let code = format!("{INLINE_PICTURE}{}, {})", string(&file), string(frame.plain.trim()));
                    self.put(&frame.plain, code);
                } else {
                    self.missing.push(frame.target.clone());
                    self.dissolve(frame);
                }
            }
            // The rest needs an option that is not set.
            _ => self.dissolve(frame),
        }
    }

    /// A few lines right above a table: they would stand alone at the foot of a page where the table fits only the next.
    fn introduces(&self, frame: &Frame) -> bool {
        self.leads && Width::of(&frame.plain).0 <= SHORT * LINE
    }

    fn heading(&mut self, level: HeadingLevel, frame: &Frame) {
        if self.inside > 0 {
            if !frame.code.is_empty() {
                self.put(&frame.plain, format!("par(strong({}))", frame.whole()));
            }
            return;
        }
        let name = self.names.pop_front().unwrap_or_default();
        let begins = self.begun.pop_front().unwrap_or_default();
        if frame.plain.trim().is_empty() {
            return;
        }
        // PDF/UA refuses a level that follows none above it.
        self.level = (level as usize).saturating_sub(1).clamp(1, self.level + 1);
        let name = if name.is_empty() { "none".to_owned() } else { string(&name) };
        // A number alone, as of evidence, tells a reader of the contents nothing, and there may be many.
        let words = frame.plain.trim();
        let bare =
            self.level > 1 && !words.contains(char::is_whitespace) && words.contains(|c: char| c.is_ascii_digit());
        let listed = if bare { ", listed: false" } else { "" };
        let page = if begins { ", page: true" } else { "" };
        self.push(format!("section({}, {name}, {}{listed}{page})", self.level, frame.whole()));
    }

    fn note(&mut self, label: &str) {
        let code = match (self.notes.cited.get_mut(label), self.notes.code.get(label)) {
            (Some((name, set)), Some(code)) if self.still == 0 => {
                if std::mem::replace(set, true) {
                    format!("footnote(label({}))", string(name))
                } else {
                    format!("note({}, {code})", string(name))
                }
            }
            _ => return self.text(&format!("[^{label}]"), Joined::default()),
        };
        self.push(code);
    }

    /// Where a link may lead: out by three schemes, in to a heading.
    fn target(&self, target: &str) -> Option<String> {
        if let Some(name) = target.strip_prefix('#') {
            return self.known.contains(name).then(|| format!("label({})", string(name)));
        }
        let lower = target.to_ascii_lowercase();
        let allowed = ["https://", "http://", "mailto:"].iter().any(|scheme| lower.starts_with(scheme));
        (allowed && !target.chars().any(|c| c.is_control() || c.is_whitespace())).then(|| string(target))
    }
}

fn is_emphasis(tag: TagEnd) -> bool {
    matches!(tag, TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough)
}

fn is_still(tag: TagEnd) -> bool {
    matches!(tag, TagEnd::Heading(_) | TagEnd::TableHead | TagEnd::FootnoteDefinition | TagEnd::Image)
}

/// How many events the element has that begins here.
fn length(events: &[Placed<'_>]) -> usize {
    let mut open = 0_usize;
    for (index, (event, _)) in events.iter().enumerate() {
        match event {
            Event::Start(_) => open += 1,
            Event::End(_) => open -= 1,
            _ => {}
        }
        if open == 0 {
            return index + 1;
        }
    }
    events.len()
}

#[cfg(test)]
mod tests;
