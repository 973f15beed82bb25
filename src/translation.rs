//! A translation held against its original: other words, the same facts.
//!
//! Comes in: [`CheckedAnswers`] that say which file they translate, and what became of that file. Goes out: findings.
//! Structure, markers, numbers, dates, choices, references and ids must be equal; texts may differ, but not in the numbers
//! they hold. Which answers are which, the schema says. Knows nothing of files.

mod numbers;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use crate::answers::{FileState, Marker, MarkerKind, Node, join};
use crate::catalog::Shape;
use crate::check::{CheckedAnswers, Status};
use crate::diagnostic::{Code, Diagnostic, Place, Severity};
use crate::digest::Digest;
use crate::identity::identify;

/// Which document these answers translate.
const FILE: &str = "/translation_of/file";
/// And which state of it.
const CONTENT_ID: &str = "/translation_of/content_id";

/// Parts that belong to the translation alone.
const OWN: [&str; 4] = ["kind", "document", "sign_off", "translation_of"];
/// The register of evidence, and what a translation may say there in its own way: a file may be a translation, too.
const EVIDENCE: &str = "/evidence";
const EVIDENCE_OWN: [&str; 4] = ["title", "file", "sha256", "alt"];

/// What became of the original.
#[derive(Debug)]
pub enum Original<'o> {
    /// It was read and has no error.
    Checked(&'o CheckedAnswers<'o>),
    /// It was read and has errors.
    Faulty(&'o [Diagnostic]),
    /// It could not be read.
    Unread(&'o FileState),
}

/// Holds a translation against its original.
#[must_use]
pub fn judge(translation: &CheckedAnswers<'_>, original: &Original<'_>) -> Vec<Diagnostic> {
    let root = translation.answers().root();
    let (Some(file), Some(path)) = (root.at(FILE), text(translation, FILE)) else { return Vec::new() };
    let place = file.place(FILE);
    match original {
        Original::Unread(state) => unread(path, state, place).into_iter().collect(),
        Original::Faulty(findings) => vec![faulty(path, findings, place)],
        Original::Checked(original) => {
            if let Some(further) = text(original, FILE) {
                let message = format!("`{path}` is itself a translation, of `{further}`");
                return vec![
                    Diagnostic::error(Code::WrongValue, place, message)
                        .help("name the original here, and its content id below"),
                ];
            }
            held(translation, original)
        }
    }
}

fn text<'c>(checked: &'c CheckedAnswers<'_>, pointer: &str) -> Option<&'c str> {
    checked.value().pointer(pointer)?.as_str()
}

fn unread(path: &str, state: &FileState, place: Place) -> Option<Diagnostic> {
    let finding = match state {
        FileState::Bytes(_) => return None,
        FileState::Missing => {
            Diagnostic::error(Code::DanglingReference, place, format!("there is no original `{path}`"))
                .help("put the original there, or mend the path; it counts from the folder of this file")
        }
        FileState::Folder => {
            Diagnostic::error(Code::DanglingReference, place, format!("`{path}` is a folder, not the original"))
                .help("name the answers file that this one translates")
        }
        FileState::Refused(why) => Diagnostic::error(Code::UnsafePath, place, format!("`{path}` is refused: {why}"))
            .help("keep a translation beside its original"),
        FileState::TooLarge(why) => Diagnostic::error(Code::Limit, place, format!("`{path}` is too large: {why}")),
    };
    Some(finding)
}

fn faulty(path: &str, findings: &[Diagnostic], place: Place) -> Diagnostic {
    let errors: Vec<&Diagnostic> = findings.iter().filter(|found| found.severity == Severity::Error).collect();
    let count = if errors.len() == 1 { "an error".to_owned() } else { format!("{} errors", errors.len()) };
    let message = format!("the original `{path}` has {count}, so nothing can be held against it");
    let finding = Diagnostic::error(Code::TranslationDiffers, place, message);
    let finding = match errors.first() {
        Some(first) => finding.related(first.place.clone(), first.message.clone()),
        None => finding,
    };
    finding.help("run `techfile check` on the original first")
}

fn held(translation: &CheckedAnswers<'_>, original: &CheckedAnswers<'_>) -> Vec<Diagnostic> {
    let (root, other) = (translation.answers().root(), original.answers().root());
    let place_in = |root: &Node, pointer: &str| root.at(pointer).map(|node| node.place(pointer));
    let both = |pointer: &str| Some((place_in(root, pointer)?, place_in(other, pointer)?));
    let differs = |place: Place, message: String| Diagnostic::error(Code::TranslationDiffers, place, message);
    if translation.kind().id() != original.kind().id() {
        let message = format!("this is a `{}`, the original a `{}`", translation.kind().id(), original.kind().id());
        let finding = both("/kind").map(|(here, there)| differs(here, message).related(there, "the original"));
        return finding.into_iter().collect();
    }
    let mut findings: Vec<Diagnostic> = outdated(translation, original).into_iter().collect();
    if translation.control().language == original.control().language
        && let Some((here, there)) = both("/document/language")
    {
        let message = format!("the translation is in `{}`, like its original", translation.control().language);
        let finding = differs(here, message).related(there, "language of the original");
        findings.push(finding.help("write the language that this file is in"));
    }
    let mut comparison = Comparison { findings, cited: cited(translation), cited_there: cited(original) };
    let here = Side { node: root, json: translation.value() };
    let there = Side { node: other, json: original.value() };
    comparison.parts("", here, there, Some(translation.kind().schema().root()));
    comparison.findings
}

/// Whether the original has moved on since somebody translated it.
fn outdated(translation: &CheckedAnswers<'_>, original: &CheckedAnswers<'_>) -> Option<Diagnostic> {
    let place = translation.answers().root().at(CONTENT_ID)?.place(CONTENT_ID);
    let recorded = Digest::parse(text(translation, CONTENT_ID)?)?;
    let now = identify(original).content_id;
    if recorded == now {
        return None;
    }
    let message = format!("the original has content {} now; content {} was translated", now.short(), recorded.short());
    let finding = if translation.sign_off().status == Status::Approved {
        Diagnostic::error(Code::TranslationOutdated, place, message)
    } else {
        Diagnostic::warning(Code::TranslationOutdated, place, message)
    };
    let path = text(translation, FILE).unwrap_or_default();
    Some(finding.help(format!("review what changed in `{path}`, translate it, then write here: {now}")))
}

/// Ids of the evidence that each answer cites.
fn cited<'c>(checked: &'c CheckedAnswers<'_>) -> BTreeMap<&'c str, BTreeSet<&'c str>> {
    let mut cited: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for item in checked.evidence() {
        for pointer in &item.cited_in {
            cited.entry(pointer).or_default().insert(&item.id);
        }
    }
    cited
}

