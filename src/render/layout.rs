//! What the template wrote into Markdown with everything in its place.
//!
//! Comes in: text with signs in it that no answer can hold: for Markdown answers, markers, marks of headings, links. Goes
//! out: the Markdown in which each Markdown answer stands as a block of its own at the level of its section, and every
//! link leads to a heading that is there. Knows nothing of Tera.

use std::collections::{BTreeMap, BTreeSet};

use pulldown_cmark::{Event, Parser, Tag, TagEnd};

use super::prose::{self, Evidence};
use super::slugs::Slugs;
use super::{TemplateError, escape};
use crate::check::MARKDOWN;

/// A sign: an opening and a closing character for private use with a body between them.
#[derive(Clone, Copy)]
pub(super) struct Sign(char, char);

/// A Markdown answer, by number.
pub(super) const PROSE: Sign = Sign('\u{e000}', '\u{e001}');
/// The first paragraph of a Markdown answer, by number.
pub(super) const OPENING: Sign = Sign('\u{e00a}', '\u{e00b}');
/// What stands in place of an answer, by number.
pub(super) const MARKER: Sign = Sign('\u{e002}', '\u{e003}');
/// Names that links use, on a heading.
pub(super) const HEADING: Sign = Sign('\u{e004}', '\u{e005}');
/// Target of a link to a named heading.
pub(super) const TARGET: Sign = Sign('\u{e006}', '\u{e007}');
/// Links to named headings, worded as the headings are; several names stand on lines of their own.
pub(super) const LINK: Sign = Sign('\u{e008}', '\u{e009}');

impl Sign {
    /// The sign for a number.
    pub(super) fn number(self, number: usize) -> String {
        format!("{}{number}{}", self.0, self.1)
    }

    /// The sign for a name, spelt so that no reader of Markdown sees markup in it.
    pub(super) fn name(self, name: &str) -> String {
        let digit = |half: u8| char::from_digit(half.into(), 16).unwrap_or('0');
        let spelt: String = name.bytes().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect();
        format!("{}{spelt}{}", self.0, self.1)
    }

    /// The number in a text that is nothing but this sign.
    pub(super) fn number_of(self, text: &str) -> Option<&str> {
        self.is(text).then(|| text.trim_matches([self.0, self.1]))
    }

    /// Whether a text holds nothing but this sign.
    pub(super) fn is(self, text: &str) -> bool {
        text.strip_prefix(self.0).and_then(|rest| rest.strip_suffix(self.1)).is_some_and(|body| !body.contains(self.1))
    }

    /// Puts something in place of every such sign.
    fn replace(self, text: &str, mut with: impl FnMut(&str) -> Option<String>) -> Option<String> {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once(self.0) {
            let (body, after) = after.split_once(self.1)?;
            out.push_str(before);
            out.push_str(&with(body)?);
            rest = after;
        }
        out.push_str(rest);
        Some(out)
    }
}

fn name(spelt: &str) -> Option<String> {
    let bytes = (0..spelt.len()).step_by(2).map(|at| u8::from_str_radix(spelt.get(at..at + 2)?, 16).ok());
    String::from_utf8(bytes.collect::<Option<Vec<u8>>>()?).ok()
}

/// Whether a text holds a character that signs are made of.
pub(super) fn has_sign(text: &str) -> bool {
    text.contains(|character| ('\u{e000}'..='\u{f8ff}').contains(&character))
}

/// What signs stand for.
pub(super) struct Meaning<'m> {
    /// Template that wrote the text, for what it did wrong.
    pub(super) template: &'m str,
    /// Pointer and text of each Markdown answer.
    pub(super) prose: &'m [(String, String)],
    pub(super) markers: &'m [Marking],
    pub(super) evidence: &'m dyn Evidence,
}

