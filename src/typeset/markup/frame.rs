//! Code that grows from the inside out.
//!
//! Comes in: texts and finished expressions. Goes out: one expression for each element, when it ends.

use super::super::chart;
use super::super::literal::{self, Joined, Width, string};
use super::{LINE, Placed, Writer};

/// A list with more lines may break over pages, and so may one of paragraphs, which may hold pictures and tables.
const SHORT: u32 = 12;

/// Code that has been written but not yet put into what surrounds it.
#[derive(Default)]
pub(super) struct Frame {
    pub(super) code: Vec<String>,
    /// Text that still grows.
    pub(super) text: String,
    /// What its first and its last word have in other elements.
    pub(super) joined: Joined,
    /// All of its words.
    pub(super) plain: String,
    /// Where it leads, or the number it starts from.
    pub(super) target: String,
    /// Holds blocks, which stand on lines of their own.
    pub(super) blocks: bool,
    /// Too deep to show anything of its own.
    pub(super) flat: bool,
    /// The marks of its items, where they are tasks.
    pub(super) marks: Vec<Option<&'static str>>,
    /// Its items are paragraphs.
    pub(super) loose: bool,
    /// Room for a token, in thousandths of the font's size.
    pub(super) width: u32,
}

impl Frame {
    /// All of it as one expression.
    pub(super) fn whole(&self) -> String {
        match self.code.as_slice() {
            [] => "\"\"".to_owned(),
            [only] => only.clone(),
            many if self.blocks => format!("{{\n{}\n}}", many.join("\n")),
            many => format!("{{{}}}", many.join("; ")),
        }
    }
}

/// The frames.
impl Writer<'_> {
    pub(super) fn frame(&mut self) -> &mut Frame {
        if self.frames.is_empty() {
            self.frames.push(Frame { blocks: true, width: LINE, ..Frame::default() });
        }
        self.frames.last_mut().expect("one was pushed")
    }

    pub(super) fn close(&mut self) -> Frame {
        self.flush();
        self.frames.pop().unwrap_or_default()
    }

    pub(super) fn room(&mut self) -> Width {
        Width(self.frame().width)
    }

    pub(super) fn text(&mut self, text: &str, joined: Joined) {
        let frame = self.frame();
        let before = if frame.text.is_empty() { joined.before } else { frame.joined.before };
        frame.joined = Joined { before, ..joined };
        frame.plain.push_str(text);
        frame.text.push_str(text);
    }

    /// Ends the text that grows.
    pub(super) fn flush(&mut self) {
        let room = self.room();
        let frame = self.frame();
        // As in HTML, white space is one space.
        let mut shown = String::with_capacity(frame.text.len());
        for character in std::mem::take(&mut frame.text).chars() {
            match character {
                ' ' | '\n' | '\t' | '\r' if shown.ends_with(' ') => {}
                '\n' | '\t' | '\r' => shown.push(' '),
                other => shown.push(other),
            }
        }
        let joined = std::mem::take(&mut frame.joined);
        frame.code.extend(literal::running(&shown, room, joined));
    }

    pub(super) fn push(&mut self, code: String) {
        self.flush();
        self.frame().code.push(code);
    }

    pub(super) fn put(&mut self, plain: &str, code: String) {
        self.push(code);
        self.frame().plain.push_str(plain);
    }

    pub(super) fn wrap(&mut self, call: &str, frame: Frame) {
        if frame.flat || frame.code.is_empty() {
            return self.dissolve(frame);
        }
        self.put(&frame.plain, format!("{call}{})", frame.whole()));
    }

    /// Keeps what a frame holds, and not the frame.
    pub(super) fn dissolve(&mut self, frame: Frame) {
        self.flush();
        let outer = self.frame();
        outer.plain.push_str(&frame.plain);
        outer.code.extend(frame.code);
    }
}

/// Lists and charts.
impl Writer<'_> {
    pub(super) fn list(&mut self, frame: Frame) {
        self.inside -= 1;
        if frame.flat || frame.code.is_empty() {
            return self.dissolve(frame);
        }
        let mut head = match frame.target.as_str() {
            _ if frame.marks.iter().any(Option::is_some) => format!("tasks(({},), ", marks(&frame)),
            "" => "list(".to_owned(),
            "1" => "enum(".to_owned(),
            start => format!("enum(start: {start}, "),
        };
        if self.inside == 0 {
            let breaks = frame.plain.matches('\n').count() + frame.code.len();
            let lines = Width::of(&frame.plain).0 / LINE + u32::try_from(breaks).unwrap_or(u32::MAX);
            head.insert_str(0, if lines > SHORT || frame.loose { "outer(long: true, " } else { "outer(" });
        }
        let end = if self.inside == 0 { "))" } else { ")" };
        let code = format!("{head}tight: {}, {}{end}", !frame.loose, frame.code.join(", "));
        self.put(&frame.plain, code);
    }

    /// The chart of the table that begins here, before the table.
    pub(super) fn chart(&mut self, events: &[Placed<'_>], index: usize) {
        let Some((name, cells)) = chart::asked(events, index) else { return };
        match chart::figures(name, &cells, self.language) {
            Ok(figures) => figures.into_iter().for_each(|figure| self.push(figure)),
            Err(fault) => self.faults.push(fault),
        }
    }
}

/// What stands before the items of a list of which some are tasks.
pub(super) fn marks(list: &Frame) -> String {
    let first: Option<u64> = list.target.parse().ok();
    let marks = list.marks.iter().zip(0..).map(|(mark, index)| {
        let number = first.map(|first| format!("{}.", first.saturating_add(index)));
        match (number, mark) {
            (Some(number), Some(mark)) => string(&format!("{number} {mark}")),
            (Some(number), None) => string(&number),
            (None, mark) => string(mark.unwrap_or("•")),
        }
    });
    marks.collect::<Vec<_>>().join(", ")
}
