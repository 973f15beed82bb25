//! A release made again from what lies in its own folder, and compared with it byte by byte.
//!
//! Comes in: the files of a release and the platform that this is. Goes out: how it compared. Nothing else is read: the
//! catalogue is the one in `inputs/`, without a file that is built in. Another version of the program, or another platform,
//! may set pages otherwise; then what does not depend on pages is compared, and the verdict says so.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::sync::Arc;

use serde_json::Value as Json;

use super::ids::{self, Ids};
use super::release::stem;
use super::statement::{self, Said};
use super::{Files, Rebuilt, about, below, pages};
use crate::answers::{Answers, FileState, Files as Read, Limits, bind, draw, named_by};
use crate::catalog::Catalog;
use crate::changes::{self, Earlier};
use crate::check::{Unchecked, check};
use crate::diagnostic::{Code, Diagnostic};
use crate::digest::Digest;
use crate::record::layout::{ANSWERS, BUILDER, CATALOG, EARLIER, SUMS, builder};
use crate::record::release::{Facts, Origin, release};
use crate::source::Source;
use crate::stamp::{TYPST, Theme, stamp, tool};

/// Makes a release again. `target` is the platform that this is, as a release names it.
#[must_use]
pub fn rebuild(folder: &str, files: &Files, target: &str) -> (Rebuilt, Vec<Diagnostic>) {
    let made = Material::of(files).and_then(|material| Ok((material.make()?, material)));
    let (made, material) = match made {
        Ok(made) => made,
        Err(why) => {
            let help = "the inputs and the document do not belong together, or another version of techfile wrote them";
            let finding = about(Code::RebuildDiffers, folder, format!("`{folder}` cannot be made again: {why}"), help);
            return (Rebuilt::Differs, vec![finding]);
        }
    };
    let same_program = material.said.builder == builder() && material.said.internal.typst == TYPST;
    if !same_program {
        return other_program(folder, files, &made, &material);
    }
    let same_platform = material.said.internal.target == target;
    let stem = &material.stem;
    let of_pages =
        [format!("{stem}.pdf"), format!("{stem}.pdf.sha256"), format!("{stem}.intoto.json"), SUMS.to_owned()];
    let mut findings = Vec::new();
    let names = files.keys().chain(made.keys().filter(|name| !files.contains_key(*name)));
    for name in names.filter(|name| same_platform || !of_pages.contains(name)) {
        let what = match (files.get(name), made.get(name)) {
            (Some(was), Some(is)) if was == is => continue,
            (_, None) => "is not made again",
            (None, _) => "is made again, but is not in the release",
            _ => "has other bytes when it is made again",
        };
        findings.push(differs(&below(folder, name), what));
    }
    if same_platform {
        let state = if findings.is_empty() { Rebuilt::Equal } else { Rebuilt::Differs };
        return (state, findings);
    }
    let pdf = &of_pages[0];
    if let Some(what) = pdf_differs(files.get(pdf), made.get(pdf)) {
        findings.push(differs(&below(folder, pdf), what));
    }
    if !findings.is_empty() {
        return (Rebuilt::Differs, findings);
    }
    let was = &material.said.internal.target;
    let bytes =
        if files.get(pdf) == made.get(pdf) { "the bytes of the PDF" } else { "the words and attachments of the PDF" };
    (
        Rebuilt::Partly(format!("on {target}, where {was} had made it: ids, all other files and {bytes} are equal")),
        findings,
    )
}

