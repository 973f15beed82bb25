//! The stage itself: words, templates and answers into a document.
//!
//! Comes in: checked answers. Goes out: a document, or a fault in the kind. Here is the order of things: control pages
//! first, because their headings come first; then the body, whose digest tells which approvals stand; then the control
//! pages once more, with that.

use std::collections::{BTreeMap, BTreeSet};

use memchr::memmem;
use pulldown_cmark::{Event, Parser, Tag};
use tera::{Tera, Value};

use super::changes::Since;
use super::context::{Context, frameworks};
use super::filters::{Knowledge, Provision, register};
use super::layout::{Laid, Marking, Meaning, Names, TARGET};
use super::slugs::Slugs;
use super::{Document, Enclosed, Input, TemplateError, Words, escape, prose};
use crate::answers::Drawn;
use crate::catalog::{Application, Catalog, CatalogError, SEALED, framework_path, schema_path, translation_path};
use crate::changes::Earlier;
use crate::check::{CheckedAnswers, MARKDOWN, Signature, Status};
use crate::diagnostic::{Code, Diagnostic};
use crate::digest::Digest;
use crate::identity::{Identity, identify};

const COMPONENTS: &str = "components.md.tera";
const CONTROL: &str = "control.md.tera";
const SUMMARY: &str = "summary.md.tera";
const FOLDER: &str = "templates/";
const SUFFIX: &str = ".md.tera";

/// What documents of a kind are called, in its own words.
pub(super) const KIND_TITLE: &str = "kind_title";

/// Words that the program itself prints.
const WORDS: [&str; 10] = [
    "date_format",
    "decimal_separator",
    "evidence_bytes",
    KIND_TITLE,
    "marker_not_applicable",
    "marker_pending",
    "marker_pending_due",
    "marker_pending_owner",
    "marker_to_follow",
    "month_01",
];

pub(super) fn render(
    checked: CheckedAnswers<'_>,
    stem: &str,
    earlier: Option<&Earlier>,
) -> Result<Document, TemplateError> {
    let identity = identify(&checked);
    let (words, word_paths) = words(&checked)?;
    let sources = templates(&checked)?;
    let values = Values::of(&checked, &words);
    let tera = tera(&values.context, &sources, &words, stem)?;
    let named = named_clauses(&sources);
    let quoted = |id: &str| named.contains(id);
    let since = Since::of(&checked, &words, earlier).map_err(of_catalog)?;
    let pages = Pages::render(values, &tera, &identity, stem, &quoted, since.as_ref())?;
    let files = enclosed(&checked, &pages.body, stem);
    let inputs = inputs(&checked, &sources, &word_paths);
    let drawn = checked.answers().drawn().to_vec();
    let read = checked.evidence().iter().filter_map(|item| {
        let (size, sha256) = item.file_id?;
        Some(Drawn { path: item.file.clone(), size, sha256 })
    });
    let evidence: Vec<Drawn> = read.collect();
    let front_matter = front_matter(&checked, &identity);
    let Pages { control: control_pages, body, outdated, suspects } = pages;
    let approvals = &checked.sign_off().approvals;
    let digest = Digest::of(body.as_bytes());
    let approvals = approvals.iter().filter(|approval| approval.body.is_some() && stands(approval, &identity, digest));
    let approved_by = approvals.map(|approval| approval.by.clone()).collect();
    let kind = checked.kind().id().to_owned();
    let CheckedAnswers { control, sign_off, mut remarks, .. } = checked;
    remarks.extend(outdated);
    let (stem, words) = (stem.to_owned(), words.0);
    Ok(Document {
        stem,
        kind,
        control,
        sign_off,
        identity,
        front_matter,
        control_pages,
        body,
        words,
        files,
        inputs,
        sources: drawn,
        evidence,
        earlier: earlier.cloned(),
        approved_by,
        suspects,
        remarks,
    })
}

fn words(checked: &CheckedAnswers<'_>) -> Result<(Words, Vec<String>), TemplateError> {
    let language = &checked.control().language;
    let words = checked.catalog().words(checked.kind().id(), language).map_err(of_catalog)?;
    let paths = words.paths().to_vec();
    let words = Words(words.all().clone());
    match WORDS.iter().find(|name| words.find(name).is_none()) {
        Some(name) => {
            let message = format!("the words of the language `{language}` have no `{name}`");
            let file = usize::from(*name == KIND_TITLE);
            Err(TemplateError { place: paths.get(file).cloned().unwrap_or_default(), message })
        }
        None => Ok((words, paths)),
    }
}

