//! Lines of YAML: comments of a bearable width, scalars that mean what they say.
//!
//! Comes in: texts. Goes out: lines. Knows nothing of questions.

/// Characters in a line of prose.
pub(super) const WIDTH: usize = 108;

/// The lines of a file.
#[derive(Default)]
pub(super) struct Lines(String);

impl Lines {
    /// One line, indented.
    pub(super) fn line(&mut self, indent: usize, text: &str) {
        self.0.push_str(&" ".repeat(indent));
        self.0.push_str(text);
        self.0.push('\n');
    }

    /// An empty line.
    pub(super) fn blank(&mut self) {
        self.0.push('\n');
    }

    /// Prose, after `##`: whoever removes one `# ` from a whole block turns examples into answers and leaves prose be.
    pub(super) fn prose(&mut self, indent: usize, text: &str) {
        for line in wrapped(text, WIDTH - indent) {
            self.line(indent, &format!("## {line}"));
        }
    }

    /// An answer that waits behind `# `, which stands before empty lines too: there it must not stay behind.
    pub(super) fn example(&mut self, indent: usize, lines: &[String]) {
        for line in lines {
            self.line(indent, &format!("# {line}"));
        }
    }

    /// The file, without empty lines at its end.
    pub(super) fn finish(self) -> String {
        format!("{}\n", self.0.trim_end())
    }
}

/// Words in lines of at most so many characters, as far as the words allow.
pub(super) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// A text as a folded block: nothing in it needs quoting, and long questions stay readable.
pub(super) fn folded(key: &str, text: &str, indent: usize, out: &mut Lines) {
    out.line(indent, &format!("{key}: >-"));
    for line in wrapped(text, WIDTH - indent - 2) {
        out.line(indent + 2, &line);
    }
}

/// A text on one line, quoted unless every reader of YAML takes it for a text.
pub(super) fn scalar(text: &str) -> String {
    let plain = text.starts_with(|first: char| first.is_alphabetic())
        && !text.ends_with([' ', ':'])
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.contains(|character: char| character.is_control() || "{}[],&*!|>'\"%@`\\".contains(character))
        && !["true", "false", "null", "yes", "no", "on", "off", "y", "n", "inf", "nan"]
            .contains(&text.to_ascii_lowercase().as_str());
    if plain { text.to_owned() } else { serde_json::to_string(text).expect("a text is JSON") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_are_quoted_where_a_reader_could_take_them_for_something_else() {
        for (text, written) in [
            ("Ada Smit", "Ada Smit"),
            ("no", "\"no\""),
            ("1.10", "\"1.10\""),
            ("a: b", "\"a: b\""),
            ("see #3", "\"see #3\""),
            ("…", "\"…\""),
        ] {
            assert_eq!(scalar(text), written);
        }
    }

    #[test]
    fn prose_is_wrapped_at_words() {
        assert_eq!(wrapped("one two  three\nfour", 8), ["one two", "three", "four"]);
    }
}
