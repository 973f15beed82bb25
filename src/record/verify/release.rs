//! The folder of a release: every byte of it, and against the ledger.
//!
//! Comes in: all files below the folder, perhaps the ledger. Goes out: a verdict. `SHA256SUMS` names every file but itself,
//! and the ledger names `SHA256SUMS`: so no byte can change, and no file come or go, without being seen.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::ids::{self, Ids};
use super::{Files, RESTORE, Verdict, about, below, bundle, pages, statement, sums};
use crate::answers::named_by;
use crate::changes::Said;
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::record::layout::{ANSWERS, CATALOG, EARLIER, SUMS, VERIFY, VERIFY_TEMPLATE};
use crate::record::ledger::{Ledger, Line};

/// Verifies the folder of a release.
#[must_use]
pub fn release(folder: &str, files: &Files, ledger: Option<&Ledger>) -> Verdict {
    let mut verdict = Verdict::new(folder);
    let list = below(folder, SUMS);
    match files.get(SUMS).map(|listed| sums::parse(listed)) {
        None => {
            let message = format!("`{list}` is missing; it names every file of the release");
            verdict.findings.push(about(Code::FileMissing, &list, message, RESTORE));
        }
        Some(Err(why)) => verdict.findings.push(sums::unreadable(&list, &why)),
        Some(Ok(listed)) => {
            let others = files.iter().filter(|(name, _)| name.as_str() != SUMS);
            let others = others.map(|(name, bytes)| (name.as_str(), bytes.as_slice()));
            verdict.findings.extend(sums::all(folder, others, listed, SUMS));
        }
    }
    let Some(stem) = stem(files) else {
        let message = format!("`{folder}` holds no manifest, or more than one: it is no release");
        verdict.findings.push(about(Code::FileMissing, folder, message, RESTORE));
        return verdict;
    };
    let looked = bundle::look(folder, files, &stem, &mut verdict);
    let manifest = format!("{stem}.manifest.json");
    let ids = files.get(&manifest).and_then(|bytes| ids::manifest(&manifest, bytes).ok());
    for name in [VERIFY.to_owned(), format!("{stem}.intoto.json"), format!("{stem}.pdf"), format!("{stem}.md")] {
        if !files.contains_key(&name) {
            let file = below(folder, &name);
            verdict.findings.push(about(Code::FileMissing, &file, format!("`{file}` is missing"), RESTORE));
        }
    }
    if let Some(ids) = &ids {
        let name = format!("{stem}.intoto.json");
        let said = files.get(&name);
        if let Some(bytes) = said {
            verdict.findings.extend(statement::check(&below(folder, &name), bytes, files, ids));
        }
        verdict.findings.extend(inputs(folder, files, ids));
        let answers = said.and_then(|bytes| statement::read(bytes).ok()).map(|said| said.external.answers);
        let content = files.get(&format!("{stem}.files/content.json")).map(Vec::as_slice).unwrap_or_default();
        verdict.findings.extend(evidence(folder, files, content, answers.as_deref()));
    }
    match ledger {
        Some(ledger) => against(&mut verdict, folder, files, ids.as_ref(), ledger),
        None => {
            if let (Some(looked), Some(bytes)) = (looked, files.get(&format!("{stem}.pdf"))) {
                let name = below(folder, &format!("{stem}.pdf"));
                pages::anchor(&mut verdict, &name, bytes, looked.end, None, None);
            }
        }
    }
    once(&mut verdict.findings);
    verdict
}

/// The name that the files of the release share.
pub(super) fn stem(files: &Files) -> Option<String> {
    let mut stems =
        files.keys().filter(|name| !name.contains('/')).filter_map(|name| name.strip_suffix(".manifest.json"));
    stems.next().filter(|_| stems.next().is_none()).map(str::to_owned)
}

/// One change of a file is told once, however many lists name the file.
fn once(findings: &mut Vec<Diagnostic>) {
    let mut seen = BTreeSet::new();
    findings.retain(|finding| {
        let listed = matches!(finding.code, Code::FileMissing | Code::FileModified | Code::FileExtra);
        !listed || finding.severity != Severity::Error || seen.insert(finding.place.source.name().to_owned())
    });
}

