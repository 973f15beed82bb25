//! The Markdown of an answer into blocks of known form.
//!
//! Comes in: Markdown. Goes out: blocks in which nothing is left that a document may not show. Knows nothing of the place
//! where they will stand.

use std::collections::{BTreeMap, BTreeSet};

use pulldown_cmark::{Alignment, CodeBlockKind, Event, LinkType, Parser, Tag, TagEnd};

use super::{Align, Block, Inline, Item, MAX_DEPTH, Mark, SCHEME, Target, push};
use crate::check::MARKDOWN;
use crate::render::escape;

/// Reads an answer.
pub(super) fn blocks(text: &str) -> Vec<Block> {
    let (labels, stack) = (BTreeMap::new(), vec![Frame::new(Open::Top)]);
    let mut reader = Reader { referred: referred(text), labels, stack, deep: 0 };
    for (event, range) in Parser::new_ext(text, MARKDOWN).into_offset_iter() {
        reader.take(event, text.get(range).unwrap_or_default());
    }
    let mut blocks = reader.stack.swap_remove(0).into_blocks();
    nest(&mut blocks);
    blocks
}

/// Labels of the notes that something refers to; nobody would see the others.
fn referred(text: &str) -> BTreeSet<String> {
    let labels = Parser::new_ext(text, MARKDOWN).filter_map(|event| match event {
        Event::FootnoteReference(label) => Some(label.into_string()),
        _ => None,
    });
    labels.collect()
}

/// Gives headings the level of their nesting, from 1, so that none is skipped.
fn nest(blocks: &mut [Block]) {
    let mut above: Vec<u8> = Vec::new();
    for block in blocks {
        if let Block::Heading(level, _) = block {
            above.retain(|other| *other < *level);
            above.push(*level);
            *level = u8::try_from(above.len()).unwrap_or(6);
        }
    }
}

/// What is being read.
enum Open {
    Top,
    Para,
    /// In a list or a quotation a heading is bold text.
    Heading(u8),
    Quote,
    Code(String),
    Html,
    List(Option<u64>),
    Item(Option<bool>),
    Note(Option<usize>),
    Table(Vec<(Align, usize)>),
    Row,
    Cell,
    Marked(Option<Mark>),
    Link(Option<Target>, String, String),
    Picture(String, String),
}

struct Frame {
    open: Open,
    blocks: Vec<Block>,
    line: Vec<Inline>,
    items: Vec<Item>,
    rows: Vec<Vec<Vec<Inline>>>,
    loose: bool,
    text: String,
}

struct Reader {
    referred: BTreeSet<String>,
    labels: BTreeMap<String, usize>,
    stack: Vec<Frame>,
    /// How many quotations, lists and notes are open; counted along, because a hostile text opens a hundred thousand.
    deep: usize,
}

impl Open {
    fn is_deep(&self) -> bool {
        matches!(self, Self::Quote | Self::List(_) | Self::Note(_))
    }
}

impl Frame {
    fn new(open: Open) -> Self {
        let (blocks, line, items, rows) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { open, blocks, line, items, rows, loose: false, text: String::new() }
    }

    /// What stood here without a paragraph round it (tight lists) is one.
    fn flush(&mut self) {
        let line = tidy(std::mem::take(&mut self.line), true);
        if !line.is_empty() {
            self.blocks.push(Block::Para(line));
        }
    }

    fn into_blocks(mut self) -> Vec<Block> {
        self.flush();
        self.blocks
    }
}

impl Reader {
    fn top(&mut self) -> &mut Frame {
        self.stack.last_mut().expect("the document itself stays open")
    }

    fn block(&mut self, block: Block) {
        let top = self.top();
        top.flush();
        top.blocks.push(block);
    }

    fn inline(&mut self, inline: Inline) {
        let top = self.top();
        push(&mut top.line, inline);
    }

    fn text(&mut self, text: &str) {
        let top = self.top();
        match top.open {
            Open::Code(_) | Open::Html => top.text.push_str(text),
            _ => self.inline(Inline::Text(shown(text))),
        }
    }

    fn number(&mut self, label: &str) -> usize {
        let next = self.labels.len() + 1;
        *self.labels.entry(label.to_owned()).or_insert(next)
    }

