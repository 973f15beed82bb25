//! Typed answers into the values that templates see.
//!
//! Comes in: checked answers, walked beside their shapes. Goes out: Tera values in which a plain answer is a text to be
//! escaped, a Markdown answer and a marker are signs that `layout` replaces, and every property of the schema is there,
//! so that a template cannot stumble over an answer that was left out. Knows nothing of pages.

use serde_json::Value as Json;
use tera::{Map, Value};

use super::layout::{LINK, MARKER, Marking, PROSE};
use super::{Words, escape, filters};
use crate::answers::{Marker, MarkerKind, join};
use crate::catalog::{CatalogError, Clause, SEALED, Shape};
use crate::check::{CheckedAnswers, CoverState, Covered, Signature};
use crate::diagnostic::Code;
use crate::digest::Digest;

/// Key under which an object that is not answered says what stands in its place.
pub(super) const MARKED: &str = "marked";

/// What walking the answers leaves for later stages.
pub(super) struct Context<'a> {
    pub(super) checked: &'a CheckedAnswers<'a>,
    pub(super) words: &'a Words,
    /// Pointer and text of each Markdown answer.
    pub(super) prose: Vec<(String, String)>,
    /// What stands in place of answers.
    pub(super) markers: Vec<Marking>,
    /// Pointer and text of each plain answer that a person wrote in free words.
    pub(super) texts: Vec<(String, String)>,
    /// Pointers of answers that hold a character of the signs; `check` lets none through.
    pub(super) refused: Vec<String>,
}

impl<'a> Context<'a> {
    pub(super) fn new(checked: &'a CheckedAnswers<'a>, words: &'a Words) -> Self {
        let (prose, markers, texts, refused) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { checked, words, prose, markers, texts, refused }
    }

    /// A property of the file with everything below it.
    pub(super) fn property(&mut self, name: &str) -> Value {
        let shape = self.checked.kind().schema().root().property(name);
        match self.checked.value().get(name) {
            Some(json) => self.value(json, shape, &join("", name)),
            None => shape.map_or_else(Value::none, absent),
        }
    }

    /// The kind's own answers: everything but the parts that all kinds share.
    pub(super) fn own(&mut self) -> Value {
        let root = self.checked.kind().schema().root();
        let own = root.properties().filter(|(name, _)| !SEALED.contains(name));
        let map: Map = own.map(|(name, _)| (name.to_owned().into(), self.property(name))).collect();
        Value::from(map)
    }

    fn value(&mut self, json: &Json, shape: Option<Shape<'_>>, pointer: &str) -> Value {
        if let Some(marker) = self.marker(json, pointer) {
            return self.marked(&marker, shape, pointer);
        }
        match json {
            Json::Null => Value::none(),
            Json::Bool(value) => Value::from(*value),
            Json::Number(number) => number.as_i64().map_or_else(|| Value::from(number.to_string()), Value::from),
            Json::String(text) => self.text(text, shape, pointer),
            Json::Array(items) => {
                let shape = shape.and_then(Shape::items);
                let items = items
                    .iter()
                    .enumerate()
                    .map(|(index, item)| self.value(item, shape, &join(pointer, &index.to_string())));
                Value::from(items.collect::<Vec<_>>())
            }
            Json::Object(object) => {
                let chosen = shape.map(|shape| shape.taken(json));
                let mut map = Map::new();
                for (name, shape) in chosen.iter().flat_map(|shape| shape.properties()) {
                    let value = match object.get(name) {
                        Some(json) => self.value(json, Some(shape), &join(pointer, name)),
                        None => absent(shape),
                    };
                    map.insert(name.to_owned().into(), value);
                }
                for (name, json) in object.iter().filter(|(name, _)| !has(&map, name)).collect::<Vec<_>>() {
                    let of = chosen.and_then(|shape| shape.property(name));
                    let value = self.value(json, of, &join(pointer, name));
                    map.insert(name.clone().into(), value);
                }
                fill(&mut map, shape);
                Value::from(map)
            }
        }
    }

