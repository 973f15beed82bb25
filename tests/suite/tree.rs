//! Answers as a plain tree, and many ways to write the same tree as YAML.

use techfile::answers::{Node, Value};

/// A value without its place.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Tree {
    Null,
    Bool(bool),
    /// Digits as written.
    Number(String),
    Text(String),
    List(Vec<Tree>),
    Map(Vec<(String, Tree)>),
}

impl Tree {
    pub(crate) fn of(node: &Node) -> Self {
        match node.value() {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(*value),
            Value::Number(digits) => Self::Number(digits.clone()),
            Value::Text(text) => Self::Text(text.clone()),
            Value::List(items) => Self::List(items.iter().map(Self::of).collect()),
            Value::Map(entries) => {
                Self::Map(entries.iter().map(|entry| (entry.key().to_owned(), Self::of(entry.node()))).collect())
            }
        }
    }

    /// Every text, one after the other.
    #[allow(dead_code, reason = "the other test binary does not read the texts")]
    pub(crate) fn words(&self, all: &mut String) {
        match self {
            Self::Text(text) => {
                all.push_str(text);
                all.push('\n');
            }
            Self::List(items) => items.iter().for_each(|item| item.words(all)),
            Self::Map(entries) => entries.iter().for_each(|(_, value)| value.words(all)),
            _ => {}
        }
    }

    /// The value under a JSON pointer.
    pub(crate) fn at_mut(&mut self, pointer: &str) -> Option<&mut Self> {
        pointer.split('/').skip(1).try_fold(self, |tree, token| match tree {
            Self::Map(entries) => entries.iter_mut().find(|(key, _)| key == token).map(|(_, value)| value),
            Self::List(items) => items.get_mut(token.parse::<usize>().ok()?),
            _ => None,
        })
    }

    /// Takes the value under a JSON pointer out of the mapping or list that holds it.
    pub(crate) fn remove(&mut self, pointer: &str) -> bool {
        let Some((above, last)) = pointer.rsplit_once('/') else { return false };
        match self.at_mut(above) {
            Some(Self::Map(entries)) => {
                let before = entries.len();
                entries.retain(|(key, _)| key != last);
                entries.len() < before
            }
            Some(Self::List(items)) => last.parse::<usize>().is_ok_and(|index| {
                let there = index < items.len();
                if there {
                    items.remove(index);
                }
                there
            }),
            _ => false,
        }
    }

    /// YAML with a style of its own for each seed: order of keys, quotes, indentation, flow and block, comments. Line ends
    /// are LF; nothing but the style depends on the seed.
    pub(crate) fn write(&self, seed: u64) -> String {
        let mut writer = Writer { out: String::new(), chance: Chance(seed | 1), step: 1 };
        writer.step = 1 + writer.chance.below(6);
        writer.top(self);
        writer.out
    }

    /// YAML in one plain style, in the order of the tree: every text in double quotes.
    pub(crate) fn plain(&self) -> String {
        let Self::Map(entries) = self else { panic!("answers are a mapping") };
        entries.iter().map(|(key, value)| format!("{}: {}\n", double(key), value.flow())).collect()
    }

    fn flow(&self) -> String {
        match self {
            Self::Null => "null".to_owned(),
            Self::Bool(value) => value.to_string(),
            Self::Number(digits) => digits.clone(),
            Self::Text(text) => double(text),
            Self::List(items) => format!("[{}]", items.iter().map(Self::flow).collect::<Vec<_>>().join(", ")),
            Self::Map(entries) => {
                let entries: Vec<String> =
                    entries.iter().map(|(key, value)| format!("{}: {}", double(key), value.flow())).collect();
                format!("{{{}}}", entries.join(", "))
            }
        }
    }
}

/// A small xorshift generator: the same seed gives the same style everywhere.
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from((self.0 >> 11) % end as u64).unwrap()
    }

    fn one_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for index in (1..items.len()).rev() {
            items.swap(index, self.below(index + 1));
        }
    }
}

struct Writer {
    out: String,
    chance: Chance,
    step: usize,
}

impl Writer {
    fn top(&mut self, tree: &Tree) {
        let Tree::Map(entries) = tree else { panic!("answers are a mapping") };
        if self.chance.one_in(3) {
            self.out.push_str("# answers\n---\n");
        }
        self.map(entries, 0);
    }

    fn comment(&mut self, indent: usize) {
        if self.chance.one_in(7) {
            self.out.push_str(&format!("{}# it's a \"comment\": {{a: [b}}\n", " ".repeat(indent)));
        }
        if self.chance.one_in(9) {
            self.out.push('\n');
        }
    }

    fn map(&mut self, entries: &[(String, Tree)], indent: usize) {
        let mut order: Vec<&(String, Tree)> = entries.iter().collect();
        self.chance.shuffle(&mut order);
        for (key, value) in order {
            self.comment(indent);
            let key = self.scalar(key);
            self.out.push_str(&format!("{}{key}:", " ".repeat(indent)));
            self.value(value, indent);
        }
    }

    fn value(&mut self, value: &Tree, indent: usize) {
        let next = indent + self.step;
        match value {
            Tree::Map(entries) if !entries.is_empty() && !self.chance.one_in(5) => {
                self.out.push('\n');
                self.map(entries, next);
            }
            Tree::List(items) if !items.is_empty() && !self.chance.one_in(5) => {
                self.out.push('\n');
                for item in items {
                    self.comment(next);
                    self.out.push_str(&format!("{}-", " ".repeat(next)));
                    self.value(item, next);
                }
            }
            // The last line break belongs to a literal text, and its first line shows the indentation.
            Tree::Text(text)
                if text.ends_with('\n')
                    && !text.ends_with("\n\n")
                    && !text.starts_with([' ', '\n'])
                    && !text.contains(['\t', '\r'])
                    && self.chance.one_in(2) =>
            {
                self.out.push_str(" |\n");
                for line in text.lines() {
                    let pad = if line.is_empty() { 0 } else { next };
                    self.out.push_str(&format!("{}{line}\n", " ".repeat(pad)));
                }
            }
            other => {
                let text = self.inline(other);
                let note = if self.chance.one_in(9) { "  # so" } else { "" };
                self.out.push_str(&format!(" {text}{note}\n"));
            }
        }
    }

    fn inline(&mut self, value: &Tree) -> String {
        match value {
            Tree::Text(text) => self.scalar(text),
            Tree::List(items) => {
                let items: Vec<String> = items.iter().map(|item| self.inline(item)).collect();
                format!("[{}]", items.join(if self.chance.one_in(2) { "," } else { " , " }))
            }
            Tree::Map(entries) => {
                let mut order: Vec<&(String, Tree)> = entries.iter().collect();
                self.chance.shuffle(&mut order);
                let entries: Vec<String> = order
                    .into_iter()
                    .map(|(key, value)| format!("{}: {}", self.scalar(key), self.inline(value)))
                    .collect();
                format!("{{{}}}", entries.join(", "))
            }
            other => other.flow(),
        }
    }

    fn scalar(&mut self, text: &str) -> String {
        let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
            && text.split(' ').all(|part| !part.is_empty() && part.chars().all(word))
            && !["true", "false", "null", "Null", "NULL"].contains(&text);
        match self.chance.below(3) {
            0 if plain => text.to_owned(),
            1 if !text.chars().any(char::is_control) => format!("'{}'", text.replace('\'', "''")),
            _ => double(text),
        }
    }
}

fn double(text: &str) -> String {
    let mut out = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            control if control.is_control() => out.push_str(&format!("\\x{:02x}", u32::from(control))),
            other => out.push(other),
        }
    }
    out.push('"');
    out
}