/// What does not depend on the version: what is said, and perhaps its words.
fn other_program(folder: &str, files: &Files, made: &Files, material: &Material) -> (Rebuilt, Vec<Diagnostic>) {
    let stem = &material.stem;
    let content = format!("{stem}.files/content.json");
    let equal = |name: &str| files.get(name).is_some() && files.get(name) == made.get(name);
    if !equal(&content) {
        return (Rebuilt::Differs, vec![differs(&below(folder, &content), "has other bytes when it is made again")]);
    }
    let was = material.said.builder.trim_start_matches(BUILDER).replace(':', " ");
    let words = if equal(&format!("{stem}.md")) {
        "the content id and the Markdown are equal"
    } else {
        "the content id is equal"
    };
    let sentence = format!(
        "by {} with Typst {TYPST}, where {was} had made it: {words}; pages and build id were not compared",
        tool()
    );
    (Rebuilt::Partly(sentence), Vec::new())
}

fn differs(file: &str, what: &str) -> Diagnostic {
    let help =
        "the document and its inputs do not belong together: the ledger and SHA256SUMS tell which is the released one";
    about(Code::RebuildDiffers, file, format!("`{file}` {what}"), help)
}

/// What two PDFs of two platforms say differently.
fn pdf_differs(was: Option<&Vec<u8>>, is: Option<&Vec<u8>>) -> Option<&'static str> {
    let (Some(was), Some(is)) = (was, is) else { return Some("is not made again") };
    if was == is {
        return None;
    }
    let (was, is) = (pages::look("", was), pages::look("", is));
    if was.carried != is.carried {
        return Some("carries other files when it is made again");
    }
    let words = |looked: &pages::Looked| looked.words.concat().replace(' ', "");
    (words(&was) != words(&is)).then_some("says other words when it is made again")
}

/// What a release was made of.
struct Material {
    stem: String,
    said: Said,
    ids: Ids,
    /// Answers and evidence by their paths from the root.
    read: BTreeMap<String, Arc<[u8]>>,
    catalog: Catalog,
    earlier: Option<Earlier>,
}

impl Material {
    fn of(files: &Files) -> Result<Self, String> {
        let stem = stem(files).ok_or("it has no manifest")?;
        let manifest = files.get(&format!("{stem}.manifest.json")).ok_or("it has no manifest")?;
        let ids = ids::manifest("the manifest", manifest).map_err(|finding| finding.message)?;
        let said = files.get(&format!("{stem}.intoto.json")).ok_or("it has no statement")?;
        let said = statement::read(said).map_err(|why| format!("its statement {why}"))?;
        let within = |prefix: &str| -> Vec<(String, Vec<u8>)> {
            let own =
                files.iter().filter_map(|(name, bytes)| Some((name.strip_prefix(prefix)?.to_owned(), bytes.clone())));
            own.collect()
        };
        let earlier = earlier(&ids.manifest["earlier"], files.get(EARLIER))?;
        let mut read = within(ANSWERS).into_iter().map(|(name, bytes)| (name, Arc::from(bytes))).collect();
        wanted(&said.external.answers, &mut read);
        Ok(Self { catalog: Catalog::only(within(CATALOG)), stem, said, ids, read, earlier })
    }

