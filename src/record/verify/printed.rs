//! What a PDF prints and says of its document beside the ids, against the manifest and the answers that it carries.
//!
//! Comes in: the words of its pages and its metadata. Goes out: in words, what differs. The words of another language stand
//! in the feet; so a foot is known by what stands around them: `number · word revision · status · word content id`.

use serde_json::Value as Json;

use super::ids::Ids;
use crate::record::pdf::Metadata;

/// Between the parts of a foot.
const DOT: &str = " · ";
/// Pages that are named.
const NAMED: usize = 8;

/// The feet of all pages but the first, which is the cover; and what cover and control page print beside the same word.
pub(super) fn feet(pages: &[String], ids: &Ids) -> Vec<String> {
    let mut differ = Vec::new();
    let mut without = Vec::new();
    let mut word = None;
    for (page, number) in pages.iter().zip(1..).skip(1) {
        match foot(page, ids) {
            Some(found) => word = word.or(Some(found)),
            None => without.push(number.to_string()),
        }
    }
    if !without.is_empty() {
        let more = without.len().saturating_sub(NAMED);
        let list = without.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        differ.push(format!(
            "the foot of page {list}{more} does not name {} in revision {}, as the manifest does",
            ids.document, ids.revision
        ));
    }
    let Some(word) = word.filter(|word| !word.is_empty()) else { return differ };
    let full = ids.content_id.to_string();
    for (page, number) in pages.iter().zip(1..) {
        let cover = number == 1;
        if !cover && !page.replace(' ', "").contains(&full) {
            continue;
        }
        let page = format!(" {page} ");
        let wanted = format!(" {word} {} ", ids.revision);
        if page.contains(&format!(" {word} ")) && !page.contains(&wanted) {
            differ
                .push(format!("page {number} prints another revision than {}, which the manifest names", ids.revision));
        }
        if cover && !page.contains(&format!(" {} ", ids.document)) {
            differ.push(format!("page {number} does not print the number {}, which the manifest names", ids.document));
        }
    }
    differ
}

/// The word before the revision in the foot of a page, if it has one of this document.
fn foot(page: &str, ids: &Ids) -> Option<String> {
    let begins = format!("{}{DOT}", ids.document);
    let short = ids.content_id.short();
    page.match_indices(&begins).find_map(|(at, _)| {
        let before = page[..at].chars().next_back();
        let rest = &page[at + begins.len()..];
        let (revision, rest) = rest.split_once(DOT)?;
        let word = revision.strip_suffix(ids.revision.as_str())?.strip_suffix(' ')?;
        let status = rest.split_once(&*short)?.0;
        // A status and the word for the content, and no page in between.
        let near = (1..=3).contains(&status.matches(DOT).count()) && status.chars().count() <= 160;
        (near && before.is_none_or(char::is_whitespace)).then(|| word.to_owned())
    })
}

/// Authors and dates in metadata against the answers and the manifest. Whoever signs a file writes metadata anew, and when
/// that was.
pub(super) fn written(ids: &Ids, of_answers: &Json, said: &Metadata, signed: bool) -> Vec<String> {
    let mut differ = Vec::new();
    let letters =
        |text: &str| text.chars().filter(|letter| !letter.is_whitespace() && *letter != ',').collect::<String>();
    let none = Vec::new();
    let authors = of_answers["authors"].as_array().unwrap_or(&none);
    let authors: Option<Vec<&str>> = authors.iter().map(Json::as_str).collect();
    if let Some(authors) = authors.filter(|_| of_answers.is_object() && !(signed && said.authors.is_none()))
        && letters(&authors.concat()) != letters(said.authors.as_deref().unwrap_or_default())
    {
        differ.push("name other authors than the answers".to_owned());
    }
    let Some(date) = ids.manifest["document"]["date"].as_str() else { return differ };
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).take(8).collect::<String>();
    let [first, last] = &said.dates;
    for (what, found, bound) in [("first", first, !signed || first.is_some()), ("last", last, !signed)] {
        if bound && found.as_deref().map(digits) != Some(digits(date)) {
            let found = found.as_deref().unwrap_or("none");
            differ.push(format!("name as the date when it was {what} written: {found}; the manifest names {date}"));
        }
    }
    differ
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::digest::Digest;

    fn ids() -> Ids {
        let content_id = Digest::of(b"content");
        let manifest = json!({"document": {"date": "2026-11-20"}});
        Ids { document: "T-1".into(), revision: "3".into(), content_id, build_id: Digest::of(b"build"), manifest }
    }

    fn pages(revision: &str) -> Vec<String> {
        let ids = ids();
        let short = ids.content_id.short();
        let foot = |page: u8| {
            format!("Words. T-1 · Revision {revision} · approved · SUSPECT · content {short} Page {page} of 3")
        };
        let cover = format!("A title Document number T-1 Revision {revision} Date today Content id {short}");
        vec![cover, foot(2), format!("{} {}", ids.content_id, foot(3))]
    }

    #[test]
    fn feet_cover_and_control_page_name_the_document_of_the_manifest() {
        assert_eq!(feet(&pages("3"), &ids()), Vec::<String>::new());
        let differ = feet(&pages("6"), &ids());
        assert_eq!(differ, ["the foot of page 2, 3 does not name T-1 in revision 3, as the manifest does"]);
        for (page, from, to) in [
            (1, "T-1 ·", "XT-1 ·"),
            (1, "T-1 ·", "T-2 ·"),
            (1, "Revision 3", "Revision 33"),
            (2, "· Revision 3 ·", "· 3 ·"),
            (0, "Revision 3", "Revision 6"),
            (0, "T-1", "T-2"),
        ] {
            let mut changed = pages("3");
            changed[page] = changed[page].replace(from, to);
            assert_eq!(feet(&changed, &ids()).len(), 1, "{from} {to}");
        }
        // A word for the revision that another language has, and a cover that shows no facts.
        let other: Vec<String> = pages("3").iter().map(|page| page.replace("Revision", "Numéro de version")).collect();
        assert_eq!(feet(&other, &ids()), Vec::<String>::new());
    }

    #[test]
    fn authors_and_dates_are_those_of_the_answers() {
        let answers = json!({"authors": ["Ada Smit", "Bo"]});
        let dates = ["D:20261120000000Z", "2026-11-20T00:00:00Z"].map(|date| Some(date.to_owned()));
        let said = Metadata { authors: Some("Ada Smit, Bo".into()), dates, ..Metadata::default() };
        let look = |said: &Metadata, signed| written(&ids(), &answers, said, signed).len();
        assert_eq!(look(&said, false), 0);
        assert_eq!(look(&Metadata { authors: Some("Mallory".into()), ..said.clone() }, false), 1);
        assert_eq!(look(&Metadata { authors: None, ..said.clone() }, false), 1);
        let late = [said.dates[0].clone(), Some("D:20261201".to_owned())];
        assert_eq!(look(&Metadata { dates: late.clone(), ..said.clone() }, false), 1);
        assert_eq!(look(&Metadata { dates: late, ..said.clone() }, true), 0, "whoever signs says when");
        assert_eq!(look(&Metadata { dates: [None, None], ..said.clone() }, false), 2);
        let early = [Some("D:19990101".to_owned()), None];
        assert_eq!(look(&Metadata { dates: early, ..said }, true), 1);
    }
}