fn of_catalog(error: CatalogError) -> TemplateError {
    TemplateError { place: error.file, message: error.message }
}

/// The templates that may take part: the shared ones, the kind's own, and those in a folder named after the kind.
fn templates<'c>(checked: &CheckedAnswers<'c>) -> Result<Vec<(&'c str, &'c str)>, TemplateError> {
    let catalog = checked.catalog();
    let own = Catalog::template_path(checked.kind().id());
    let folder = format!("{FOLDER}{}/", checked.kind().id());
    let shared = [format!("{FOLDER}{COMPONENTS}"), format!("{FOLDER}{CONTROL}")];
    let taken = |path: &&str| **path == own || shared.iter().any(|known| known == path) || path.starts_with(&folder);
    let paths: Vec<&str> = catalog.paths().filter(|path| path.ends_with(SUFFIX)).filter(taken).collect();
    for path in shared.iter().chain([&own]) {
        catalog.text(path).map_err(of_catalog)?;
    }
    paths.into_iter().map(|path| Ok((path, catalog.text(path).map_err(of_catalog)?))).collect()
}

/// The answers as templates see them, and what making them left.
struct Values<'a> {
    context: Context<'a>,
    document: Value,
    translation_of: Value,
    own: Value,
}

impl<'a> Values<'a> {
    fn of(checked: &'a CheckedAnswers<'a>, words: &'a Words) -> Self {
        let mut context = Context::new(checked, words);
        let document = context.property("document");
        let (translation_of, own) = (context.property("translation_of"), context.own());
        // Only for the check that nothing is dropped: the register itself comes with what is known of the files.
        context.property("evidence");
        Self { context, document, translation_of, own }
    }
}

/// The days from which provisions apply, each once.
fn days(application: &Application) -> Vec<String> {
    let mut days: Vec<String> = application.dates.iter().map(|start| start.from.clone()).collect();
    days.dedup();
    days
}

fn tera(context: &Context<'_>, sources: &[(&str, &str)], words: &Words, stem: &str) -> Result<Tera, TemplateError> {
    let checked = context.checked;
    let catalog = checked.catalog();
    let mut clauses = BTreeMap::new();
    for id in frameworks(checked) {
        let Some(wording) = catalog.framework_in(id, &checked.control().language) else { continue };
        let wording = wording.map_err(of_catalog)?;
        for clause in wording.law().clauses() {
            let provision = wording.label(clause).map(|label| Provision {
                label: label.to_owned(),
                title: wording.heading(clause).map(str::to_owned),
                text: wording.text(clause).map(str::to_owned),
                applies_from: wording.law().applies(clause).map_or_else(Vec::new, days),
            });
            clauses.insert(format!("{id}:{}", clause.id), provision.map_err(|error| error.to_string()));
        }
    }
    // What an answer shows in its own place is not shown a second time.
    let placed: BTreeSet<String> = context.prose.iter().flat_map(|(_, text)| prose::pictures(text)).collect();
    let shown = Shown { checked, stem };
    let pictures = checked.evidence().iter().filter(|item| !placed.contains(&item.id)).map(|item| {
        let (target, alt) = prose::Evidence::picture(&shown, &item.id);
        (item.id.clone(), (target, alt.unwrap_or_else(|| item.title.clone())))
    });
    let mut tera = Tera::new();
    tera.autoescape_on([SUFFIX]);
    tera.set_escape_fn(|text, out| out.write_all(escape::plain(text).as_bytes()));
    register(&mut tera, Knowledge { words: words.clone(), clauses, pictures: pictures.collect() });
    let named = sources.iter().map(|(path, text)| (path.strip_prefix(FOLDER).unwrap_or(path), *text));
    // The control pages include the summary of the kind, if it has one, under a name that is the same for all kinds.
    let own = format!("{}/{SUMMARY}", checked.kind().id());
    let has_one = sources.iter().any(|(path, _)| path.strip_prefix(FOLDER) == Some(own.as_str()));
    let summary = if has_one { format!("{{% include \"{own}\" %}}") } else { String::new() };
    let named = named.chain([(SUMMARY, summary.as_str())]);
    tera.add_raw_templates(named).map_err(|error| of_tera(&error, FOLDER))?;
    Ok(tera)
}

/// Clauses that templates name with their ids.
fn named_clauses<'t>(sources: &[(&str, &'t str)]) -> BTreeSet<&'t str> {
    const BEFORE: &str = "clause=\"";
    let named = |(_, text): &(&str, &'t str)| {
        let places: Vec<&'t str> = memmem::find_iter(text.as_bytes(), BEFORE)
            .filter_map(|at| Some(text[at + BEFORE.len()..].split_once('"')?.0))
            .collect();
        places
    };
    sources.iter().flat_map(named).collect()
}

