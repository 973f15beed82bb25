//! What an answer at one place may be.
//!
//! Comes in: a place in a schema. Goes out: its keywords, looked up here and then behind `$ref`, and the shapes below it.
//! In a choice (`oneOf`) the branch that an answer took wins over what all branches share.

use serde_json::Value as Json;

use super::resolve;

/// What an answer at one place may be. Keywords beside a `$ref` win over those behind it.
#[derive(Debug, Clone, Copy)]
pub struct Shape<'s> {
    root: &'s Json,
    at: &'s Json,
    branch: Option<&'s Json>,
}

/// Whether a reason may stand in place of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applicability {
    /// Never.
    Always,
    /// By the introductory sentence of the law only: with a warning.
    Chapeau,
    /// The clause has a condition of its own.
    WhereApplicable,
}

impl<'s> Shape<'s> {
    pub(super) fn at(root: &'s Json, at: &'s Json) -> Self {
        Self { root, at, branch: None }
    }

    fn below(self, at: &'s Json) -> Self {
        Self::at(self.root, at)
    }

    /// Every object that describes this place, the nearest first.
    fn layers(self) -> impl Iterator<Item = &'s Json> {
        self.behind(self.branch).chain(self.behind(Some(self.at)))
    }

    /// An object and what its `$ref` leads to, one after the other.
    fn behind(self, from: Option<&'s Json>) -> impl Iterator<Item = &'s Json> {
        let root = self.root;
        std::iter::successors(from, move |at| resolve(root, at))
    }

    /// Whether two shapes are the same place of the schema.
    #[must_use]
    pub fn is(self, other: Shape<'_>) -> bool {
        std::ptr::eq(self.at, other.at)
    }

    /// The value of a keyword here or, failing that, behind `$ref`.
    #[must_use]
    pub fn keyword(self, name: &str) -> Option<&'s Json> {
        // A layer has a dozen keywords: looking through them costs less than hashing the name.
        let own = |layer: &'s Json| Some(layer.as_object()?.iter().find(|(key, _)| *key == name)?.1);
        self.layers().find_map(own)
    }

    /// A keyword that is a text.
    #[must_use]
    pub fn text(self, name: &str) -> Option<&'s str> {
        self.keyword(name)?.as_str()
    }

    /// A keyword that is a list of texts; a single text counts as a list of one.
    #[must_use]
    pub fn texts(self, name: &str) -> Vec<&'s str> {
        match self.keyword(name) {
            Some(Json::Array(items)) => items.iter().filter_map(Json::as_str).collect(),
            Some(Json::String(text)) => vec![text],
            _ => Vec::new(),
        }
    }

    /// How findings name the answer.
    #[must_use]
    pub fn title(self) -> Option<&'s str> {
        self.text("title")
    }

    /// The question.
    #[must_use]
    pub fn description(self) -> Option<&'s str> {
        self.text("description")
    }

    /// The shape of a property. While nobody has chosen among branches, each of them may have it.
    #[must_use]
    pub fn property(self, name: &str) -> Option<Shape<'s>> {
        let found = self.layers().find_map(|layer| layer.get("properties")?.get(name));
        let own = found.map(|at| self.below(at));
        own.or_else(|| self.branch.is_none().then(|| self.branches().find_map(|branch| branch.property(name)))?)
    }

    /// Properties in the order of the questions, the nearest shape of each. What stands behind a `$ref` is asked first,
    /// unless the kind names it again, in its own place; what a branch has of its own, before what all branches share.
    pub fn properties(self) -> impl Iterator<Item = (&'s str, Shape<'s>)> {
        let mut found: Vec<&str> = Vec::new();
        for from in [Some(self.at), self.branch] {
            let layers: Vec<&Json> = self.behind(from).collect();
            let mut own: Vec<&str> = Vec::new();
            for layer in layers.iter().rev().filter_map(|layer| layer.get("properties")?.as_object()) {
                own.retain(|name| !layer.contains_key(*name));
                own.extend(layer.keys().map(String::as_str));
            }
            found.retain(|name| !own.contains(name));
            found.splice(..0, own);
        }
        found.into_iter().filter_map(move |name| Some((name, self.property(name)?)))
    }

    /// The shape of a list's items.
    #[must_use]
    pub fn items(self) -> Option<Shape<'s>> {
        self.keyword("items").map(|at| self.below(at))
    }

    /// The branches of a choice; none if there is nothing to choose.
    pub fn branches(self) -> impl Iterator<Item = Shape<'s>> {
        let choices = self.keyword("oneOf").and_then(Json::as_array).into_iter().flatten();
        choices.map(move |branch| Shape { branch: Some(branch), ..self })
    }

    /// The property that tells the branches of a choice apart, and the texts it may be.
    #[must_use]
    pub fn discriminator(self) -> Option<(&'s str, Vec<&'s str>)> {
        let (name, _) = self.branches().next()?.constant()?;
        Some((name, self.branches().filter_map(Shape::constant).map(|(_, text)| text).collect()))
    }

    /// The branch whose discriminator has this text, and its number.
    #[must_use]
    pub fn choose(self, text: &str) -> Option<(usize, Shape<'s>)> {
        self.branches().enumerate().find(|(_, branch)| branch.constant().is_some_and(|(_, own)| own == text))
    }

    /// The branch that a value took; the shape itself where there is no choice or none was taken.
    #[must_use]
    pub fn taken(self, value: &Json) -> Self {
        let chosen = self.discriminator().and_then(|(name, _)| self.choose(value.get(name)?.as_str()?));
        chosen.map_or(self, |(_, branch)| branch)
    }

    fn constant(self) -> Option<(&'s str, &'s str)> {
        let branch = Shape { root: self.root, at: self.branch?, branch: None };
        branch.properties().find_map(|(name, shape)| Some((name, shape.text("const")?)))
    }

    /// Names of the properties that must be answered.
    #[must_use]
    pub fn required(self) -> Vec<&'s str> {
        let lists = self.layers().filter_map(|layer| layer.get("required")?.as_array());
        lists.flatten().filter_map(Json::as_str).collect()
    }

    /// The JSON type.
    #[must_use]
    pub fn kind(self) -> Option<&'s str> {
        self.text("type")
    }

    /// Whether the answer may hold paragraphs, lists and tables.
    #[must_use]
    pub fn is_markdown(self) -> bool {
        self.text("contentMediaType") == Some("text/markdown")
    }

    /// Whether a text is one of a list, a date, digits, a reference or of a pattern: not in anybody's own words.
    #[must_use]
    pub fn is_coded(self) -> bool {
        ["enum", "const", "format", "x-ref", "pattern"].iter().any(|key| self.keyword(key).is_some())
    }

    /// Whether the digits are the answer.
    #[must_use]
    pub fn is_decimal(self) -> bool {
        self.text("format") == Some("decimal")
    }

    /// Clauses that this place answers itself; those above it are the caller's to remember.
    #[must_use]
    pub fn clauses(self) -> Vec<&'s str> {
        self.texts("x-clause")
    }

    /// Whether a reason may stand in place of the answer, if it is said here.
    #[must_use]
    pub fn applicability(self) -> Option<Applicability> {
        match self.text("x-applicability")? {
            "always" => Some(Applicability::Always),
            "where-applicable" => Some(Applicability::WhereApplicable),
            _ => Some(Applicability::Chapeau),
        }
    }
}
