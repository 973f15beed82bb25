//! Whether the outputs of a document are what they would be if they were made now, and if not, why.

use similar::TextDiff;
use techfile::StampedDocument;
use techfile::catalog::Catalog;
use techfile::digest::Digest;
use techfile::record::stale::causes;
use techfile::record::verify::{Vouchers, pdf};
use techfile::report::run::State;
use techfile::report::visible;

use super::make::Wanted;
use super::target::{SUFFIXES, Target};
use crate::disk::{self, Seen};

/// Whether outputs are current.
pub(crate) struct Judged {
    pub(crate) state: State,
    /// Sentences without a full stop.
    pub(crate) reasons: Vec<String>,
    /// What would change in the Markdown, as a unified diff.
    pub(crate) difference: String,
}

/// Judges the outputs against the document as it would be now. Compiles nothing.
pub(crate) fn judge(target: &Target, stamped: &StampedDocument, catalog: &Catalog, wanted: Wanted) -> Judged {
    let read = |suffix: &str| disk::bytes(&target.path(&target.own(suffix)));
    let mut reasons = Vec::new();
    let mut difference = String::new();
    let manifest = read("manifest.json");
    let markdown = read("md");
    let new = manifest.is_none() && markdown.is_none();
    match &manifest {
        _ if new => reasons.push("it was never built".to_owned()),
        None => reasons.push(format!("`{}` is missing", target.own("manifest.json"))),
        Some(manifest) if manifest != stamped.manifest_json() => {
            reasons.extend(causes(manifest, stamped.manifest_json()).iter().map(|cause| cause.sentence(catalog)));
            if reasons.is_empty() {
                reasons.push(format!("`{}` is not as techfile writes it", target.own("manifest.json")));
            }
        }
        Some(_) => {}
    }
    let now = stamped.document().markdown();
    match &markdown {
        _ if new => {}
        None => reasons.push(format!("`{}` is missing", target.own("md"))),
        Some(before) if before != now.as_bytes() => {
            let before = String::from_utf8_lossy(before);
            if reasons.is_empty() {
                let ends = before.replace("\r\n", "\n") == now;
                let what = if ends { "has lines that end in CR LF" } else { "was changed by hand" };
                reasons.push(format!("`{}` {what}", target.own("md")));
            }
            difference = differing(&disk::shown(&target.path(&target.own("md"))), &before, &now);
        }
        Some(_) => {}
    }
    if !new {
        pages(target, stamped.build_id(), wanted, &mut reasons);
    }
    let state = match reasons.is_empty() {
        true => State::Current,
        false if new => State::New,
        false => State::Stale,
    };
    Judged { state, reasons, difference }
}

/// The PDF and what else is not compared byte by byte.
fn pages(target: &Target, build_id: Digest, wanted: Wanted, reasons: &mut Vec<String>) {
    let name = target.own("pdf");
    let Some(bytes) = disk::bytes(&target.path(&name)) else {
        // What git does not keep is made by whoever needs it.
        let kept = target.input.home.as_ref().is_some_and(|home| home.keeps("pdf"));
        if kept || wanted == Wanted::Planned {
            reasons.push(format!("`{name}` is missing"));
        }
        return;
    };
    let stale = !reasons.is_empty();
    let sidecar = target.own("pdf.sha256");
    let listed = disk::bytes(&target.path(&sidecar));
    let own = listed.as_deref().and_then(|listed| std::str::from_utf8(listed).ok()).and_then(|listed| {
        listed.lines().find_map(|line| line.strip_suffix(&name)?.strip_suffix("  ").and_then(Digest::parse))
    });
    // Without its digest nothing tells pages that somebody has painted over from those that were built.
    reasons.extend(match own {
        Some(own) if own == Digest::of(&bytes) => None,
        Some(_) => Some(format!("`{name}` is not the file whose digest stands in `{sidecar}`")),
        None if listed.is_some() => Some(format!("`{sidecar}` does not hold the digest of `{name}`")),
        None => Some(format!("`{sidecar}`, which holds the digest of `{name}`, is missing")),
    });
    // Of a document that is stale anyway the PDF is, too.
    if !stale {
        let verdict = pdf(&name, &bytes, Vouchers::default());
        if let Some(finding) = verdict.findings.first() {
            reasons.push(format!("`{name}` does not hold: {}", finding.message));
        } else if verdict.build_id != Some(build_id) {
            reasons.push(format!("`{name}` was built from something else"));
        }
    }
    let there = |suffix: &&str| disk::look(&target.path(&target.own(suffix))) != Seen::Absent;
    if wanted == Wanted::Planned
        && let Some(missing) = SUFFIXES.iter().find(|suffix| !there(suffix) && **suffix != "pdf.sha256")
    {
        reasons.push(format!("`{}` is missing", target.own(missing)));
    }
}

/// A unified diff; characters that would move a cursor are shown.
fn differing(name: &str, before: &str, now: &str) -> String {
    let diff = TextDiff::from_lines(before, now);
    let text = diff.unified_diff().context_radius(2).header(name, &format!("{name} (now)")).to_string();
    let mut shown = String::with_capacity(text.len());
    for line in text.lines() {
        shown.extend([&*visible(line), "\n"]);
    }
    shown
}