    fn take(&mut self, event: Event<'_>, source: &str) {
        match event {
            Event::Start(tag) => self.start(tag, source),
            Event::End(tag) => self.end(tag),
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => self.text(&text),
            Event::Code(text) | Event::InlineMath(text) | Event::DisplayMath(text) => {
                self.inline(Inline::Code(shown(&text)));
            }
            Event::SoftBreak => self.text(" "),
            Event::HardBreak => self.inline(Inline::Break),
            Event::Rule => self.block(Block::Rule),
            Event::FootnoteReference(label) => {
                let number = self.number(&label);
                self.inline(Inline::NoteRef(number));
            }
            Event::TaskListMarker(done) => {
                if let Some(Frame { open: Open::Item(mark), .. }) =
                    self.stack.iter_mut().rev().find(|frame| matches!(frame.open, Open::Item(_)))
                {
                    *mark = Some(done);
                }
            }
        }
    }

    fn start(&mut self, tag: Tag<'_>, source: &str) {
        let open = match tag {
            Tag::Heading { level, .. } => Open::Heading(level as u8),
            Tag::BlockQuote(_) => Open::Quote,
            Tag::CodeBlock(kind) => Open::Code(language(&kind)),
            Tag::HtmlBlock => Open::Html,
            Tag::List(start) => Open::List(start),
            Tag::Item => Open::Item(None),
            Tag::FootnoteDefinition(label) => {
                let known = self.referred.contains(label.as_ref()) && self.deep < MAX_DEPTH;
                Open::Note(known.then(|| self.number(&label)))
            }
            Tag::Table(alignments) => Open::Table(columns(&alignments, source)),
            Tag::TableHead | Tag::TableRow => Open::Row,
            Tag::TableCell => Open::Cell,
            Tag::Emphasis => self.marked(Mark::Emphasis),
            Tag::Strong => self.marked(Mark::Strong),
            Tag::Strikethrough => self.marked(Mark::Strike),
            Tag::Link { dest_url, title, link_type, .. } => {
                let address =
                    if link_type == LinkType::Email { format!("mailto:{dest_url}") } else { dest_url.to_string() };
                Open::Link(target(&address), shown(&address), shown(&title))
            }
            Tag::Image { dest_url, title, .. } => Open::Picture(dest_url.to_string(), shown(&title)),
            _ => {
                if let Some(Frame { open: Open::Item(_), loose, .. }) = self.stack.last_mut() {
                    *loose = true;
                }
                Open::Para
            }
        };
        if matches!(open, Open::Heading(_) | Open::Para | Open::Quote | Open::Code(_) | Open::Html | Open::List(_)) {
            self.top().flush();
        }
        self.deep += usize::from(open.is_deep());
        self.stack.push(Frame::new(open));
    }

    /// Emphasis in emphasis of the same kind is one emphasis.
    fn marked(&self, mark: Mark) -> Open {
        let inside = self.stack.iter().any(|frame| match frame.open {
            Open::Marked(open) => open == Some(mark),
            Open::Heading(_) => mark == Mark::Strong,
            _ => false,
        });
        Open::Marked((!inside).then_some(mark))
    }

