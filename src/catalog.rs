//! The catalogue: kinds, clauses, words, templates, theme and fonts, found by their file names.
//!
//! Comes in: files, built in or given by the caller. Goes out: [`Kind`]s with their [`Schema`], clauses of frameworks,
//! words of languages. A document kind is files here, never code. Whoever writes a kind gets [`CatalogError`].

mod crosswalk;
mod fonts;
mod framework;
mod known_wrong;
mod penalties;
mod schema;
mod translated;
mod words;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, OnceLock};

pub use crosswalk::{Crosswalk, Lone, Relation, Row, Surveyed};
pub use fonts::Glyphs;
pub use framework::{
    Act, Application, Clause, Condition, Confidence, Documented, Form, Framework, Level, Standing, Start, State, Status,
};
pub use known_wrong::{Fact, Known, KnownWrong, Told};
pub(crate) use known_wrong::{Plain, plain};
pub(crate) use penalties::is_within;
pub use penalties::{Duty, Elsewhere, Penalties, Tier};
pub use schema::{Applicability, Schema, Shape, is_date};
pub use translated::{TranslatedClause, Translation, Wording, translation_path};
pub use words::{Words, words_path};

use crate::digest::Digest;

/// Schemas and clauses built into the program.
#[derive(rust_embed::RustEmbed)]
#[folder = "schemas/"]
#[prefix = "schemas/"]
struct Schemas;

/// Templates, words, theme and fonts built into the program.
#[derive(rust_embed::RustEmbed)]
#[folder = "templates/"]
#[prefix = "templates/"]
struct Templates;

/// Everything that documents are made from, apart from answers.
#[derive(Debug)]
pub struct Catalog {
    files: BTreeMap<String, File>,
    kinds: BTreeMap<String, Lazy<Kind>>,
    frameworks: BTreeMap<String, Lazy<Framework>>,
    /// By path.
    translations: BTreeMap<String, Lazy<Translation>>,
    glyphs: Lazy<Glyphs>,
    project: Lazy<Schema>,
    /// By language.
    known_wrong: BTreeMap<String, Lazy<KnownWrong>>,
    /// Files of words, by path.
    words: BTreeMap<String, Lazy<BTreeMap<String, String>>>,
}

/// What is loaded when it is first asked for.
type Lazy<T> = OnceLock<Result<T, CatalogError>>;

#[derive(Debug)]
struct File {
    bytes: Cow<'static, [u8]>,
    digest: Digest,
}

/// A document kind: a schema and, under the same name, a template.
#[derive(Debug)]
pub struct Kind {
    id: String,
    schema: Schema,
    /// Where each clause of the frameworks that the schema names stands among the others.
    order: BTreeMap<String, usize>,
}

/// A fault in a catalogue file: for the person who writes a kind, never for the one who answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogError {
    /// Path of the file in the catalogue.
    pub file: String,
    /// What is wrong.
    pub message: String,
}

impl Catalog {
    /// The built-in catalogue.
    #[must_use]
    pub fn builtin() -> Self {
        Self::with([])
    }

    /// The built-in catalogue with more files; the same path wins.
    #[must_use]
    pub fn with(more: impl IntoIterator<Item = (String, Vec<u8>)>) -> Self {
        let schemas = Schemas::iter().filter_map(|path| Some((Schemas::get(&path)?, path)));
        let templates = Templates::iter().filter_map(|path| Some((Templates::get(&path)?, path)));
        let mut files: BTreeMap<String, File> =
            schemas.chain(templates).map(|(file, path)| (path.into_owned(), File::built_in(file))).collect();
        files.extend(more.into_iter().map(|(path, bytes)| (path, File::given(bytes))));
        Self::of(files)
    }

    /// These files and nothing that is built in: what a release was made from.
    #[must_use]
    pub fn only(files: impl IntoIterator<Item = (String, Vec<u8>)>) -> Self {
        Self::of(files.into_iter().map(|(path, bytes)| (path, File::given(bytes))).collect())
    }