/// An answer in one of the two files.
#[derive(Clone, Copy)]
struct Side<'a> {
    node: &'a Node,
    json: &'a Json,
}

impl<'a> Side<'a> {
    fn part(self, key: &str) -> Option<Self> {
        Some(Side { node: self.node.get(key)?.node(), json: self.json.get(key)? })
    }

    fn keys(self) -> impl Iterator<Item = &'a str> {
        self.node.entries().iter().map(crate::answers::Entry::key)
    }
}

struct Comparison<'a> {
    findings: Vec<Diagnostic>,
    /// Evidence cited in the translation, by pointer.
    cited: BTreeMap<&'a str, BTreeSet<&'a str>>,
    /// And in the original.
    cited_there: BTreeMap<&'a str, BTreeSet<&'a str>>,
}

impl Comparison<'_> {
    /// The parts of a mapping; those of the whole file without what belongs to the translation alone.
    fn parts(&mut self, pointer: &str, here: Side<'_>, there: Side<'_>, shape: Option<Shape<'_>>) {
        let shape = shape.map(|shape| shape.taken(here.json));
        // Which other questions there are follows from the choice.
        if let Some((choice, _)) = shape.and_then(Shape::discriminator)
            && let (Some(mine), Some(other)) = (here.part(choice), there.part(choice))
            && mine.json != other.json
        {
            let below = join(pointer, choice);
            return self.answer(&below, mine, other, shape.and_then(|shape| shape.property(choice)));
        }
        let evidence = in_evidence(pointer);
        // A file that was translated, too, was issued on a day of its own.
        let file = |side: Side<'_>| side.part("file").map(|file| file.json.clone());
        let other_file = evidence && file(here) != file(there);
        let own = |key: &&str| {
            let translated = evidence && (EVIDENCE_OWN.contains(key) || other_file && *key == "date");
            !(pointer.is_empty() && OWN.contains(key) || translated)
        };
        for key in here.keys().filter(own) {
            let below = join(pointer, key);
            let shape = shape.and_then(|shape| shape.property(key));
            match (here.part(key), there.part(key)) {
                (Some(here), Some(there)) => self.answer(&below, here, there, shape),
                (Some(_), None) => {
                    let Some(entry) = here.node.get(key) else { continue };
                    let message = format!("{} is answered here but not in the original", named(shape, key));
                    self.differs(entry.key_place(below), message, place(there, pointer), "it would be in here");
                }
                _ => {}
            }
        }
        for key in there.keys().filter(own).filter(|key| here.node.get(key).is_none()) {
            let below = join(pointer, key);
            let Some(entry) = there.node.get(key) else { continue };
            let shape = shape.and_then(|shape| shape.property(key));
            let message = format!("{} is answered in the original but not here", named(shape, key));
            let finding_place = Place { pointer: below.clone(), ..place(here, pointer) };
            self.differs(finding_place, message, entry.key_place(below), "answered here");
        }
    }

    fn answer(&mut self, pointer: &str, here: Side<'_>, there: Side<'_>, shape: Option<Shape<'_>>) {
        let key = pointer.rsplit('/').next().unwrap_or_default();
        let name = || named(shape, key);
        let marker = |side: Side<'_>| Marker::of(side.node).filter(|_| !in_evidence(pointer));
        match (marker(here), marker(there)) {
            (Some(mine), Some(other)) if mine.kind == other.kind => {
                if mine.due != other.due {
                    let message = format!("{} is due on another day in the original", name());
                    self.differs(place(here, pointer), message, place(there, pointer), "the original");
                }
                // A reason is an answer; what is open will be one.
                if let (MarkerKind::NotApplicable, Some(mine), Some(other)) = (mine.kind, &mine.text, &other.text) {
                    self.words(pointer, (here, mine), (there, other), &name());
                }
                return;
            }
            (None, None) => {}
            (mine, other) => {
                let said = |marker: &Option<Marker>| {
                    marker.as_ref().map_or_else(|| "answered".to_owned(), |marker| format!("`{}`", marker.kind.key()))
                };
                let message = format!("{} is {} here but {} in the original", name(), said(&mine), said(&other));
                self.differs(place(here, pointer), message, place(there, pointer), "the original");
                return;
            }
        }
        match (here.json, there.json) {
            (Json::Object(_), Json::Object(_)) => self.parts(pointer, here, there, shape),
            (Json::Array(mine), Json::Array(other)) => self.list(pointer, (here, mine), (there, other), shape),
            (Json::String(mine), Json::String(other)) if !shape.is_some_and(Shape::is_coded) => {
                self.words(pointer, (here, mine), (there, other), &name());
            }
            (mine, other) if mine == other => {}
            (mine, other) => {
                let message = format!("{} is {} here but {} in the original", name(), shown(mine), shown(other));
                self.differs(place(here, pointer), message, place(there, pointer), "the original");
            }
        }
    }

    fn list(
        &mut self,
        pointer: &str,
        (here, mine): (Side<'_>, &[Json]),
        (there, other): (Side<'_>, &[Json]),
        shape: Option<Shape<'_>>,
    ) {
        if mine.len() != other.len() {
            let key = pointer.rsplit('/').next().unwrap_or_default();
            let message = format!("{}: {} items here, {} in the original", named(shape, key), mine.len(), other.len());
            self.differs(place(here, pointer), message, place(there, pointer), "the original");
            return;
        }
        let ids = shape.map(|shape| shape.texts("x-unique")).unwrap_or_default();
        let items = shape.and_then(Shape::items);
        let sides = here.node.items().iter().zip(mine).zip(there.node.items().iter().zip(other));
        for (index, ((node, json), (other_node, other_json))) in sides.enumerate() {
            let (here, there) = (Side { node, json }, Side { node: other_node, json: other_json });
            let below = join(pointer, &index.to_string());
            // What tells the items apart is no text to translate; items in another order differ in that alone.
            let other_id = ids.iter().find_map(|id| {
                let (mine, other) = (here.part(id)?, there.part(id)?);
                (mine.json != other.json).then_some((*id, mine, other))
            });
            if let Some((id, mine, other)) = other_id {
                let message = format!("`{id}` is {} here but {} in the original", shown(mine.json), shown(other.json));
                let at = join(&below, id);
                self.differs(place(mine, &at), message, place(other, &at), "the original, at the same place");
            } else {
                self.answer(&below, here, there, items);
            }
        }
    }

    /// Texts may differ, but hardly in their numbers and in the evidence that they cite.
    fn words(&mut self, pointer: &str, (here, mine): (Side<'_>, &str), (there, other): (Side<'_>, &str), name: &str) {
        if mine == other {
            return;
        }
        let lost = numbers::lost(mine, other);
        if !lost.is_empty() {
            let cut = |number: &&str| number.chars().take(40).collect::<String>();
            let first = lost.iter().take(5).map(cut).collect::<Vec<_>>().join(", ");
            let more = if lost.len() > 5 { format!(" and {} more", lost.len() - 5) } else { String::new() };
            let message = format!("{name} lacks numbers of the original: {first}{more}");
            let help = "write the same numbers; if a number became a word, nothing is wrong";
            self.warn(pointer, here, there, message, help);
        }
        let missing = |there: &BTreeSet<&str>| -> Vec<String> {
            let here = self.cited.get(pointer);
            let lost = there.iter().filter(|id| !here.is_some_and(|here| here.contains(*id)));
            lost.map(|id| format!("`{id}`")).collect()
        };
        let missing = self.cited_there.get(pointer).map(missing).unwrap_or_default();
        if !missing.is_empty() {
            let message = format!("{name} does not cite {}, which the original cites", missing.join(", "));
            self.warn(pointer, here, there, message, "cite the same evidence, as [words](evidence:ID)");
        }
    }

    fn warn(&mut self, pointer: &str, here: Side<'_>, there: Side<'_>, message: String, help: &str) {
        let finding = Diagnostic::warning(Code::TranslationDiffers, place(here, pointer), message);
        self.findings.push(finding.related(place(there, pointer), "the original").help(help));
    }

    fn differs(&mut self, here: Place, message: String, there: Place, about: &str) {
        let finding = Diagnostic::error(Code::TranslationDiffers, here, message).related(there, about);
        self.findings.push(finding.help("a translation says the same in other words: mend the file that is wrong"));
    }
}

fn in_evidence(pointer: &str) -> bool {
    pointer.strip_prefix(EVIDENCE).is_some_and(|rest| rest.starts_with('/'))
}

fn place(side: Side<'_>, pointer: &str) -> Place {
    side.node.place(pointer)
}

/// How findings name the answer: the schema's title, else the key.
fn named(shape: Option<Shape<'_>>, key: &str) -> String {
    shape.and_then(Shape::title).map_or_else(|| format!("`{key}`"), str::to_owned)
}

/// A single answer as findings show it.
fn shown(json: &Json) -> String {
    match json {
        Json::String(text) if text.chars().count() > 60 => {
            format!("`{}…`", text.chars().take(60).collect::<String>())
        }
        Json::String(text) => format!("`{text}`"),
        Json::Array(_) => "a list".to_owned(),
        Json::Object(_) => "a group of answers".to_owned(),
        other => format!("`{other}`"),
    }
}