    fn end(&mut self, _: TagEnd) {
        if self.stack.len() < 2 {
            return;
        }
        let mut frame = self.stack.pop().expect("there are two");
        self.deep -= usize::from(frame.open.is_deep());
        let (line, text) = (std::mem::take(&mut frame.line), std::mem::take(&mut frame.text));
        let loose = frame.loose;
        match frame.open {
            Open::Top => {}
            Open::Para => {
                self.top().line = line;
                self.top().flush();
            }
            Open::Heading(level) => {
                let line = tidy(line, false);
                let inside = self.deep > 0;
                match line.is_empty() {
                    true => {}
                    false if inside => self.block(Block::Para(vec![Inline::Marked(Mark::Strong, line)])),
                    false => self.block(Block::Heading(level, line)),
                }
            }
            Open::Quote => {
                frame.line = line;
                let blocks = frame.into_blocks();
                let deep = self.deep >= MAX_DEPTH;
                self.group((!blocks.is_empty() && !deep).then_some(Block::Quote), blocks);
            }
            Open::Code(language) => {
                let text: Vec<String> = text.lines().map(shown_code).collect();
                if text.iter().any(|line| !line.is_empty()) {
                    self.block(Block::Code(language, text.join("\n")));
                }
            }
            Open::Html => {
                let mut shown_lines = Vec::new();
                for line in text.lines().map(|line| shown(line.trim())).filter(|line| !line.is_empty()) {
                    shown_lines.extend((!shown_lines.is_empty()).then_some(Inline::Break));
                    shown_lines.push(Inline::Text(line));
                }
                self.top().line = shown_lines;
                self.top().flush();
            }
            Open::List(start) => self.list(start, frame.items, loose),
            Open::Item(done) => {
                frame.line = line;
                self.item(done, loose, frame.into_blocks());
            }
            Open::Note(number) => {
                frame.line = line;
                self.group(number.map(|number| move |blocks| Block::Note(number, blocks)), frame.into_blocks());
            }
            Open::Table(columns) => self.block(Block::Table { columns, rows: frame.rows }),
            Open::Row => {
                let cells = frame.rows.pop().unwrap_or_default();
                self.top().rows.push(cells);
            }
            Open::Cell => {
                let row = self.top();
                if row.rows.is_empty() {
                    row.rows.push(Vec::new());
                }
                row.rows[0].push(tidy(line, false));
            }
            Open::Marked(Some(mark)) if !line.is_empty() => self.inline(Inline::Marked(mark, line)),
            Open::Marked(_) => line.into_iter().for_each(|inline| self.inline(inline)),
            Open::Link(target, address, title) => {
                match target {
                    _ if line.is_empty() => self.text(&address),
                    Some(target) => self.inline(Inline::Link(target, line)),
                    None => line.into_iter().for_each(|inline| self.inline(inline)),
                }
                self.title(&title);
            }
            Open::Picture(address, title) => {
                let alt = words(&line);
                match address.strip_prefix(SCHEME) {
                    Some(id) => self.inline(Inline::Picture(shown(id), alt.trim().to_owned())),
                    None => self.text(&alt),
                }
                self.title(&title);
            }
        }
    }

    /// Blocks as one, or each for itself.
    fn group(&mut self, whole: Option<impl FnOnce(Vec<Block>) -> Block>, blocks: Vec<Block>) {
        match whole {
            Some(whole) => self.block(whole(blocks)),
            None => {
                for block in blocks {
                    self.block(block);
                }
            }
        }
    }

    fn item(&mut self, mut done: Option<bool>, loose: bool, mut blocks: Vec<Block>) {
        if let (Some(mark), Some(first)) = (done, blocks.first())
            && !matches!(first, Block::Para(_))
        {
            // A box stands before words only.
            let words = if mark { "[x]" } else { "[ ]" };
            blocks.insert(0, Block::Para(vec![Inline::Text(words.to_owned())]));
            done = None;
        }
        let list = self.top();
        list.loose |= loose;
        if !blocks.is_empty() {
            list.items.push(Item { done, blocks });
        }
    }

    /// The title of a link would be seen by nobody on paper.
    fn title(&mut self, title: &str) {
        if !title.trim().is_empty() {
            self.text(&format!(" ({})", title.trim()));
        }
    }

    fn list(&mut self, start: Option<u64>, items: Vec<Item>, loose: bool) {
        if items.is_empty() {
            return;
        }
        if self.deep >= MAX_DEPTH {
            items.into_iter().flat_map(|item| item.blocks).for_each(|block| self.block(block));
            return;
        }
        // A paragraph with a list under it is all that can be written without blank lines and read back as it was.
        let tight = |item: &Item| match item.blocks.as_slice() {
            [Block::Para(_)] => true,
            [Block::Para(_), Block::List { start, .. }] => start.is_none_or(|first| first == 1),
            _ => false,
        };
        let alone = items.len() == 1 && items[0].blocks.len() == 1;
        let loose = !alone && (loose || !items.iter().all(tight));
        self.block(Block::List { start, loose, items });
    }
}

/// The words of a line, without what they look like.
fn words(line: &[Inline]) -> String {
    let word = |inline: &Inline| match inline {
        Inline::Text(text) | Inline::Code(text) | Inline::Picture(_, text) => text.clone(),
        Inline::Break => " ".to_owned(),
        Inline::Marked(_, inner) | Inline::Link(_, inner) => words(inner),
        Inline::NoteRef(_) => String::new(),
    };
    line.iter().map(word).collect()
}