    fn of(files: BTreeMap<String, File>) -> Self {
        let named = |prefix: &str, suffix: &str| -> Vec<String> {
            files
                .keys()
                .filter_map(|path| path.strip_prefix(prefix)?.strip_suffix(suffix))
                .filter(|name| !name.contains('/') && ![COMMON, crosswalk::CROSSWALK].contains(name))
                .map(str::to_owned)
                .collect()
        };
        let translated = |path: &&String| path.strip_prefix(translated::CLAUSES).is_some_and(|name| name.contains('/'));
        let languages = files.keys().filter_map(|path| known_wrong::language_of(path));
        Self {
            known_wrong: languages.map(|language| (language.to_owned(), OnceLock::new())).collect(),
            words: files
                .keys()
                .filter(|path| words::is_words(path))
                .map(|path| (path.clone(), OnceLock::new()))
                .collect(),
            translations: files.keys().filter(translated).map(|path| (path.clone(), OnceLock::new())).collect(),
            kinds: named("schemas/", ".schema.json").into_iter().map(|id| (id, OnceLock::new())).collect(),
            frameworks: named("schemas/clauses/", ".yaml").into_iter().map(|id| (id, OnceLock::new())).collect(),
            glyphs: OnceLock::new(),
            project: OnceLock::new(),
            files,
        }
    }

