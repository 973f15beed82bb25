//! Rust source, taken apart as far as the layer tests need it: code without comments and strings, and the strings.

/// A source file without its unit tests.
pub(crate) struct RustSource {
    /// The code; every comment and every literal is one blank.
    pub(crate) code: String,
    /// Contents of the string literals, with the line each starts on. Keys of JSON that we write, `"key": …`, are not
    /// among them.
    pub(crate) strings: Vec<(usize, String)>,
}

impl RustSource {
    /// Takes a file apart. What follows the first `#[cfg(test)]` is left out: tests may know what the code may not.
    pub(crate) fn parse(text: &str) -> Self {
        let chars: Vec<char> = text.split("#[cfg(test)]").next().unwrap_or_default().chars().collect();
        let mut source = Self { code: String::new(), strings: Vec::new() };
        let mut at = 0;
        while at < chars.len() {
            at = source.token(&chars, at);
        }
        source
    }

    fn token(&mut self, chars: &[char], at: usize) -> usize {
        let rest = &chars[at..];
        let starts = |text: &str| text.chars().enumerate().all(|(index, wanted)| rest.get(index) == Some(&wanted));
        let before = at.checked_sub(1).map(|before| chars[before]);
        let word = before.is_some_and(|before| before.is_alphanumeric() || before == '_');
        if starts("//") {
            return at + rest.iter().position(|c| *c == '\n').unwrap_or(rest.len());
        }
        if starts("/*") {
            let mut end = at + 2;
            while end < chars.len() && !(chars[end] == '*' && chars.get(end + 1) == Some(&'/')) {
                end += 1;
            }
            return self.blank(&chars[at..end], end + 2);
        }
        if rest[0] == 'r' && !word {
            let hashes = rest[1..].iter().take_while(|c| **c == '#').count();
            if rest.get(1 + hashes) == Some(&'"') {
                return self.raw(chars, at + 2 + hashes, hashes);
            }
        }
        if rest[0] == '"' {
            return self.quoted(chars, at + 1);
        }
        // A character, not a lifetime: `'x'` or an escape.
        if rest[0] == '\'' && rest.get(1) == Some(&'\\') {
            let end = rest[3..].iter().position(|c| *c == '\'').map_or(rest.len(), |end| end + 4);
            return at + end;
        }
        if rest[0] == '\'' && rest.get(2) == Some(&'\'') {
            return at + 3;
        }
        self.code.push(rest[0]);
        at + 1
    }

    fn quoted(&mut self, chars: &[char], start: usize) -> usize {
        let mut end = start;
        while end < chars.len() && chars[end] != '"' {
            end += if chars[end] == '\\' { 2 } else { 1 };
        }
        self.string(&chars[start..end.min(chars.len())], chars.get(end + 1));
        end + 1
    }

    fn raw(&mut self, chars: &[char], start: usize, hashes: usize) -> usize {
        let closes = |at: usize| chars[at] == '"' && (1..=hashes).all(|hash| chars.get(at + hash) == Some(&'#'));
        let end = (start..chars.len()).find(|at| closes(*at)).unwrap_or(chars.len());
        self.string(&chars[start..end], None);
        end + 1 + hashes
    }

    fn string(&mut self, content: &[char], next: Option<&char>) {
        let line = 1 + self.code.matches('\n').count();
        if next != Some(&':') {
            self.strings.push((line, content.iter().collect()));
        }
        self.blank(content, 0);
    }

    /// Leaves the line breaks of what is dropped, so that lines keep their numbers.
    fn blank(&mut self, dropped: &[char], end: usize) -> usize {
        self.code.push(' ');
        self.code.extend(dropped.iter().filter(|c| **c == '\n'));
        end
    }

    /// The lines of the code that hold a word as a word of its own, numbered from 1.
    pub(crate) fn lines_with(&self, word: &str) -> Vec<usize> {
        let part = |c: char| c.is_alphanumeric() || c == '_';
        let holds = |line: &str| {
            line.match_indices(word).any(|(at, _)| {
                let before = line[..at].chars().next_back();
                let after = line[at + word.len()..].chars().next();
                !before.is_some_and(part) && !after.is_some_and(part)
            })
        };
        self.code.lines().enumerate().filter(|(_, line)| holds(line)).map(|(index, _)| index + 1).collect()
    }
}

#[test]
fn comments_and_strings_are_told_from_code() {
    let text = "// no \"s\"\nlet a = \"x\\\"y\"; /* \"z\"\n */ b('\"', '\\'', \"w\");\nlet r = r#\"q\"q\"#; json!({\"k\": 1}); fn f<'a>() {}\n#[cfg(test)] \"t\"";
    let source = RustSource::parse(text);
    let strings: Vec<_> = source.strings.iter().map(|(line, text)| (*line, text.as_str())).collect();
    assert_eq!(strings, [(2, "x\\\"y"), (3, "w"), (4, "q\"q")]);
    assert!(source.code.contains("fn f<'a>() {}"), "{}", source.code);
    assert_eq!(source.lines_with("let"), [2, 4]);
    assert!(source.lines_with("no").is_empty());
}