/// What stands in place of an answer.
pub(super) struct Marking {
    pub(super) pointer: String,
    /// In full, as Markdown within a line.
    pub(super) full: String,
    /// In a table of many columns, where the list of open points says the rest.
    pub(super) short: Option<String>,
    /// What its author wrote, as Markdown.
    pub(super) said: String,
}

/// Headings by the names they bear.
pub(super) type Names = BTreeMap<String, (String, String)>;

/// A laid out text, its links still open.
pub(super) struct Laid {
    pub(super) text: String,
    pub(super) prose: BTreeSet<usize>,
    pub(super) markers: BTreeSet<usize>,
    /// Anchor and words by name.
    pub(super) names: Names,
}

impl Meaning<'_> {
    fn fault(&self, message: impl Into<String>) -> TemplateError {
        TemplateError { place: self.template.to_owned(), message: message.into() }
    }

    /// Puts answers and markers in their places and reads the headings.
    pub(super) fn lay(&self, rendered: &str, slugs: &mut Slugs) -> Result<Laid, TemplateError> {
        let mut laid =
            Laid { text: String::new(), prose: BTreeSet::new(), markers: BTreeSet::new(), names: Names::new() };
        let mut lines = Lines::default();
        let mut level = 1;
        let mut fenced = false;
        for line in rendered.lines() {
            let line = line.trim_end();
            fenced ^= line.trim_start().starts_with("```");
            if let Some(number) = PROSE.number_of(line) {
                let number = self.number(number, self.prose.len())?;
                laid.prose.insert(number);
                lines.block(&prose::clean(&self.prose[number].1, level, number + 1, self.evidence));
                continue;
            }
            // No answer counts as printed because its opening is.
            if let Some(number) = OPENING.number_of(line) {
                let number = self.number(number, self.prose.len())?;
                lines.block(&prose::opening(&self.prose[number].1, number + 1, self.evidence));
                continue;
            }
            if let Some((before, after)) = line.split_once(PROSE.0) {
                let number = self.number(after.split(PROSE.1).next().unwrap_or(""), self.prose.len())?;
                let pointer = &self.prose[number].0;
                return Err(self.fault(format!(
                    "the answer `{pointer}` may hold paragraphs and tables, so it must stand on a line of its own, not {}",
                    if before.is_empty() { "before other text".to_owned() } else { format!("after `{}`", before.trim()) }
                )));
            }
            let mut broken = None;
            let narrow = line.starts_with('|') && line.replace("\\|", "").matches('|').count() > 3;
            let text = MARKER.replace(line, |body| match self.number(body, self.markers.len()) {
                Ok(number) => {
                    laid.markers.insert(number);
                    let marking = &self.markers[number];
                    Some(marking.short.as_ref().filter(|_| narrow).unwrap_or(&marking.full).clone())
                }
                Err(error) => {
                    broken = Some(error);
                    None
                }
            });
            let text = match (text, broken) {
                (Some(text), None) => text,
                (_, Some(error)) => return Err(error),
                (None, None) => return Err(self.fault("a sign for what stands in place of an answer was cut in two")),
            };
            let hashes = text.bytes().take_while(|byte| *byte == b'#').count();
            if !fenced && (1..=6).contains(&hashes) && text[hashes..].starts_with(' ') {
                level = u8::try_from(hashes).unwrap_or(6);
                lines.block(&text);
            } else if MARKER.is(line) {
                lines.block(&text);
            } else {
                lines.line(&text, fenced);
            }
        }
        laid.text = lines.text;
        while laid.text.ends_with("\n\n") {
            laid.text.pop();
        }
        self.headings(&mut laid, slugs)?;
        Ok(laid)
    }

    fn number(&self, body: &str, count: usize) -> Result<usize, TemplateError> {
        let number = body.parse::<usize>().ok().filter(|number| *number < count);
        number.ok_or_else(|| self.fault("a text was cut, changed or taken apart that stands for a whole answer"))
    }

    /// Reads anchors and names of the headings, and takes the names out of the text.
    fn headings(&self, laid: &mut Laid, slugs: &mut Slugs) -> Result<(), TemplateError> {
        let mut heading: Option<String> = None;
        let mut named = 0;
        for event in Parser::new_ext(&laid.text, MARKDOWN) {
            match event {
                Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
                Event::Text(piece) | Event::Code(piece) => {
                    if let Some(heading) = &mut heading {
                        heading.push_str(&piece);
                    }
                }
                Event::End(TagEnd::Heading(_)) => {
                    let mut found = Vec::new();
                    let text = HEADING.replace(&heading.take().unwrap_or_default(), |spelt| {
                        found.push(name(spelt)?);
                        Some(String::new())
                    });
                    let text =
                        text.ok_or_else(|| self.fault("the name of a heading was cut in two"))?.trim().to_owned();
                    let slug = slugs.next(&text);
                    named += found.len();
                    for known in found {
                        laid.names.entry(known).or_insert_with(|| (slug.clone(), text.clone()));
                    }
                }
                _ => {}
            }
        }
        let mut all = 0;
        let text = HEADING.replace(&laid.text, |_| {
            all += 1;
            Some(String::new())
        });
        if all != named {
            return Err(self.fault("`at()` must stand in a heading"));
        }
        let text = text.ok_or_else(|| self.fault("the name of a heading was cut in two"))?;
        laid.text = text.lines().map(|line| if line.starts_with('#') { line.trim_end() } else { line }).fold(
            String::with_capacity(text.len()),
            |mut out, line| {
                out.push_str(line);
                out.push('\n');
                out
            },
        );
        Ok(())
    }

    /// Lets every link lead to its heading.
    pub(super) fn link(&self, text: &str, names: &Names) -> Result<String, TemplateError> {
        let mut missing = None;
        let mut find = |name: &str| {
            let found = lookup(name, names);
            if found.is_none() {
                missing = Some(name.to_owned());
            }
            found
        };
        let text = TARGET.replace(text, |spelt| Some(format!("#{}", find(&name(spelt)?)?.0))).and_then(|text| {
            LINK.replace(&text, |spelt| {
                let mut links: Vec<String> = Vec::new();
                for name in name(spelt)?.split('\n') {
                    let (slug, words) = find(name)?;
                    let link = format!("[{}](#{slug})", escape::within(words));
                    if !links.contains(&link) {
                        links.push(link);
                    }
                }
                Some(links.join("; "))
            })
        });
        if let Some(name) = missing {
            let message = format!(
                "something links to `{name}`, but no heading bears that name; write `{{{{ at(key=\"{name}\") }}}}` after it"
            );
            return Err(self.fault(message));
        }
        let text = text.ok_or_else(|| self.fault("a link was cut in two"))?;
        if has_sign(&text) {
            return Err(self.fault("a text was cut, changed or taken apart that stands for an answer"));
        }
        Ok(text)
    }
}

/// The heading with this name. The name may be the pointer of an answer: then it is the heading of the nearest group of
/// answers that holds it.
pub(super) fn lookup<'n>(name: &str, names: &'n Names) -> Option<&'n (String, String)> {
    fn above(pointer: &str) -> Option<&str> {
        pointer.rsplit_once('/').map(|(above, _)| above).filter(|above| !above.is_empty())
    }
    std::iter::successors(Some(name), |name| above(name)).find_map(|name| names.get(name))
}

/// Lines with never more than one empty line between them.
#[derive(Default)]
struct Lines {
    text: String,
}

impl Lines {
    fn line(&mut self, line: &str, keep: bool) {
        if keep || !line.is_empty() {
            self.text.push_str(line);
            self.text.push('\n');
        } else {
            self.gap();
        }
    }

    fn gap(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
    }

    fn block(&mut self, text: &str) {
        self.gap();
        self.text.push_str(text);
        self.text.push('\n');
        self.gap();
    }
}
