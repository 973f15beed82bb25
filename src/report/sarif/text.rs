//! Texts as SARIF takes them: messages without placeholders and links, paths as URI references.

use std::fmt::Write as _;

/// A message that means its own characters (SARIF 2.1.0, 3.11.5 and 3.11.6): braces are doubled, since single ones hold
/// numbers of arguments, and a blank keeps `](`, which makes a link, apart.
pub(super) fn escaped(text: &str) -> String {
    text.replace('{', "{{").replace('}', "}}").replace("](", "] (")
}

/// The first sentence of a text, or all of it.
pub(super) fn first_sentence(text: &str) -> String {
    match text.find(". ") {
        Some(end) => text[..=end].to_owned(),
        None => text.to_owned(),
    }
}

/// A path as a URI reference (RFC 3986), and whether it is absolute: everything but unreserved characters and `/` is
/// percent-encoded, so that no part can be a scheme, a query or a fragment.
pub(super) fn uri(path: &str) -> (String, bool) {
    let drive = matches!(path.as_bytes(), [letter, b':', b'/', ..] if letter.is_ascii_alphabetic());
    let absolute = drive || path.starts_with('/');
    let mut uri = match (drive, absolute) {
        (true, _) => format!("file:///{}:", &path[..1]),
        (_, true) => "file://".to_owned(),
        _ => String::new(),
    };
    for byte in path[if drive { 2 } else { 0 }..].bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            // Writing into a String cannot fail.
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    (uri, absolute)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_has_no_placeholder_and_no_link() {
        assert_eq!(escaped("{0} [a](https://x) `{what: x}`"), "{{0}} [a] (https://x) `{{what: x}}`");
    }

    #[test]
    fn paths_are_references_without_a_scheme() {
        for (path, expected, absolute) in [
            ("docs/a/answers.yaml", "docs/a/answers.yaml", false),
            ("../ü b.yaml", "../%C3%BC%20b.yaml", false),
            ("javascript:x?y#z%", "javascript%3Ax%3Fy%23z%25", false),
            ("/tmp/a b", "file:///tmp/a%20b", true),
            ("C:/a:b", "file:///C:/a%3Ab", true),
        ] {
            assert_eq!(uri(path), (expected.to_owned(), absolute), "{path}");
        }
    }

    #[test]
    fn a_sentence_ends_with_its_full_stop() {
        assert_eq!(first_sentence("One is `a.b`. Two."), "One is `a.b`.");
        assert_eq!(first_sentence("One"), "One");
    }
}