    fn text(&mut self, text: &str, shape: Option<Shape<'_>>, pointer: &str) -> Value {
        if super::layout::has_sign(text) {
            self.refused.push(pointer.to_owned());
        }
        if shape.is_some_and(Shape::is_markdown) {
            self.prose.push((pointer.to_owned(), text.to_owned()));
            return Value::safe_string(&PROSE.number(self.prose.len() - 1));
        }
        if !shape.is_some_and(Shape::is_coded) {
            self.texts.push((pointer.to_owned(), text.to_owned()));
        }
        Value::normal_string(text)
    }

    fn marker(&self, json: &Json, pointer: &str) -> Option<Marker> {
        let object = json.as_object().filter(|object| object.len() == 1)?;
        MarkerKind::ALL.iter().any(|kind| object.contains_key(kind.key())).then_some(())?;
        Marker::of(self.checked.answers().root().at(pointer)?)
    }

    /// In place of a text or a list: a sign. In place of an object: an object of the same shape without answers, so that
    /// no template stumbles, which bears the sign.
    fn marked(&mut self, marker: &Marker, shape: Option<Shape<'_>>, pointer: &str) -> Value {
        let wording = self.wording(marker, pointer);
        self.markers.push(wording);
        let sign = Value::safe_string(&MARKER.number(self.markers.len() - 1));
        match shape.filter(|shape| shape.kind() == Some("object") || shape.properties().next().is_some()) {
            Some(shape) => {
                let mut map = hollow(shape);
                map.insert(MARKED.into(), sign);
                Value::from(map)
            }
            None => sign,
        }
    }

    /// What a reader sees in place of an answer.
    fn wording(&self, marker: &Marker, pointer: &str) -> Marking {
        let word = |name: &str| escape::plain(self.words.get(name));
        let said = marker.text.as_deref().filter(|_| marker.kind != MarkerKind::ToFollow).map(escape::plain);
        let said = said.unwrap_or_default();
        let number = self.checked.open_points().iter().find(|point| point.place.pointer == pointer);
        let number = number.map(|point| format!(" ({})", point.id)).unwrap_or_default();
        let (full, short) = match marker.kind {
            MarkerKind::NotApplicable => (format!("**{}:** {said}", word("marker_not_applicable")), None),
            MarkerKind::ToFollow => (format!("**{}{number}**", word("marker_to_follow")), None),
            MarkerKind::Pending => {
                let owner = marker.owner.as_deref().map(|owner| (word("marker_pending_owner"), escape::plain(owner)));
                let due = marker.due.as_deref().map(|due| filters::date_in_words(due, &self.words.0));
                let due = due.map(|due| (word("marker_pending_due"), escape::plain(&due)));
                let more: Vec<String> =
                    owner.into_iter().chain(due).map(|(word, text)| format!("{word} {text}")).collect();
                let open = format!("{}{number}", word("marker_pending"));
                let dash = if more.is_empty() { "" } else { " — " };
                (format!("**{open}:** {said}{dash}{}", more.join(", ")), Some(format!("**{open}**")))
            }
        };
        Marking { pointer: pointer.to_owned(), full, short, said }
    }

    /// What is still to come, with links to the sections that wait for it.
    pub(super) fn open_points(&self) -> Value {
        let points = self.checked.open_points().iter().map(|point| {
            object([
                ("id", Value::normal_string(&point.id)),
                ("kind", Value::normal_string(point.marker.kind.key())),
                ("what", text(point.marker.text.as_deref().filter(|_| point.marker.kind == MarkerKind::Pending))),
                ("owner", text(point.marker.owner.as_deref())),
                ("due", text(point.marker.due.as_deref())),
                ("where", link(&point.place.pointer)),
            ])
        });
        Value::from(points.collect::<Vec<_>>())
    }