    /// All stages, from the answers as they were written to the files of a release.
    fn make(&self) -> Result<Files, String> {
        let path = &self.said.external.answers;
        let bytes = self.read.get(path).ok_or_else(|| format!("`{path}` is not in `{ANSWERS}`"))?;
        let source = Source::from_bytes(path.as_str(), bytes).map_err(|error| error.to_string())?;
        let first = |findings: &[Diagnostic]| findings.first().map(|found| found.message.clone()).unwrap_or_default();
        let answers = Answers::parse_within(source, Limits::HIGHEST).map_err(|rejected| first(rejected.findings()))?;
        let answers = filled(answers, path, &self.read);
        let wanted = answers.wants().into_iter().map(|wanted| {
            let found = named_by(path, &wanted.path).and_then(|path| self.read.get(&path));
            let state = found.map_or(FileState::Missing, |bytes| FileState::Bytes(Arc::clone(bytes)));
            (wanted.path, state)
        });
        let mut answers = bind(answers, &wanted.collect());
        let beside = crate::collect::path(path);
        if let Some(lists) = self.read.get(&beside) {
            let lists = std::str::from_utf8(lists).map_err(|error| format!("`{beside}`: {error}"))?;
            answers = crate::collect::put(answers, &beside, lists).map_err(|rejected| first(rejected.findings()))?;
        }
        let checked = check(answers, &self.catalog).map_err(|unchecked| match unchecked {
            Unchecked::Rejected(rejected) => first(rejected.findings()),
            Unchecked::Catalog(error) => error.to_string(),
        })?;
        let document =
            crate::render::render(checked, &self.stem, self.earlier.as_ref()).map_err(|error| error.to_string())?;
        let stamped = stamp(document, Theme::of(&self.catalog).map_err(|error| error.to_string())?);
        let facts = Facts::of(&stamped);
        let bundle = crate::bundle::bundle(crate::typeset::typeset(stamped).map_err(|error| error.to_string())?);
        let origin = Origin { answers: path, read: &self.read, target: &self.said.internal.target };
        let made = release(&self.catalog, &facts, &bundle, &origin).map_err(|error| error.to_string())?;
        if facts.revision() != self.ids.revision {
            return Err(format!("the answers are of revision {}", facts.revision()));
        }
        Ok(made.files)
    }
}

/// Answers with the values that they draw from other files.
fn filled(answers: Answers, own: &str, files: &BTreeMap<String, Arc<[u8]>>) -> Answers {
    let read = |path: String| {
        let found = files.get(&path).map_or(FileState::Missing, |bytes| FileState::Bytes(Arc::clone(bytes)));
        (path, found)
    };
    let drawn = draw(answers, own, |wanted, _| {
        Ok::<Read, Infallible>(wanted.into_iter().map(|wanted| read(wanted.path)).collect())
    });
    match drawn {
        Ok(answers) => answers,
        Err(never) => match never {},
    }
}

/// Leaves of these files what a release reads: the answers, what they name and draw from, the original of a translation
/// and what that names. Another file was put there later, and is not made again.
fn wanted(answers: &str, files: &mut BTreeMap<String, Arc<[u8]>>) {
    let parsed = |path: &str| -> Option<Answers> {
        let answers = Answers::parse_within(Source::from_bytes(path, files.get(path)?).ok()?, Limits::HIGHEST).ok()?;
        Some(filled(answers, path, files))
    };
    let named = |of: &Answers, path: &str| -> Vec<String> {
        let evidence = of.wants().into_iter().filter_map(|named| named_by(path, &named.path));
        evidence.chain(of.drawn().iter().map(|drawn| drawn.path.clone())).collect()
    };
    let mut wanted = BTreeSet::from([answers.to_owned(), crate::collect::path(answers)]);
    if let Some(own) = parsed(answers) {
        wanted.extend(named(&own, answers));
        if let Some(original) = own.original().and_then(|named| named_by(answers, &named.path)) {
            wanted.extend(parsed(&original).map(|of| named(&of, &original)).unwrap_or_default());
            wanted.insert(original);
        }
    }
    files.retain(|path, _| wanted.contains(path));
}

/// The release that the document is compared with, as `inputs/earlier.json` holds it and the manifest names it.
fn earlier(named: &Json, bytes: Option<&Vec<u8>>) -> Result<Option<Earlier>, String> {
    if named.is_null() {
        return Ok(None);
    }
    let bytes = bytes.ok_or_else(|| format!("`{EARLIER}` is missing"))?;
    let said = changes::Said::from_json(bytes).map_err(|why| format!("`{EARLIER}`: {why}"))?;
    let digest = |key: &str| named[key].as_str().and_then(Digest::parse).ok_or("its manifest names no earlier release");
    let earlier = Earlier::new(said, digest("ledger_head")?);
    if named["revision"] != earlier.revision.as_str() || digest("content_id")? != earlier.content_id {
        return Err(format!("`{EARLIER}` is not the release that the manifest names"));
    }
    Ok(Some(earlier))
}