    /// The digest of all files and their paths: two catalogues with one digest make the same documents.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let list: serde_json::Map<String, serde_json::Value> =
            self.files.iter().map(|(path, file)| (path.clone(), file.digest.to_string().into())).collect();
        Digest::of(serde_json::Value::Object(list).to_string().as_bytes())
    }

    /// Loads what documents of a kind in a language need: for a second thread, so that whoever asks for it does not wait.
    /// Nothing depends on it. What is wrong is told to those who ask.
    pub fn prepare(&self, kind: &str, language: &str) {
        let Ok(schema) = self.text(&schema_path(kind)) else { return };
        let Some(Ok(known)) = self.kind(kind) else { return };
        let _ = (known.schema().validator(), self.known_wrong(language), self.glyphs(), self.words(kind, language));
        for id in self.named_in(schema) {
            let _ = self.framework_in(id, language);
        }
    }

    /// Ids of all kinds, in alphabetical order.
    pub fn kind_ids(&self) -> impl Iterator<Item = &str> {
        self.kinds.keys().map(String::as_str)
    }

    /// The kind with this id; `None` if there is no such schema.
    #[must_use]
    pub fn kind(&self, id: &str) -> Option<Result<&Kind, CatalogError>> {
        let (id, cell) = self.kinds.get_key_value(id)?;
        let loaded = cell.get_or_init(|| {
            let schema = Schema::load(self, &schema_path(id))?;
            Ok(Kind { id: id.clone(), schema, order: self.order(&schema_path(id)) })
        });
        Some(loaded.as_ref().map_err(Clone::clone))
    }

    /// The clauses of the frameworks that a schema names, numbered. A framework with a fault is told by who asks for it.
    fn order(&self, schema: &str) -> BTreeMap<String, usize> {
        let ids = self.named_in(self.text(schema).unwrap_or_default());
        let frameworks = ids.filter_map(|id| self.framework(id)?.ok());
        let clauses =
            frameworks.flat_map(|own| own.clauses().iter().map(|clause| format!("{}:{}", own.framework, clause.id)));
        clauses.zip(0..).collect()
    }

    /// Ids of the frameworks of which a schema names a clause.
    fn named_in(&self, schema: &str) -> impl Iterator<Item = &str> {
        self.framework_ids().filter(move |id| schema.contains(&format!("\"{id}:")))
    }

    /// The schema of `techfile.yaml`.
    ///
    /// # Errors
    /// A catalogue without it, or a fault in it.
    pub fn project_schema(&self) -> Result<&Schema, CatalogError> {
        self.project.get_or_init(|| Schema::load(self, PROJECT)).as_ref().map_err(Clone::clone)
    }

    /// Ids of all frameworks, in alphabetical order.
    pub fn framework_ids(&self) -> impl Iterator<Item = &str> {
        self.frameworks.keys().map(String::as_str)
    }

    /// The framework with this id; `None` if there is no such clause catalogue.
    #[must_use]
    pub fn framework(&self, id: &str) -> Option<Result<&Framework, CatalogError>> {
        let (id, cell) = self.frameworks.get_key_value(id)?;
        let loaded = cell.get_or_init(|| {
            let path = framework_path(id);
            Framework::load(&path, self.text(&path)?)
        });
        Some(loaded.as_ref().map_err(Clone::clone))
    }

    /// The clause with an id such as `eu-ai-act:annex-iv.1.a`.
    #[must_use]
    pub fn clause(&self, id: &str) -> Option<&Clause> {
        let (framework, clause) = id.split_once(':')?;
        self.framework(framework)?.ok()?.clause(clause)
    }

    /// How people cite a clause, with its framework: "AI Act, Annex IV, point 1(a)".
    #[must_use]
    pub fn cite(&self, id: &str) -> String {
        let cited = || {
            let (framework, clause) = id.split_once(':')?;
            let framework = self.framework(framework)?.ok()?;
            Some(format!("{}, {}", framework.short_name, framework.clause(clause)?.label))
        };
        cited().unwrap_or_else(|| id.to_owned())
    }

    /// The words of a kind in a language: the shared ones and the kind's own.
    ///
    /// # Errors
    /// A language without a file, or a file that is no flat mapping of texts.
    pub fn words(&self, kind: &str, language: &str) -> Result<Words, CatalogError> {
        Words::load(self, kind, language)
    }

    /// The characters that the bundled fonts have.
    ///
    /// # Errors
    /// A font file that cannot be read.
    pub fn glyphs(&self) -> Result<&Glyphs, CatalogError> {
        let loaded = self.glyphs.get_or_init(|| Glyphs::of(self.fonts()));
        loaded.as_ref().map_err(Clone::clone)
    }

    /// Font files by path.
    pub fn fonts(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.files.iter().filter(|(path, _)| is_font(path)).map(|(path, file)| (path.as_str(), &*file.bytes))
    }

    /// The files that give pages their look: path, name beside the Typst source (`theme.typ`, `theme/…`), bytes.
    pub fn theme(&self) -> impl Iterator<Item = (&str, &str, &[u8])> {
        self.files.iter().filter_map(|(path, file)| {
            let name = path.strip_prefix("templates/")?;
            (name == "theme.typ" || name.starts_with("theme/")).then_some((path.as_str(), name, &*file.bytes))
        })
    }

    /// The template of a kind, by path.
    #[must_use]
    pub fn template_path(kind: &str) -> String {
        format!("templates/{kind}.md.tera")
    }

    /// Paths of all files.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// A file's bytes.
    #[must_use]
    pub fn bytes(&self, path: &str) -> Option<&[u8]> {
        self.files.get(path).map(|file| &*file.bytes)
    }

    /// Whether a file is the one that travels inside the program.
    fn is_built_in(&self, path: &str) -> bool {
        self.files.get(path).is_some_and(|file| matches!(file.bytes, Cow::Borrowed(_)))
    }

    /// The digest of a file.
    #[must_use]
    pub fn digest_of(&self, path: &str) -> Option<Digest> {
        self.files.get(path).map(|file| file.digest)
    }

    /// A file's bytes to keep.
    #[must_use]
    pub fn shared(&self, path: &str) -> Option<Arc<[u8]>> {
        self.bytes(path).map(Arc::from)
    }

    /// A file's text.
    ///
    /// # Errors
    /// A file that is missing or no UTF-8.
    pub fn text(&self, path: &str) -> Result<&str, CatalogError> {
        let fault = |message: &str| CatalogError { file: path.to_owned(), message: message.to_owned() };
        let bytes = self.bytes(path).ok_or_else(|| fault("there is no such file in the catalogue"))?;
        std::str::from_utf8(bytes).map_err(|_| fault("the file is not UTF-8"))
    }
}

