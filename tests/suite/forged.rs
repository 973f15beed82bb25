//! A release by hand, as small as one can be: every byte of it can be flipped, one after the other.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};
use techfile::changes::Said;
use techfile::digest::Digest;
use techfile::identity::canonical;
use techfile::record::ledger::{Beside, Entry, Event, Ledger, Vouched, head_file};
use techfile::record::verify::Files;

use crate::pdf::{plain, stream};

/// The folder of a revision, and the ledger that names it.
#[derive(Clone)]
pub(crate) struct Forged {
    pub(crate) files: Files,
    pub(crate) ledger: Vec<u8>,
    pub(crate) head: Vec<u8>,
}

/// What makes one release differ from another.
#[derive(Clone, Copy)]
pub(crate) struct Made {
    pub(crate) revision: &'static str,
    /// What the page says instead of the short content id.
    pub(crate) footer: Option<&'static str>,
}

pub(crate) const FIRST: Made = Made { revision: "1", footer: None };

fn list<'f>(files: impl IntoIterator<Item = (&'f str, &'f [u8])>) -> Vec<u8> {
    files.into_iter().map(|(name, bytes)| format!("{}  {name}\n", Digest::of(bytes))).collect::<String>().into_bytes()
}

const DATES: &str = "/CreationDate(D:20261120000000Z)/ModDate(D:20261120000000Z)";

fn pdf(parts: &BTreeMap<&str, Vec<u8>>, content: Digest, build: Digest, footer: &str) -> Vec<u8> {
    let keywords = format!("techfile:content=sha256:{content}, techfile:build=sha256:{build}");
    let xmp = format!(
        "<x xmlns:dc='http://purl.org/dc/elements/1.1/' xmlns:pdf='http://ns.adobe.com/pdf/1.3/' \
         xmlns:xmp='http://ns.adobe.com/xap/1.0/'><dc:title>T</dc:title>\
         <dc:description>content sha256:{content}</dc:description><pdf:Keywords>{keywords}</pdf:Keywords>\
         <xmp:CreateDate>2026-11-20T00:00:00Z</xmp:CreateDate><xmp:ModifyDate>2026-11-20T00:00:00Z</xmp:ModifyDate></x>"
    );
    let names = (20..).zip(parts.keys()).map(|(number, name)| format!("({name}) {number} 0 R"));
    let names = names.collect::<String>();
    let page = format!("BT /F 9 Tf ({footer}) Tj T* ({content}) Tj T* ({build}) Tj ET");
    let mut objects = vec![
        (1, format!("<</Type/Catalog/Pages 2 0 R/Metadata 5 0 R/Names<</EmbeddedFiles<</Names[{names}]>>>>>>")),
        (2, "<</Type/Pages/Count 1/Kids[3 0 R]>>".to_owned()),
        (3, "<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</Font<</F 6 0 R>>>>>>".to_owned()),
        (4, stream("", &page)),
        (5, stream("/Type/Metadata", &xmp)),
        (6, "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>".to_owned()),
        (7, format!("<</Title(T)/Subject(content sha256:{content})/Keywords({keywords}){DATES}>>")),
    ];
    for (index, (name, bytes)) in (0..).zip(parts) {
        objects.push((20 + index, format!("<</Type/Filespec/F({name})/EF<</F {} 0 R>>>>", 30 + index)));
        objects.push((30 + index, stream("", std::str::from_utf8(bytes).unwrap())));
    }
    plain(&objects, "/Root 1 0 R/Info 7 0 R")
}