/// Where Tera says that the fault is, and what it says.
fn of_tera(error: &tera::Error, template: &str) -> TemplateError {
    use tera::ErrorKind::{RenderingError, SyntaxError};
    match error.kind() {
        RenderingError(report) | SyntaxError(report) => {
            let span = report.span();
            let place = format!("{FOLDER}{}:{}:{}", report.filename(), span.start_line, span.start_col + 1);
            // After this Tera lists every name that there is.
            let message = report.message().split(". Available").next().unwrap_or_default().to_owned();
            TemplateError { place, message }
        }
        _ => {
            // Several faults come as one text of the form `error: …`, then `--> file:line:column`.
            let text = error.to_string();
            let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
            let place = text.lines().find_map(|line| line.trim().strip_prefix("--> "));
            TemplateError {
                place: place.map_or_else(|| template.to_owned(), |place| format!("{FOLDER}{place}")),
                message: first.trim().trim_start_matches("error: ").to_owned(),
            }
        }
    }
}

/// Where evidence is shown in this document.
struct Shown<'s, 'c> {
    checked: &'s CheckedAnswers<'c>,
    stem: &'s str,
}

impl prose::Evidence for Shown<'_, '_> {
    fn link(&self, id: &str) -> String {
        TARGET.name(&format!("evidence:{id}"))
    }

    fn picture(&self, id: &str) -> (String, Option<String>) {
        let item = self.checked.evidence().iter().find(|item| item.id == id);
        let name = item.map_or_else(|| id.to_owned(), crate::check::Evidence::file_name);
        (escape::file(&format!("{}.files/{name}", self.stem)), item.and_then(|item| item.alt.clone()))
    }
}

struct Pages {
    control: String,
    body: String,
    outdated: Vec<Diagnostic>,
    suspects: Vec<String>,
}

impl Pages {
    fn render(
        values: Values<'_>,
        tera: &Tera,
        identity: &Identity,
        stem: &str,
        quoted: &dyn Fn(&str) -> bool,
        since: Option<&Since<'_>>,
    ) -> Result<Self, TemplateError> {
        let Values { context, document, translation_of, own } = values;
        let (checked, words) = (context.checked, context.words);
        let template = Catalog::template_path(checked.kind().id());
        if let Some(pointer) = context.refused.first() {
            let message = format!("the answer `{pointer}` holds a character for private use, which `check` refuses");
            return Err(TemplateError { place: template, message });
        }
        let mut shared = tera::Context::new();
        let w = words.0.iter().map(|(name, word)| (name.clone().into(), Value::normal_string(word)));
        shared.insert_value("w", Value::from(w.collect::<tera::Map>()));
        shared.insert_value("document", document);
        shared.insert_value("translation_of", translation_of);
        shared.insert_value("kind", context.kind().map_err(of_catalog)?);
        shared.insert_value("open_points", context.open_points());
        shared.insert_value("answers", own);
        shared.insert_value("coverage", context.coverage().map_err(of_catalog)?);
        let mut values = shared.clone();
        values.insert_value("evidence", context.evidence());
        values.insert_value("law", context.law(quoted).map_err(of_catalog)?);

        let evidence = Shown { checked, stem };
        let (prose, markers) = (context.prose.as_slice(), context.markers.as_slice());
        let about_control = Meaning { template: &format!("{FOLDER}{CONTROL}"), prose, markers, evidence: &evidence };
        let about_body = Meaning { template: &template, prose, markers, evidence: &evidence };
        let write = |about: &Meaning<'_>, values: &tera::Context, slugs: &mut Slugs| {
            let name = about.template.strip_prefix(FOLDER).unwrap_or(about.template);
            let rendered = tera.render(name, values).map_err(|error| of_tera(&error, about.template))?;
            about.lay(&rendered, slugs)
        };
        let mut slugs = Slugs::default();
        let changes =
            |names: &Names| since.map_or_else(|| Ok(Value::none()), |since| since.value(names)).map_err(of_catalog);
        shared.insert_value("since", changes(&Names::new())?);
        shared.insert_value("sign_off", context.sign_off(&|_| true, &|_| false).map_err(of_catalog)?);
        let first = write(&about_control, &shared, &mut slugs)?;
        let laid = write(&about_body, &values, &mut slugs)?;
        let mut names = first.names;
        names.extend(laid.names.clone());
        let body = about_body.link(&laid.text, &names)?;
        let digest = Digest::of(body.as_bytes());
        let suspects = suspects(checked, identity, digest);
        let signed = context
            .sign_off(&|signature| stands(signature, identity, digest), &|signature| suspects.contains(&signature))
            .map_err(of_catalog)?;
        shared.insert_value("sign_off", signed);
        // Only now is it known which headings there are to lead to.
        shared.insert_value("since", changes(&names)?);
        let again = write(&about_control, &shared, &mut Slugs::default())?;
        let control = about_control.link(&again.text, &names)?;
        complete(&context, [&again, &laid], [&control, &body], &template)?;
        let mut remarks = outdated(checked, identity, digest);
        remarks.extend(too_early(checked, identity, digest));
        let mut scopes: Vec<String> = Vec::new();
        for review in suspects {
            let scope = scope(checked, review).map_err(of_catalog)?;
            let message = format!("{scope} has changed since {} reviewed it", review.by);
            let finding = Diagnostic::warning(Code::Suspect, review.place.clone(), message);
            remarks.push(finding.clauses(review.clause.clone()).help(AGAIN));
            if !scopes.contains(&scope) {
                scopes.push(scope);
            }
        }
        Ok(Self { control, body, outdated: remarks, suspects: scopes })
    }
}