/// The files of the catalogue against the manifest.
fn inputs(folder: &str, files: &Files, ids: &Ids) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    let mut known = BTreeSet::from([format!("{CATALOG}{VERIFY_TEMPLATE}")]);
    for (_, path, wanted) in bundle::inputs(ids) {
        let name = format!("{CATALOG}{path}");
        let file = below(folder, &name);
        if let Some(bytes) = files.get(&name) {
            findings.extend(sums::one(&file, bytes, wanted, "the manifest"));
        } else {
            let message = format!("`{file}` is missing; the manifest names it");
            findings.push(about(Code::FileMissing, &file, message, RESTORE));
        }
        known.insert(name);
    }
    let extra = files.keys().filter(|name| name.starts_with(CATALOG) && !known.contains(*name));
    findings.extend(extra.map(|name| {
        let file = below(folder, name);
        about(Code::FileExtra, &file, format!("`{file}` is not named in the manifest"), RESTORE)
    }));
    let named = &ids.manifest["earlier"];
    let earlier = !named.is_null();
    if let (true, Some(bytes)) = (earlier, files.get(EARLIER)) {
        // It proves its content id by itself: the answers by their digest in the content, the content by its own.
        let said = ids::json(bytes, None).and_then(|_| Said::from_json(bytes));
        let why = match said {
            Err(why) => Some(why),
            Ok(said)
                if named["revision"] == said.revision() && named["content_id"] == said.content_id().to_string() =>
            {
                None
            }
            Ok(said) => Some(format!("it is revision {}, content {}", said.revision(), said.content_id().short())),
        };
        findings.extend(why.map(|why| {
            let file = below(folder, EARLIER);
            let message = format!("`{file}` is not the earlier release that the manifest names: {why}");
            about(Code::IdMismatch, &file, message, RESTORE)
        }));
    }
    if earlier != files.contains_key(EARLIER) {
        let file = below(folder, EARLIER);
        let (code, what) = if earlier { (Code::FileMissing, "is missing") } else { (Code::FileExtra, "is not needed") };
        findings.push(about(code, &file, format!("`{file}` {what}, as the manifest says"), RESTORE));
    }
    findings
}

/// The files of evidence against the content.
fn evidence(folder: &str, files: &Files, content: &[u8], answers: Option<&str>) -> Vec<Diagnostic> {
    let Some(answers) = answers else { return Vec::new() };
    let named = ids::evidence(content).into_iter();
    named
        .filter_map(|(path, wanted)| {
            let name = format!("{ANSWERS}{}", named_by(answers, &path).unwrap_or(path));
            let file = below(folder, &name);
            match files.get(&name) {
                Some(bytes) => sums::one(&file, bytes, wanted, "content.json"),
                None => Some(about(
                    Code::FileMissing,
                    &file,
                    format!("`{file}` is missing; content.json names it as evidence"),
                    RESTORE,
                )),
            }
        })
        .collect()
}

/// The folder against the line that released it.
fn against(verdict: &mut Verdict, folder: &str, files: &Files, ids: Option<&Ids>, ledger: &Ledger) {
    let Some(ids) = ids else { return };
    let name = folder.trim_end_matches('/').rsplit('/').next().unwrap_or(folder);
    let Some(line) = ledger.release(&ids.revision).filter(|line| line.doc == ids.document) else {
        let help = "it was never released, or this is the ledger of another document";
        verdict.findings.push(pages::unreleased(folder, ledger, ids, help));
        return;
    };
    if name != ids.revision && !matches!(name, "" | "." | "..") {
        let message = format!("the folder `{folder}` holds revision {}, whose folder bears another name", ids.revision);
        verdict.findings.push(about(Code::FileExtra, folder, message, RESTORE));
    }
    verdict.findings.extend(pages::same(ledger, line, ids));
    verdict.findings.extend(vouched(folder, files, ledger, line));
    verdict.findings.extend(past(ids, ledger, line));
    verdict.anchor = Some(format!("released, line {} of the ledger", line.seq));
    verdict.withdrawn_by(ledger, &line.rev);
}

/// The files that a line vouches for.
fn vouched(folder: &str, files: &Files, ledger: &Ledger, line: &Line) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for named in &line.files {
        let file = below(folder, &named.name);
        let Some(wanted) = named.digest() else { continue };
        let found = match files.get(&named.name) {
            Some(bytes) if bytes.len() as u64 == named.size => sums::one(&file, bytes, wanted, "the ledger"),
            Some(bytes) => sums::one(&file, bytes, wanted, "the ledger").or_else(|| {
                let message = format!("the ledger names another size for `{file}` than it has");
                Some(about(Code::LedgerLine, &file, message, RESTORE))
            }),
            None => Some(about(Code::FileMissing, &file, format!("`{file}` is missing; the ledger names it"), RESTORE)),
        };
        findings.extend(found.map(|found| found.related(ledger.place_of(line), "this line names it")));
    }
    if !line.files.iter().any(|file| file.name == SUMS) {
        let message = format!("line {} of the ledger does not name SHA256SUMS", line.seq);
        findings.push(Diagnostic::error(Code::LedgerLine, ledger.place_of(line), message).help(RESTORE));
    }
    findings
}

/// What the document says of its past, against the lines before its own.
fn past(ids: &Ids, ledger: &Ledger, line: &Line) -> Option<Diagnostic> {
    let said = &ids.manifest["earlier"];
    let before = ledger.before(&ids.revision);
    let holds = match before {
        None => said.is_null(),
        Some((earlier, head)) => {
            said["revision"] == earlier.rev.as_str()
                && said["content_id"] == earlier.content_id.as_str()
                && said["ledger_head"] == head.to_string()
        }
    };
    let date = ids.manifest.pointer("/document/date").and_then(Json::as_str);
    if holds && line.date.as_deref() == date {
        return None;
    }
    let message = if holds {
        format!("line {} of the ledger names another date than the document", line.seq)
    } else {
        format!(
            "revision {} names another earlier release, or another head of the ledger, than the lines before it show",
            ids.revision
        )
    };
    let help =
        "the ledger may have been written anew: compare its head with a copy that was published, signed or printed";
    Some(Diagnostic::error(Code::ChainBroken, ledger.place_of(line), message).help(help))
}