/// A release of a document that has one input, one file of evidence and one page.
pub(crate) fn release(made: Made, earlier: &Json) -> Files {
    let mut files = Files::new();
    let (schema, theme, evidence) = (b"{}".to_vec(), b"// look".to_vec(), b"proof\n".to_vec());
    let answers = canonical(&json!({
        "kind": "k", "document": {"id": "D-1", "revision": made.revision, "language": "en", "title": "T"}
    }));
    let of = |bytes: &[u8]| Digest::of(bytes).to_string();
    let content = canonical(&json!({
        "format": "techfile-content/1", "kind": "k", "document": "D-1", "revision": made.revision, "language": "en",
        "answers": {"sha256": of(&answers), "size": answers.len()},
        "evidence": [{"path": "e.txt", "sha256": of(&evidence), "size": evidence.len(), "media_type": "text/plain"}],
    }));
    let content_id = Digest::of(&content);
    let body = "# Body\n\nWords.\n";
    let manifest = canonical(&json!({
        "format": "techfile-manifest/1", "content_id": content_id.to_string(), "body": of(body.as_bytes()), "kind": "k",
        "document": {"id": "D-1", "revision": made.revision, "language": "en", "date": "2026-11-20"}, "earlier": earlier,
        "inputs": [
            {"role": "schema", "path": "schemas/k.schema.json", "sha256": of(&schema), "size": schema.len()},
            {"role": "theme", "path": "templates/theme.typ", "sha256": of(&theme), "size": theme.len()},
        ],
    }));
    let build_id = Digest::of(&manifest);
    let mut parts = BTreeMap::from([
        ("answers.json", answers),
        ("content.json", content),
        ("manifest.json", manifest.clone()),
        ("E-1.txt", evidence.clone()),
    ]);
    parts.insert("SHA256SUMS", list(parts.iter().map(|(name, bytes)| (*name, bytes.as_slice()))));
    let footer = made.footer.map_or_else(|| format!("D-1 content {}", content_id.short()), str::to_owned);
    let mut put = |name: &str, bytes: Vec<u8>| files.insert(name.to_owned(), bytes);
    put("a.pdf", pdf(&parts, content_id, build_id, &footer));
    put("a.md", format!(
        "---\nkind: \"k\"\ndocument: \"D-1\"\nrevision: \"{}\"\nlanguage: \"en\"\ncontent_id: \"{}\"\n---\n\n# T\n\n{body}",
        made.revision, content_id.prefixed()
    ).into_bytes());
    put("a.typ", b"= T".to_vec());
    put("a.manifest.json", manifest);
    for (name, bytes) in parts {
        put(&format!("a.files/{name}"), bytes);
    }
    put("a.files/theme.typ", theme.clone());
    put("a.files/document.json", json!({"id": "D-1", "revision": made.revision}).to_string().into_bytes());
    let ids = json!({"content_id": content_id.to_string(), "build_id": build_id.to_string()});
    put("a.files/stamp.json", ids.to_string().into_bytes());
    put("VERIFY.txt", b"# how to\n".to_vec());
    put("inputs/answers/docs/a.yaml", b"kind: k\n".to_vec());
    put("inputs/answers/docs/e.txt", evidence);
    put("inputs/catalog/schemas/k.schema.json", schema);
    put("inputs/catalog/templates/theme.typ", theme);
    if !earlier.is_null() {
        let first = release(FIRST, &Json::Null);
        let said = Said::read(&first["a.files/answers.json"], &first["a.files/content.json"]).unwrap();
        put("inputs/earlier.json", said.to_json());
    }
    let outputs = ["a.pdf", "a.md", "a.typ", "a.manifest.json"].map(|name| (name, files[name].as_slice()));
    let sidecar = list(outputs);
    files.insert("a.pdf.sha256".to_owned(), sidecar);
    seal(&mut files, made.revision);
    files
}

/// Renews statement and list of digests, as somebody would who wants a change to go unseen.
pub(crate) fn seal(files: &mut Files, revision: &str) {
    let named = |files: &Files, name: &String| json!({"name": name, "digest": {"sha256": Digest::of(&files[name]).to_string()}});
    let subject: Vec<Json> =
        ["manifest.json", "md", "pdf", "typ"].iter().map(|suffix| named(files, &format!("a.{suffix}"))).collect();
    let inputs: Vec<Json> =
        files.keys().filter(|name| name.starts_with("inputs/")).map(|name| named(files, name)).collect();
    let mut statement = canonical(&json!({
        "_type": "https://in-toto.io/Statement/v1", "predicateType": "https://slsa.dev/provenance/v1", "subject": subject,
        "predicate": {
            "buildDefinition": {
                "buildType": "urn:techfile:release:1",
                "externalParameters": {"answers": "docs/a.yaml", "document": "D-1", "revision": revision, "stem": "a"},
                "internalParameters": {"target": "x86_64-linux", "typst": "0.15.1"},
                "resolvedDependencies": inputs,
            },
            "runDetails": {"builder": {"id": "urn:techfile:techfile:0.1.0"}},
        },
    }));
    statement.push(b'\n');
    files.insert("a.intoto.json".to_owned(), statement);
    sums(files);
}

/// Renews the list of digests.
pub(crate) fn sums(files: &mut Files) {
    files.remove("SHA256SUMS");
    let sums = list(files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())));
    files.insert("SHA256SUMS".to_owned(), sums);
}

/// The bytes of a ledger with one line more, and its head.
pub(crate) fn appended(ledger: &[u8], entry: Entry) -> (Vec<u8>, Vec<u8>) {
    let (read, _) = Ledger::read("l", ledger, Beside::default());
    let (bytes, head) = read.with(&read.next(entry));
    (bytes, head_file(head))
}

/// The line of a release.
pub(crate) fn entry(files: &Files, revision: &str) -> Entry {
    let vouched = ["a.pdf", "a.md", "a.manifest.json", "SHA256SUMS"];
    Entry {
        event: Event::Release,
        doc: "D-1".into(),
        rev: revision.into(),
        content_id: Digest::of(&files["a.files/content.json"]),
        build_id: Digest::of(&files["a.manifest.json"]),
        date: Some("2026-11-20".into()),
        files: vouched.iter().map(|name| Vouched::of(*name, &files[*name])).collect(),
        reason: Some("first".into()),
        reviewed_by: vec![],
    }
}

/// A first release and its ledger.
pub(crate) fn forged() -> Forged {
    let files = release(FIRST, &Json::Null);
    let (ledger, head) = appended(b"", entry(&files, "1"));
    Forged { files, ledger, head }
}