/// Nothing answered is dropped: every text, Markdown answer and marker is in the body, which is what people sign; what
/// all kinds share may stand on the control pages alone.
fn complete(context: &Context<'_>, laid: [&Laid; 2], words: [&str; 2], template: &str) -> Result<(), TemplateError> {
    // Control pages first, then the body.
    let first = |pointer: &str| {
        let top = pointer.split('/').nth(1).unwrap_or("");
        usize::from(!SEALED.contains(&top))
    };
    let printed = |pointer: &str, text: &str| {
        words[first(pointer)..].iter().any(|words| memmem::find(words.as_bytes(), text.as_bytes()).is_some())
    };
    let texts = context.texts.iter().filter(|(pointer, text)| !printed(pointer, &escape::plain(text)));
    let prose = context
        .prose
        .iter()
        .enumerate()
        .filter(|(at, (pointer, _))| !laid[first(pointer)..].iter().any(|laid| laid.prose.contains(at)));
    let markers = context.markers.iter().enumerate().filter(|(at, Marking { pointer, said, .. })| {
        !printed(pointer, said) || !laid[first(pointer)..].iter().any(|laid| laid.markers.contains(at))
    });
    let mut lost = texts.chain(prose.map(|(_, answer)| answer)).map(|(pointer, _)| pointer);
    match lost.next().or(markers.map(|(_, marking)| &marking.pointer).next()) {
        Some(pointer) => {
            let place = if first(pointer) == 0 { "" } else { " in the body" };
            let message = format!("the answer `{pointer}` is printed nowhere{place}");
            Err(TemplateError { place: template.to_owned(), message })
        }
        None => Ok(()),
    }
}

/// Whether somebody signed these very words.
fn stands(signature: &Signature, identity: &Identity, body: Digest) -> bool {
    let signed = match &signature.clause {
        Some(clause) => identity.clauses.get(clause).copied(),
        None => Some(identity.content_id),
    };
    signature.content.is_some() && signature.content == signed && signature.body.is_none_or(|signed| signed == body)
}

const AGAIN: &str = "let somebody review it as it is now: `techfile sign-off … --review` prints the lines to add";

/// What somebody reviewed, in words.
fn scope(checked: &CheckedAnswers<'_>, review: &Signature) -> Result<String, CatalogError> {
    match &review.clause {
        Some(clause) => checked.catalog().cite_in(clause, "en"),
        None => Ok("the document".to_owned()),
    }
}

/// Reviews of what has changed and was not reviewed again. A review of the whole document as it is covers every clause.
fn suspects<'a>(checked: &'a CheckedAnswers<'_>, identity: &Identity, body: Digest) -> Vec<&'a Signature> {
    let reviews = &checked.sign_off().reviews;
    let current: Vec<&Option<String>> =
        reviews.iter().filter(|review| stands(review, identity, body)).map(|review| &review.clause).collect();
    if current.iter().any(|scope| scope.is_none()) {
        return Vec::new();
    }
    reviews.iter().filter(|review| !current.contains(&&review.clause)).collect()
}

