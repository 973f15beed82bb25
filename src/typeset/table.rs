//! Tables: columns and their widths.
//!
//! Comes in: a Markdown table. Goes out: the code of one table with header cells. Widths are the numbers of dashes in
//! the row under the header, as pandoc reads them; where all of them are three, nobody chose, and the texts decide.

use std::fmt::Write as _;

use pulldown_cmark::{Alignment, Event, Tag, TagEnd};

use super::literal::Width;
use super::markup::{Placed, plain};

/// What the padding of a cell takes, in thousandths of the size of running text.
const PADDING: u32 = 1_100;
/// Tables are set smaller than running text: so much more room a line has.
const SMALLER: (u32, u32) = (100, 85);
/// A row with more lines may break over pages; shorter ones stay whole.
const TALL: u32 = 12;
/// A table with more lines may break over pages between its rows; shorter ones stay whole.
const SMALL: u32 = 16;
/// The same for names and values, which are read as one answer.
const SMALL_PAIRS: u32 = 24;

/// A table that is being written.
pub(super) struct Table {
    alignments: Vec<Alignment>,
    weights: Vec<u32>,
    /// Width of the table, in thousandths of the size of its font.
    width: u32,
    rows: Vec<Vec<String>>,
    row: Vec<String>,
    head_is_blank: bool,
    tall: bool,
    /// Lines of the row, and of the rows before it.
    lines: (u32, u32),
}

impl Table {
    /// The table that these events begin with.
    pub(super) fn new(alignments: &[Alignment], source: &str, events: &[Placed<'_>], width: u32) -> Self {
        let width = width * SMALLER.0 / SMALLER.1;
        let mut weights = dashes(source);
        if weights.len() != alignments.len() || weights.iter().all(|dashes| *dashes <= 3) {
            weights = by_texts(events, alignments.len(), width);
        }
        Self {
            alignments: alignments.to_vec(),
            weights,
            width,
            rows: Vec::new(),
            row: Vec::new(),
            head_is_blank: true,
            tall: false,
            lines: (1, 0),
        }
    }

    /// Room for a token in the next cell.
    pub(super) fn room(&self) -> u32 {
        self.column(self.row.len())
    }

    fn column(&self, index: usize) -> u32 {
        let all: u32 = self.weights.iter().sum();
        let share = self.weights.get(index).copied().unwrap_or(1);
        (self.width * share / all.max(1)).saturating_sub(PADDING).max(1_000)
    }

    /// The next cell of the row.
    pub(super) fn cell(&mut self, code: String, plain: &str) {
        if self.rows.is_empty() {
            self.head_is_blank &= plain.trim().is_empty();
        }
        self.lines.0 = self.lines.0.max(1 + Width::of(plain).0 / self.room());
        self.row.push(code);
    }

    /// The row has ended.
    pub(super) fn end_row(&mut self) {
        let mut row = std::mem::take(&mut self.row);
        row.resize(self.alignments.len(), "\"\"".to_owned());
        self.rows.push(row);
        self.tall |= self.lines.0 > TALL;
        self.lines = (1, self.lines.1.saturating_add(self.lines.0));
    }

    /// How many lines its rows take, roughly.
    pub(super) fn lines(&self) -> u32 {
        self.lines.1
    }

    /// All of it.
    pub(super) fn code(&self) -> String {
        let small = if self.alignments.len() == 2 { SMALL_PAIRS } else { SMALL };
        let mut code = String::from("data-table((");
        for weight in &self.weights {
            let _ = write!(code, "{weight}fr, ");
        }
        code.push_str("), (");
        for alignment in &self.alignments {
            code.push_str(match alignment {
                Alignment::None | Alignment::Left => "left, ",
                Alignment::Center => "center, ",
                Alignment::Right => "right, ",
            });
        }
        code.push_str("), (");
        let mut rows = self.rows.iter();
        if let Some(head) = rows.next().filter(|_| !self.head_is_blank) {
            code.push_str(&head.join(", "));
            code.push(',');
        }
        let _ = write!(code, "), whole: {}, small: {}", !self.tall, self.lines.1 <= small);
        for row in rows {
            code.push_str(",\n");
            code.push_str(&row.join(", "));
        }
        code.push(')');
        code
    }
}

/// The dashes of each column in the row under the header.
fn dashes(source: &str) -> Vec<u32> {
    let Some(row) = source.lines().nth(1) else { return Vec::new() };
    let row = row.trim_start_matches([' ', '\t', '>']).trim_end();
    let row = row.strip_prefix('|').unwrap_or(row);
    let row = row.strip_suffix('|').unwrap_or(row);
    row.split('|').map(|cell| u32::try_from(cell.matches('-').count()).unwrap_or(u32::MAX).clamp(1, 500)).collect()
}

/// Widths from what the cells say: no column narrower than its longest word, the rest by the amount of text.
fn by_texts(events: &[Placed<'_>], columns: usize, width: u32) -> Vec<u32> {
    let mut words = vec![1_000_u32; columns];
    let mut longest = vec![0_u32; columns];
    let mut total = vec![0_u64; columns];
    let mut rows = 1_u64;
    let mut column = 0;
    let mut start = 0;
    for (index, (event, _)) in events.iter().enumerate() {
        match event {
            Event::Start(Tag::TableHead | Tag::TableRow) => column = 0,
            Event::Start(Tag::TableCell) => start = index,
            Event::End(TagEnd::TableRow) => rows += 1,
            Event::End(TagEnd::TableCell) if column < columns => {
                let text = plain(&events[start..index]);
                let width = Width::of(text.trim()).0;
                longest[column] = longest[column].max(width);
                total[column] += u64::from(width);
                let word = text.split_whitespace().map(|word| Width::of(word).0).max().unwrap_or(0);
                words[column] = words[column].max(word.min(12_000));
                column += 1;
            }
            Event::End(TagEnd::Table) => break,
            _ => {}
        }
    }
    let padding = PADDING * u32::try_from(columns).unwrap_or(1);
    let fits = longest.iter().sum::<u32>() + padding <= width;
    (0..columns)
        .map(|index| {
            let natural = if fits {
                longest[index].max(words[index])
            } else {
                let mean = u32::try_from(total[index] / rows).unwrap_or(u32::MAX);
                words[index] + mean.min(40_000) / 2
            };
            (natural + PADDING).div_ceil(100)
        })
        .collect()
}
