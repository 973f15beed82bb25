//! The files of one build against each other.
//!
//! Comes in: the files of a folder and the name that those of a document share. Goes out: a verdict. The PDF is looked at
//! by itself; the list beside it, the Markdown, the manifest and what lies in `.files/` must say the same.

use serde_json::Value as Json;

use super::ids::{self, Ids};
use super::pages::{self, Looked};
use super::{Files, LINE_ENDS, RESTORE, Verdict, Vouchers, about, below, sums};
use crate::diagnostic::{Code, Diagnostic};
use crate::digest::Digest;

/// Bytes of Markdown that are hashed to find where the body begins.
const MAX_HASHED: usize = 1 << 30;

/// Verifies the files `<stem>.…` of a folder.
#[must_use]
pub fn bundle(folder: &str, files: &Files, stem: &str, vouchers: Vouchers<'_>) -> Verdict {
    let mut verdict = Verdict::new(&below(folder, &format!("{stem}.pdf")));
    let looked = look(folder, files, stem, &mut verdict);
    if let (Some(looked), Some(bytes)) = (looked, files.get(&format!("{stem}.pdf"))) {
        let name = verdict.name.clone();
        pages::anchor(&mut verdict, &name, bytes, looked.end, looked.ids.as_ref(), vouchers.ledger);
    }
    verdict
}

/// The same without a ledger; what was found in the PDF, if there is one.
pub(super) fn look(folder: &str, files: &Files, stem: &str, verdict: &mut Verdict) -> Option<Looked> {
    let file = |suffix: &str| (below(folder, &format!("{stem}.{suffix}")), files.get(&format!("{stem}.{suffix}")));
    let (list, listed) = file("pdf.sha256");
    match listed.map(|listed| sums::parse(listed)) {
        None => {
            let message = format!("`{list}` is missing, so nobody vouches for each byte of the files beside it");
            verdict.findings.push(about(Code::FileMissing, &list, message, RESTORE));
        }
        Some(Err(why)) => verdict.findings.push(sums::unreadable(&list, &why)),
        Some(Ok(listed)) => {
            let names = ["pdf", "md", "typ", "manifest.json"].map(|suffix| format!("{stem}.{suffix}"));
            let there = names.iter().filter_map(|name| Some((name.as_str(), files.get(name)?.as_slice())));
            verdict.findings.extend(sums::all(folder, there, listed, &format!("`{list}`")));
        }
    }
    let (name, manifest) = file("manifest.json");
    let ids = match manifest.map(|manifest| ids::manifest(&name, manifest)) {
        Some(Ok(ids)) => Some(ids),
        Some(Err(finding)) => {
            verdict.findings.push(*finding);
            None
        }
        None => {
            let message = format!("`{name}` is missing; it says what the document was made of");
            verdict.findings.push(about(Code::FileMissing, &name, message, RESTORE));
            None
        }
    };
    verdict.identify(ids.as_ref());
    let (name, pdf) = file("pdf");
    let looked = pdf.map(|bytes| {
        let mut looked = pages::look(&name, bytes);
        verdict.findings.append(&mut looked.findings);
        if let (Some(ids), Some(own)) = (&ids, &looked.ids)
            && ids.build_id != own.build_id
        {
            let message = format!("`{name}` carries another manifest than the one beside it");
            verdict.findings.push(about(Code::IdMismatch, &name, message, RESTORE));
        }
        looked
    });
    if let Some(ids) = &ids {
        let (name, markdown) = file("md");
        if let Some(markdown) = markdown {
            verdict.findings.extend(words(&name, markdown, ids));
        }
        let carried = looked.as_ref().map(|looked| &looked.carried);
        verdict.findings.extend(parts(folder, files, stem, ids, carried));
    }
    looked
}

/// The Markdown against the manifest: front matter and the digest of the body, which people sign.
fn words(name: &str, markdown: &[u8], ids: &Ids) -> Option<Diagnostic> {
    let fault = |message: String, help: &str| Some(about(Code::IdMismatch, name, message, help));
    let Ok(text) = std::str::from_utf8(markdown) else {
        return fault(format!("`{name}` is no UTF-8 text"), RESTORE);
    };
    if text.starts_with("---\r\n") {
        return fault(format!("`{name}` has lines that end in CR LF"), LINE_ENDS);
    }
    let quoted = |pointer: &str| ids.manifest.pointer(pointer).unwrap_or(&Json::Null).to_string();
    let front = format!(
        "---\nkind: {}\ndocument: {}\nrevision: {}\nlanguage: {}\ncontent_id: \"{}\"\n---\n",
        quoted("/kind"),
        quoted("/document/id"),
        quoted("/document/revision"),
        quoted("/document/language"),
        ids.content_id.prefixed()
    );
    if !text.starts_with(&front) {
        return fault(
            format!("the first lines of `{name}` do not name the document and the content of the manifest"),
            RESTORE,
        );
    }
    let wanted = ids.manifest["body"].as_str().and_then(Digest::parse);
    let mut hashed = 0;
    let mut starts = memchr::memmem::find_iter(markdown, b"\n#").map(|at| at + 1);
    let body = starts.any(|at| {
        hashed += text.len() - at;
        hashed <= MAX_HASHED && wanted == Some(Digest::of(&markdown[at..]))
    });
    if body {
        None
    } else {
        fault(format!("the body of `{name}` is not the one whose digest the manifest names"), RESTORE)
    }
}

