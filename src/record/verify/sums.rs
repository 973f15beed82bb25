//! Lists of digests in the format of `sha256sum`.
//!
//! Comes in: the bytes of a list, and the files that it speaks of. Goes out: what is missing, modified or extra. A list is
//! read as we write it, so that no two programs can read it in two ways.

use std::collections::BTreeMap;

use super::{LINE_ENDS, RESTORE, about, below};
use crate::diagnostic::{Code, Diagnostic};
use crate::digest::Digest;

/// What a list says, by name; or why it is none.
pub(super) fn parse(list: &[u8]) -> Result<BTreeMap<String, Digest>, String> {
    let text = std::str::from_utf8(list).map_err(|_| "is no text".to_owned())?;
    if text.contains("\r\n") {
        return Err("has lines that end in CR LF".to_owned());
    }
    if !text.is_empty() && !text.ends_with('\n') {
        return Err("is cut off: its last line has no line feed".to_owned());
    }
    let mut listed = BTreeMap::new();
    for (index, line) in text.lines().enumerate() {
        let wrong = || format!("has no digest and name in line {}", index + 1);
        let (digits, name) = line.split_once("  ").ok_or_else(wrong)?;
        let small = digits.bytes().all(|digit| digit.is_ascii_digit() || (b'a'..=b'f').contains(&digit));
        let digest = Digest::parse(digits).filter(|_| small && !name.is_empty() && !name.contains('\\'));
        if listed.insert(name.to_owned(), digest.ok_or_else(wrong)?).is_some() {
            return Err(format!("names `{name}` twice"));
        }
    }
    Ok(listed)
}

/// A list that is none, as a finding.
pub(super) fn unreadable(file: &str, why: &str) -> Diagnostic {
    let help = if why.contains("CR LF") { LINE_ENDS } else { RESTORE };
    about(Code::FileModified, file, format!("the list of digests `{file}` {why}"), help)
}

/// One file against its digest.
pub(super) fn one(file: &str, bytes: &[u8], wanted: Digest, who: &str) -> Option<Diagnostic> {
    let found = Digest::of(bytes);
    if found == wanted {
        return None;
    }
    if wanted.fits_with_line_feeds(bytes) {
        let message = format!("`{file}` fits the digest in {who} once CR LF is LF again");
        return Some(about(Code::FileModified, file, message, LINE_ENDS));
    }
    let message = format!("`{file}` has the SHA-256 {}…, and {who} names {}…", found.short(), wanted.short());
    Some(about(Code::FileModified, file, message, RESTORE))
}

/// All files of a folder against a list that must name each of them.
pub(super) fn all<'f>(
    folder: &str,
    files: impl IntoIterator<Item = (&'f str, &'f [u8])>,
    mut listed: BTreeMap<String, Digest>,
    who: &str,
) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for (name, bytes) in files {
        let file = below(folder, name);
        match listed.remove(name) {
            Some(wanted) => findings.extend(one(&file, bytes, wanted, who)),
            None => findings.push(about(
                Code::FileExtra,
                &file,
                format!("`{file}` is not named in {who}"),
                "take it away, or find out who put it there; a release is never added to",
            )),
        }
    }
    findings.extend(listed.keys().map(|name| {
        let file = below(folder, name);
        about(Code::FileMissing, &file, format!("`{file}` is missing; {who} names it"), RESTORE)
    }));
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_has_one_reading() {
        let digest = Digest::of(b"x");
        let good = format!("{digest}  a b\n{digest}  c/d\n");
        assert_eq!(parse(good.as_bytes()).unwrap().keys().collect::<Vec<_>>(), ["a b", "c/d"]);
        let upper = digest.to_string().to_uppercase();
        for bad in [
            format!("{digest} a\n"),
            format!("{digest}  a"),
            format!("{digest}  a\r\n"),
            format!("{digest}  a\n{digest}  a\n"),
            format!("\\{digest}  a\\n\n"),
            format!("{digest}  \n"),
            format!("{upper}  a\n"),
            format!("sha256:{digest}  a\n"),
        ] {
            assert!(parse(bad.as_bytes()).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn line_ends_that_somebody_changed_are_told() {
        let wanted = Digest::of(b"a\nb\n");
        let found = one("x.md", b"a\r\nb\r\n", wanted, "SHA256SUMS").unwrap();
        assert!(found.message.contains("CR LF") && found.help.unwrap().contains(".gitattributes"));
        assert!(one("x.md", b"a\nc\n", wanted, "SHA256SUMS").unwrap().message.contains("names"));
        assert_eq!(one("x.md", b"a\nb\n", wanted, "SHA256SUMS"), None);
    }
}
