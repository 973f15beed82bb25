//! Documents that are made of other documents: which ones, and what they state.

use std::path::PathBuf;

use techfile::Answers;
use techfile::catalog::Catalog;
use techfile::collect;
use techfile::coverage::Stated;
use techfile::diagnostic::{Code, Diagnostic, Severity};

use super::{Around, Input, Stop, check_through};
use crate::disk;
use crate::exit::Failure;
use crate::terminal::Terminal;

impl Input {
    /// Answers with the lists that are filled from other documents; as they are, if their kind has none.
    pub(super) fn collected(
        &self,
        answers: Answers,
        around: &mut Around,
        catalog: &Catalog,
        terminal: &Terminal,
    ) -> Result<Answers, Stop> {
        let Some(kind) = answers.kind().and_then(|id| catalog.kind(id)) else { return Ok(answers) };
        let kind = kind?;
        if !collect::collects(kind) {
            return Ok(answers);
        }
        let mut stated = Vec::new();
        let mut faulty = Vec::new();
        let others = self.others(around)?;
        around.made_of(&others.iter().map(|other| other.path.clone()).collect::<Vec<_>>());
        for other in others {
            match other.stated(around, catalog, terminal) {
                Ok(document) => stated.extend(document),
                Err(Stop::Findings(findings)) => {
                    let error = findings.iter().find(|finding| finding.severity == Severity::Error);
                    let place = answers
                        .root()
                        .get("kind")
                        .map_or_else(|| answers.root().place(""), |kind| kind.key_place("/kind"));
                    let message = format!("`{}` has errors, so nothing can be collected from it", other.name);
                    let finding = Diagnostic::error(Code::Collected, place, message);
                    let finding = finding.help("put them right first: `techfile check` shows them");
                    faulty.push(match error {
                        Some(error) => finding.related(error.place.clone(), error.message.clone()),
                        None => finding,
                    });
                }
                Err(failure) => return Err(failure),
            }
        }
        if !faulty.is_empty() {
            return Err(Stop::Findings(faulty));
        }
        let language = answers.root().at("/document/language").and_then(|language| language.text());
        // A language that there are no words in is a finding of `check`; it needs no lists.
        let language = language.filter(|language| catalog.languages(kind.id()).any(|known| known == *language));
        let lists = collect::lists(kind, &stated, catalog, language.unwrap_or("en"))?;
        let name = collect::path(&self.name);
        around.note(around.own.as_deref().map(collect::path), lists.as_bytes());
        terminal.detail(&format!("collected {} for {}", super::number(stated.len(), "document"), self.name));
        collect::put(answers, &name, &lists).map_err(|rejected| Stop::Findings(rejected.findings().to_vec()))
    }

    /// The other documents: those of the project, else those of the run.
    fn others(&self, around: &Around) -> Result<Vec<Input>, Stop> {
        let paths: Vec<PathBuf> = match (&self.home, around.root.project()) {
            (Some(home), _) => home.documents()?,
            (None, Some(folder)) => disk::documents(folder)?,
            (None, None) => self.run.to_vec(),
        };
        // Its own path is among them; as it collects, it states nothing.
        let other = |path: PathBuf| Ok(Self { home: self.home.clone(), ..Self::new(path)? });
        Ok(paths.into_iter().map(other).collect::<Result<_, Failure>>()?)
    }

    /// What a document states; nothing if it collects itself.
    fn stated(&self, above: &mut Around, catalog: &Catalog, terminal: &Terminal) -> Result<Option<Stated>, Stop> {
        let mut around = Around::of(self)?;
        let answers = self.load(&mut around, terminal)?;
        above.also(&around);
        if let Some(kind) = answers.kind().and_then(|id| catalog.kind(id))
            && collect::collects(kind?)
        {
            return Ok(None);
        }
        Ok(Some(Stated::of(&check_through(answers, catalog)?)))
    }
}

/// Whether an answers file is of a kind that collects.
#[cfg(feature = "pdf")]
pub(crate) fn collects(input: &Input, catalog: &Catalog) -> bool {
    let kind = super::prepare::told(input).kind;
    catalog.kind(&kind).is_some_and(|kind| kind.is_ok_and(collect::collects))
}