/// Approvals of other words than these. One good approval is enough; without one an approved document is none.
fn outdated(checked: &CheckedAnswers<'_>, identity: &Identity, body: Digest) -> Vec<Diagnostic> {
    let sign_off = checked.sign_off();
    let stands = |approval: &&Signature| approval.body.is_some() && stands(approval, identity, body);
    let needed = sign_off.status == Status::Approved && !sign_off.approvals.iter().any(|approval| stands(&approval));
    let old = sign_off.approvals.iter().filter(|approval| !stands(approval));
    let findings = old.map(|approval| {
        let message = format!("{} approved other words than these", approval.by);
        let place = approval.place.clone();
        let finding = if needed {
            Diagnostic::error(Code::ApprovalOutdated, place, message)
        } else {
            Diagnostic::warning(Code::ApprovalOutdated, place, message)
        };
        let label = if approval.content == Some(identity.content_id) {
            "the answers are the same, the words of the document are not"
        } else {
            "the answers or the evidence have changed since"
        };
        finding
            .label(label)
            .help("read the changes, run `techfile sign-off` and paste what it prints in place of this approval")
    });
    findings.collect()
}

/// Nobody approved what was not written yet. An approval of other words may well be older: it is outdated, and no date of
/// it is wrong.
fn too_early(checked: &CheckedAnswers<'_>, identity: &Identity, body: Digest) -> Vec<Diagnostic> {
    let node = |pointer: String| checked.answers().root().at(&pointer).map(|node| node.place(pointer));
    let written = &checked.control().date;
    let approvals = checked.sign_off().approvals.iter().enumerate();
    let early = approvals.filter(|(_, one)| stands(one, identity, body) && one.date < *written);
    let findings = early.map(|(index, approval)| {
        let message = format!("the approval of {} lies before the document's date {written}", approval.date);
        let place = node(format!("/sign_off/approvals/{index}/date")).unwrap_or_else(|| approval.place.clone());
        let mut finding = Diagnostic::error(Code::DateOrder, place, message);
        if let Some(date) = node("/document/date".to_owned()) {
            finding = finding.related(date, "date of the document");
        }
        finding.help("mend the date that is wrong, or approve the document again")
    });
    findings.collect()
}

/// Evidence files that the words show or the document carries.
fn enclosed(checked: &CheckedAnswers<'_>, body: &str, stem: &str) -> Vec<Enclosed> {
    let mut pictures: Vec<String> = Vec::new();
    for event in Parser::new_ext(body, MARKDOWN) {
        if let Event::Start(Tag::Image { dest_url, .. }) = event {
            pictures.push(dest_url.into_string());
        }
    }
    let files = checked.evidence().iter().filter_map(|item| {
        let file = checked.answers().files().iter().find(|file| file.id() == item.id && file.path() == item.file)?;
        let name = item.file_name();
        let shown = pictures.contains(&escape::file(&format!("{stem}.files/{name}")));
        let (media_type, title, bytes) = (file.media_type(), item.title.clone(), file.bytes()?);
        (shown || item.attach).then_some(Enclosed { name, media_type, title, bytes, shown, attached: item.attach })
    });
    files.collect()
}

/// Catalogue files that went into the document.
fn inputs(checked: &CheckedAnswers<'_>, templates: &[(&str, &str)], words: &[String]) -> Vec<Input> {
    let catalog = checked.catalog();
    let mut files: Vec<(&'static str, String)> = vec![("schema", schema_path(checked.kind().id()))];
    files.push(("schema", schema_path("common")));
    files.extend(templates.iter().map(|(path, _)| ("template", (*path).to_owned())));
    files.extend(words.iter().map(|path| ("words", path.clone())));
    for id in frameworks(checked) {
        files.push(("clauses", framework_path(id)));
        files.push(("clauses", translation_path(&checked.control().language, id)));
    }
    let mut inputs: Vec<Input> = files.into_iter().filter_map(|(role, path)| Input::of(catalog, role, path)).collect();
    inputs.sort_by(|a, b| a.path.cmp(&b.path));
    inputs
}

/// Who the document is, before its first word: YAML whose every value is quoted.
fn front_matter(checked: &CheckedAnswers<'_>, identity: &Identity) -> String {
    let control = checked.control();
    let lines = [
        ("kind", checked.kind().id()),
        ("document", &control.id),
        ("revision", &control.revision),
        ("language", &control.language),
        ("content_id", &identity.content_id.prefixed()),
    ];
    // A JSON string is a YAML one.
    let quoted = lines.map(|(name, value)| format!("{name}: {}\n", serde_json::Value::from(value)));
    format!("---\n{}---\n", quoted.concat())
}