/// A line without white space round it, and without breaks where there is nothing to break.
pub(super) fn tidy(line: Vec<Inline>, breaks: bool) -> Vec<Inline> {
    let mut tidy: Vec<Inline> = Vec::new();
    for inline in line {
        match inline {
            Inline::Break if !breaks => push(&mut tidy, Inline::Text(" ".to_owned())),
            Inline::Break => {
                trim_end(&mut tidy);
                if !matches!(tidy.last(), None | Some(Inline::Break)) {
                    tidy.push(Inline::Break);
                }
            }
            Inline::Text(text) => {
                let starts = matches!(tidy.last(), None | Some(Inline::Break));
                let text = if starts { text.trim_start().to_owned() } else { text };
                if !text.is_empty() {
                    push(&mut tidy, Inline::Text(text));
                }
            }
            Inline::Marked(mark, inner) if !breaks => tidy.push(Inline::Marked(mark, tidy_inner(inner))),
            Inline::Link(target, inner) if !breaks => tidy.push(Inline::Link(target, tidy_inner(inner))),
            other => tidy.push(other),
        }
    }
    trim_end(&mut tidy);
    while matches!(tidy.last(), Some(Inline::Break)) {
        tidy.pop();
        trim_end(&mut tidy);
    }
    tidy
}

/// Breaks within emphasis in a heading or a table cell are spaces.
fn tidy_inner(line: Vec<Inline>) -> Vec<Inline> {
    let mut tidy = Vec::new();
    for inline in line {
        match inline {
            Inline::Break => push(&mut tidy, Inline::Text(" ".to_owned())),
            Inline::Marked(mark, inner) => tidy.push(Inline::Marked(mark, tidy_inner(inner))),
            other => push(&mut tidy, other),
        }
    }
    tidy
}

fn trim_end(line: &mut Vec<Inline>) {
    if let Some(Inline::Text(text)) = line.last_mut() {
        text.truncate(text.trim_end().len());
        if text.is_empty() {
            line.pop();
        }
    }
}

/// Characters as a reader sees them; those that turn the direction or mean nothing are spelt out, because a character
/// reference can bring in what the answers file may not hold.
pub(super) fn shown(text: &str) -> String {
    text.chars().map(|character| spelt(character).unwrap_or_else(|| character.to_string())).collect()
}

fn shown_code(line: &str) -> String {
    line.chars()
        .map(|character| match character {
            '\t' => "    ".to_owned(),
            other => spelt(other).unwrap_or_else(|| other.to_string()),
        })
        .collect::<String>()
        .trim_end()
        .to_owned()
}

fn spelt(character: char) -> Option<String> {
    match character {
        '\u{61c}'
        | '\u{200e}'
        | '\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}'
        | '\u{e000}'..='\u{f8ff}'
        | '\u{f0000}'..='\u{10ffff}'
        | '\u{fdd0}'..='\u{fdef}'
        | '\u{e0000}'..='\u{e0fff}' => Some(format!("U+{:04X}", u32::from(character))),
        blank if blank.is_control() || matches!(blank, '\u{2028}' | '\u{2029}') => Some(" ".to_owned()),
        _ => None,
    }
}

fn language(kind: &CodeBlockKind<'_>) -> String {
    let CodeBlockKind::Fenced(info) = kind else { return String::new() };
    let first = info.split_whitespace().next().unwrap_or("");
    first.chars().filter(|c| c.is_ascii_alphanumeric() || "+-#_.".contains(*c)).collect()
}

fn target(address: &str) -> Option<Target> {
    if let Some(id) = address.strip_prefix(SCHEME) {
        return Some(Target::Evidence(escape::destination(id)));
    }
    let lower = address.to_ascii_lowercase();
    let allowed = ["https://", "http://", "mailto:"]
        .iter()
        .any(|scheme| lower.strip_prefix(scheme).is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/')));
    allowed.then(|| Target::Address(escape::destination(address)))
}

/// Alignment and relative width of the columns: the numbers of dashes under the head.
fn columns(alignments: &[Alignment], source: &str) -> Vec<(Align, usize)> {
    let dashes = |cell: &str| cell.matches('-').count();
    let mut widths: Vec<usize> =
        source.lines().nth(1).unwrap_or("").split('|').map(dashes).filter(|n| *n > 0).collect();
    if widths.len() != alignments.len() {
        widths = vec![3; alignments.len()];
    }
    if widths.iter().any(|width| *width < 3) {
        for width in &mut widths {
            *width *= 3;
        }
    }
    let align = |alignment: &Alignment| match alignment {
        Alignment::None => Align::None,
        Alignment::Left => Align::Left,
        Alignment::Center => Align::Center,
        Alignment::Right => Align::Right,
    };
    alignments.iter().map(align).zip(widths.into_iter().map(|width| width.min(120))).collect()
}