/// What lies in `.files/` against the PDF, the manifest and the content.
fn parts(folder: &str, files: &Files, stem: &str, ids: &Ids, carried: Option<&Files>) -> Vec<Diagnostic> {
    let prefix = format!("{stem}.files/");
    let mut findings = Vec::new();
    let mut theme = theme(ids);
    let content = files.get(&format!("{prefix}content.json")).map(Vec::as_slice).unwrap_or_default();
    let evidence = ids::evidence(content);
    let own = files.range(prefix.clone()..).take_while(|(name, _)| name.starts_with(&prefix));
    for (name, bytes) in own {
        let file = below(folder, name);
        let part = &name[prefix.len()..];
        let digest = Digest::of(bytes);
        match part {
            "stamp.json" | "document.json" => findings.extend(told(&file, part, bytes, ids)),
            _ if carried.is_some_and(|carried| carried.contains_key(part)) => {
                if carried.and_then(|carried| carried.get(part)) != Some(bytes) {
                    let message = format!("`{file}` is not the file that the PDF carries under this name");
                    findings.push(about(Code::FileModified, &file, message, RESTORE));
                }
            }
            // A file that the manifest does not need to name: the PDF that carries it is not here.
            "answers.json" | "content.json" | "manifest.json" | "SHA256SUMS" if carried.is_none() => {}
            _ => match theme.iter().position(|(name, _)| name == part) {
                Some(index) => {
                    let (_, wanted) = theme.swap_remove(index);
                    findings.extend(sums::one(&file, bytes, wanted, "the manifest"));
                }
                None if evidence.iter().any(|(_, known)| *known == digest) => {}
                None => findings.push(about(
                    Code::FileExtra,
                    &file,
                    format!("`{file}` is nothing that the document was made of"),
                    "take it away, or find out who put it there",
                )),
            },
        }
    }
    let mut wanted: Vec<String> = theme.into_iter().map(|(name, _)| name).collect();
    wanted.extend(carried.into_iter().flat_map(|carried| carried.keys().cloned()));
    wanted.extend(["stamp.json", "document.json"].map(str::to_owned));
    findings.extend(wanted.iter().filter(|part| !files.contains_key(&format!("{prefix}{part}"))).map(|part| {
        let file = below(folder, &format!("{prefix}{part}"));
        about(Code::FileMissing, &file, format!("`{file}` is missing; the document was made with it"), RESTORE)
    }));
    findings
}

/// Names and digests of the files that give the pages their look, from the manifest.
fn theme(ids: &Ids) -> Vec<(String, Digest)> {
    inputs(ids)
        .filter(|(role, ..)| *role == "theme")
        .filter_map(|(_, path, digest)| Some((path.strip_prefix("templates/")?.to_owned(), digest)))
        .collect()
}

/// Role, path and digest of the files of the catalogue that the manifest names.
pub(super) fn inputs(ids: &Ids) -> impl Iterator<Item = (&str, &str, Digest)> {
    let items = ids.manifest["inputs"].as_array().map(Vec::as_slice).unwrap_or_default();
    items.iter().filter_map(|item| {
        Some((item["role"].as_str()?, item["path"].as_str()?, Digest::parse(item["sha256"].as_str()?)?))
    })
}

/// What the pages read as data, against the manifest.
fn told(file: &str, part: &str, bytes: &[u8], ids: &Ids) -> Option<Diagnostic> {
    let value: Json = serde_json::from_slice(bytes).unwrap_or_default();
    let holds = if part == "stamp.json" {
        value["content_id"] == ids.content_id.to_string() && value["build_id"] == ids.build_id.to_string()
    } else {
        value["id"] == ids.document.as_str() && value["revision"] == ids.revision.as_str()
    };
    let message = format!("`{file}` does not name the ids of the manifest");
    (!holds).then(|| about(Code::IdMismatch, file, message, RESTORE))
}