    /// The evidence register, with links to the sections that cite it.
    pub(super) fn evidence(&self) -> Value {
        let items = self.checked.evidence().iter().map(|item| {
            object([
                ("id", Value::normal_string(&item.id)),
                ("title", Value::normal_string(&item.title)),
                ("file", Value::normal_string(&item.file)),
                ("date", text(item.date.as_deref())),
                ("signed_by", text(item.signed_by.as_deref())),
                ("alt", text(item.alt.as_deref())),
                ("attach", Value::from(item.attach)),
                ("size", item.file_id.map_or_else(Value::none, |(size, _)| Value::from(size))),
                ("sha256", text(item.file_id.map(|(_, digest)| digest.to_string()).as_deref())),
                ("cited_in", links(&item.cited_in)),
            ])
        });
        Value::from(items.collect::<Vec<_>>())
    }

    /// The language of the document.
    fn language(&self) -> &str {
        &self.checked.control().language
    }

    /// Each clause, how far it is answered, and where.
    pub(super) fn coverage(&self) -> Result<Value, CatalogError> {
        let catalog = self.checked.catalog();
        let lines = self.checked.coverage().iter().map(|covered| {
            // `check` warns where the clause has no condition of its own.
            let by_chapeau = covered.state == CoverState::NotApplicable
                && self
                    .checked
                    .remarks()
                    .iter()
                    .any(|remark| remark.code == Code::NotApplicable && remark.clauses.contains(&covered.clause));
            Ok(object([
                ("clause", Value::normal_string(&covered.clause)),
                ("label", Value::normal_string(catalog.label_in(&covered.clause, self.language())?)),
                ("state", Value::normal_string(state(covered.state))),
                ("where", if covered.state == CoverState::Missing { Value::none() } else { links(&covered.pointers) }),
                (
                    "reasons",
                    Value::from(covered.reasons.iter().map(|reason| reason.as_str().into()).collect::<Vec<Value>>()),
                ),
                ("by_chapeau", Value::from(by_chapeau)),
            ]))
        });
        Ok(Value::from(lines.collect::<Result<Vec<_>, _>>()?))
    }

    /// Who stands behind it; `stands` tells whether a signature is for these very words, `suspect` whether what was
    /// reviewed has changed and nobody has reviewed it again.
    pub(super) fn sign_off(
        &self,
        stands: &dyn Fn(&Signature) -> bool,
        suspect: &dyn Fn(&Signature) -> bool,
    ) -> Result<Value, CatalogError> {
        let sign_off = self.checked.sign_off();
        let catalog = self.checked.catalog();
        let list = |signatures: &[Signature]| {
            let lines = signatures.iter().map(|signature| {
                let digest = |digest: Option<Digest>| text(digest.map(|digest| digest.short()).as_deref());
                let cite = |clause: &String| catalog.cite_in(clause, self.language());
                Ok(object([
                    ("by", Value::normal_string(&signature.by)),
                    ("role", Value::normal_string(&signature.role)),
                    ("date", Value::normal_string(&signature.date)),
                    ("clause", text(signature.clause.as_ref().map(cite).transpose()?.as_deref())),
                    ("content_id", digest(signature.content)),
                    ("body", digest(signature.body)),
                    ("stands", Value::from(stands(signature))),
                    ("suspect", Value::from(suspect(signature))),
                ]))
            });
            Ok::<_, CatalogError>(Value::from(lines.collect::<Result<Vec<_>, CatalogError>>()?))
        };
        Ok(object([
            ("status", Value::normal_string(sign_off.status.as_str())),
            ("reviews", list(&sign_off.reviews)?),
            ("approvals", list(&sign_off.approvals)?),
        ]))
    }

    /// The frameworks of the clauses, as the law stood. `quoted` tells which clauses the templates quote.
    pub(super) fn law(&self, quoted: &dyn Fn(&str) -> bool) -> Result<Value, CatalogError> {
        let catalog = self.checked.catalog();
        let laws = frameworks(self.checked).into_iter().filter_map(|id| {
            let wording = catalog.framework_in(id, self.language())?;
            Some(wording.map(|wording| (id, wording)))
        });
        let laws = laws.map(|found| {
            let (id, wording) = found?;
            let law = wording.law();
            let quoted = |clause: &&Clause| quoted(&format!("{id}:{}", clause.id));
            let text_missing = law.clauses().iter().filter(quoted).any(|clause| wording.lacks_text(clause));
            Ok(object([
                ("id", Value::normal_string(id)),
                ("clauses", Value::from(law.in_force() as u64)),
                ("title", Value::normal_string(wording.title())),
                ("short_name", Value::normal_string(wording.short_name())),
                ("date", Value::normal_string(&law.state.date)),
                ("consolidated", Value::normal_string(wording.consolidated())),
                ("attribution", Value::normal_string(wording.attribution())),
                ("text_missing", Value::from(text_missing)),
            ]))
        });
        Ok(Value::from(laws.collect::<Result<Vec<_>, _>>()?))
    }