impl File {
    /// The digest was taken when the program was built.
    fn built_in(file: rust_embed::EmbeddedFile) -> Self {
        Self { digest: Digest::taken(file.metadata.sha256_hash()), bytes: file.data }
    }

    fn given(bytes: Vec<u8>) -> Self {
        Self { digest: Digest::of(&bytes), bytes: Cow::Owned(bytes) }
    }
}

impl Kind {
    /// Its id: the name of its files.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Its schema.
    #[must_use]
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Title of the documents it makes.
    #[must_use]
    pub fn title(&self) -> &str {
        self.schema.root().title().unwrap_or(&self.id)
    }

    /// Puts clauses into the order of their frameworks; what is in none comes last, as it came.
    pub(crate) fn sort(&self, clauses: &mut [String]) {
        clauses.sort_by_key(|clause| self.order.get(clause).copied().unwrap_or(usize::MAX));
    }

    /// Ids of the provisions that ask for the document.
    #[must_use]
    pub fn legal_basis(&self) -> Vec<&str> {
        self.schema.root().texts("x-legal-basis")
    }
}

#[expect(clippy::case_sensitive_file_extension_comparisons, reason = "paths of the catalogue are written in one way")]
fn is_font(path: &str) -> bool {
    path.starts_with("templates/fonts/") && path.ends_with(".ttf")
}

/// The parts of every document that say which one it is, of which it is a translation, who stands behind it and what
/// proves it; the rest is the kind's.
pub(crate) const SEALED: [&str; 5] = ["kind", "document", "sign_off", "translation_of", "evidence"];

/// Schemas named so hold shapes that kinds share, and are no kind.
const COMMON: &str = "common";

/// Path of the schema of `techfile.yaml`, which is no kind.
pub const PROJECT: &str = "schemas/project.json";

/// Path of a kind's schema.
#[must_use]
pub fn schema_path(kind: &str) -> String {
    format!("schemas/{kind}.schema.json")
}

/// Path of a framework's clauses.
#[must_use]
pub fn framework_path(framework: &str) -> String {
    format!("schemas/clauses/{framework}.yaml")
}

/// What a reader of YAML says, on one line: the first of several has line and column, the others show the file.
fn in_a_line(error: &serde_saphyr::Error) -> String {
    let text = error.to_string();
    let first = text.lines().next().unwrap_or_default();
    first.strip_prefix("error: ").unwrap_or(first).to_owned()
}

impl fmt::Display for CatalogError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} (a fault in the catalogue, not in your answers)", self.file, self.message)
    }
}

impl std::error::Error for CatalogError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_those_of_the_files_whoever_took_them() {
        let catalog = Catalog::with([("templates/theme/own.typ".to_owned(), b"// own".to_vec())]);
        for path in catalog.paths() {
            assert_eq!(catalog.digest_of(path), catalog.bytes(path).map(Digest::of), "{path}");
        }
        let own = catalog.digest_of("templates/theme/own.typ");
        assert_eq!(own, Some(Digest::of(b"// own")));
        assert_eq!(catalog.digest_of("templates/theme/none.typ"), None);
    }

    #[test]
    fn what_was_prepared_is_what_is_found_without() {
        let (ready, other) = (Catalog::builtin(), Catalog::builtin());
        ready.prepare("no-such-kind", "en");
        for kind in other.kind_ids() {
            ready.prepare(kind, "nl");
            assert!(ready.kinds[kind].get().is_some_and(Result::is_ok), "{kind}");
            let framework = |id: &&str| ready.frameworks[*id].get().is_some();
            assert!(ready.framework_ids().any(|id| framework(&id)), "{kind}");
            assert_eq!(ready.words(kind, "nl"), other.words(kind, "nl"));
        }
        assert_eq!(other.kinds.values().filter(|kind| kind.get().is_some()).count(), 0);
    }
}