    /// The kind of document.
    pub(super) fn kind(&self) -> Result<Value, CatalogError> {
        let kind = self.checked.kind();
        let cite = |clause| self.checked.catalog().cite_in(clause, self.language()).map(Value::from);
        let basis = kind.legal_basis().into_iter().map(cite).collect::<Result<Vec<_>, _>>()?;
        Ok(object([
            ("id", Value::normal_string(kind.id())),
            ("title", Value::normal_string(self.words.get(super::stage::KIND_TITLE))),
            ("asked_by", Value::from(basis)),
        ]))
    }
}

/// Frameworks whose clauses the kind answers, rests on or collects, in alphabetical order.
pub(super) fn frameworks<'c>(checked: &'c CheckedAnswers<'_>) -> Vec<&'c str> {
    let basis = checked.kind().legal_basis();
    let clauses = checked.coverage().iter().map(|Covered { clause, .. }| clause.as_str()).chain(basis);
    let mut ids: Vec<&str> =
        clauses.filter_map(|clause| clause.split_once(':')).map(|(framework, _)| framework).collect();
    // What other documents answer may be of any of them.
    if crate::collect::collects(checked.kind()) {
        ids.extend(checked.catalog().framework_ids());
    }
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// Name of a state, as it stands in the words.
fn state(state: CoverState) -> &'static str {
    match state {
        CoverState::Answered => "answered",
        CoverState::NotApplicable => "not_applicable",
        CoverState::ToFollow => "to_follow",
        CoverState::Open => "open",
        CoverState::Missing => "missing",
    }
}

fn link(pointer: &str) -> Value {
    Value::safe_string(&LINK.name(pointer))
}

/// Links to the sections that hold answers, each section once.
fn links(pointers: &[String]) -> Value {
    if pointers.is_empty() { Value::none() } else { link(&pointers.join("\n")) }
}

fn text(text: Option<&str>) -> Value {
    text.map_or_else(Value::none, Value::normal_string)
}

/// An object of named values.
pub(super) fn object<const N: usize>(entries: [(&'static str, Value); N]) -> Value {
    Value::from(entries.into_iter().map(|(name, value)| (name.into(), value)).collect::<Map>())
}

fn has(map: &Map, name: &str) -> bool {
    map.keys().any(|key| key.as_str() == Some(name))
}

/// Adds what the other branches of a choice would have.
fn fill(map: &mut Map, shape: Option<Shape<'_>>) {
    for (name, shape) in shape.into_iter().flat_map(Shape::branches).flat_map(Shape::properties) {
        if !has(map, name) {
            map.insert(name.to_owned().into(), absent(shape));
        }
    }
}

/// An answer that was left out prints nothing, and a list of none has no items.
fn absent(shape: Shape<'_>) -> Value {
    if shape.kind() == Some("array") { Value::from(Vec::<Value>::new()) } else { Value::none() }
}

/// An object without answers: what must be there is there, and empty.
fn hollow(shape: Shape<'_>) -> Map {
    hollow_within(shape, 8)
}

fn hollow_within(shape: Shape<'_>, depth: usize) -> Map {
    let required = shape.required();
    let mut map: Map = shape
        .properties()
        .map(|(name, shape)| {
            let deeper = required.contains(&name) && shape.kind() == Some("object") && depth > 0;
            let value = if deeper { Value::from(hollow_within(shape, depth - 1)) } else { absent(shape) };
            (name.to_owned().into(), value)
        })
        .collect();
    fill(&mut map, Some(shape));
    map
}
