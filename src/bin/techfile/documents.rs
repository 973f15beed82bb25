//! Answers files on their way through the stages that read, check and render.

mod around;
mod collected;
mod prepare;

pub(crate) use around::Around;
#[cfg(feature = "pdf")]
pub(crate) use around::{Traces, among};
pub(crate) use prepare::{Ahead, ahead};
pub(crate) use techfile::report::number;

#[cfg(feature = "pdf")]
pub(crate) use collected::collects;

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use techfile::answers::{FileState, Limits, bind, draw, named_by};
use techfile::catalog::Catalog;
use techfile::check::{CheckedAnswers, Unchecked, check};
use techfile::diagnostic::{Code, Diagnostic, Place, in_order};
use techfile::report::{FileFindings, Summary};
use techfile::source::{EncodingError, Span};
#[cfg(feature = "pdf")]
use techfile::stamp::{StampedDocument, Theme};
use techfile::translation::{Original, judge};
use techfile::{Answers, Source};
#[cfg(feature = "pdf")]
use techfile::{render, stamp};

use crate::disk::{self, Content};
use crate::exit::{Exit, Failure};
use crate::project::{Home, Homes};
use crate::terminal::Terminal;

/// One answers file.
#[derive(Debug, Clone)]
pub(crate) struct Input {
    pub(crate) path: PathBuf,
    /// The name people know it by.
    pub(crate) name: String,
    /// The name its outputs share.
    pub(crate) stem: String,
    /// Whether it is read as if nobody had called it approved: what somebody reads before signing.
    pub(crate) unsigned: bool,
    /// The project that it lies in.
    pub(crate) home: Option<Rc<Home>>,
    /// The answers files of the same run, which a document may be made of.
    pub(crate) run: Arc<[PathBuf]>,
}

/// What a file came to: findings, of which some may be errors, and the value if none is.
pub(crate) struct Outcome<T> {
    pub(crate) found: FileFindings,
    pub(crate) value: Option<T>,
}

/// Why a file did not get through.
pub(crate) enum Stop {
    Findings(Vec<Diagnostic>),
    Failure(Failure),
}

impl<F: Into<Failure>> From<F> for Stop {
    fn from(failure: F) -> Self {
        Self::Failure(failure.into())
    }
}

/// A path of which no document of the run came: as people know it, and why.
pub(crate) struct Lost {
    pub(crate) name: String,
    pub(crate) failure: Failure,
}

/// The answers files that paths mean, and the exit of what none came of.
pub(crate) fn inputs(paths: &[PathBuf], terminal: &Terminal) -> Result<(Vec<Input>, Exit), Failure> {
    let (inputs, lost) = gathered(paths, terminal)?;
    Ok((inputs, lost.iter().map(|lost| lost.failure.exit).fold(Exit::Success, Exit::max)))
}

/// The answers files that paths mean, each once; without a path those of the project. What is in the way of one is told
/// at once and stops no other.
pub(crate) fn gathered(paths: &[PathBuf], terminal: &Terminal) -> Result<(Vec<Input>, Vec<Lost>), Failure> {
    let homes = Homes::default();
    let here = [PathBuf::from(".")];
    if paths.is_empty() && homes.of(&here[0], terminal)?.is_none() {
        return Err(Failure::usage("no answers file is given").help(
            "name one, as in `techfile check answers.yaml`, or a folder; `techfile new KIND` starts one, and a `techfile.yaml` above makes a project",
        ));
    }
    let whole = paths.is_empty();
    let mut inputs: Vec<Input> = Vec::new();
    let mut known = BTreeSet::new();
    let mut lost: Vec<Lost> = Vec::new();
    for path in if whole { &here[..] } else { paths } {
        let meant = meant(path, whole, &homes, terminal, &mut lost).unwrap_or_else(|failure| {
            lost.push(Lost { name: disk::shown(path), failure });
            Vec::new()
        });
        // One file is one document, whichever way leads to it.
        let real = |path: &Path| disk::real(path).unwrap_or_else(|| path.to_owned());
        inputs.extend(meant.into_iter().filter(|input| known.insert(real(&input.path))));
    }
    // What somebody has named as well is taken for what it is; what several files lack is told once.
    lost.retain(|lost| !inputs.iter().any(|input| input.name == lost.name));
    lost.sort_by(|one, other| one.name.cmp(&other.name));
    lost.dedup_by(|one, other| one.name == other.name);
    for (index, Lost { failure, .. }) in lost.iter().enumerate() {
        if !lost[..index].iter().any(|before| before.failure.message == failure.message) {
            terminal.fail(failure);
        }
    }
    let run: Arc<[PathBuf]> = inputs.iter().map(|input| input.path.clone()).collect();
    for input in &mut inputs {
        input.run = Arc::clone(&run);
    }
    Ok((inputs, lost))
}

/// One answers file of a run, by its path.
#[cfg(feature = "pdf")]
pub(crate) fn input(path: PathBuf, run: &Arc<[PathBuf]>, homes: &Homes, terminal: &Terminal) -> Result<Input, Failure> {
    let home = homes.of(&path, terminal)?;
    Ok(Input { home, run: Arc::clone(run), ..Input::new(path)? })
}

fn meant(
    path: &Path,
    whole: bool,
    homes: &Homes,
    terminal: &Terminal,
    lost: &mut Vec<Lost>,
) -> Result<Vec<Input>, Failure> {
    let home = homes.of(path, terminal)?.filter(|_| whole || disk::is_project(path));
    let listed = match &home {
        Some(home) => home.listed()?,
        None => disk::listed(path)?,
    };
    lost.extend(listed.faults.into_iter().map(|(path, failure)| Lost { name: disk::shown(&path), failure }));
    let mut inputs = Vec::new();
    for file in listed.files {
        let name = disk::shown(&file);
        match homes.of(&file, terminal).and_then(|home| Ok(Input { home, ..Input::new(file)? })) {
            Ok(input) => inputs.push(input),
            Err(failure) => lost.push(Lost { name, failure }),
        }
    }
    Ok(inputs)
}

impl Input {
    /// The answers file at a path.
    pub(crate) fn new(path: PathBuf) -> Result<Self, Failure> {
        let name = disk::shown(&path);
        let file = path.file_name().and_then(|name| name.to_str());
        if !cfg!(windows) && path.to_str().is_some_and(|path| path.contains('\\')) {
            return Err(Failure::usage(format!("the name of `{name}` holds a backslash"))
                .help("rename the file or its folder: on other systems a backslash parts folders, and the path stands in the manifest"));
        }
        let (Some(file), true) = (file, path.to_str().is_some_and(|path| !path.chars().any(char::is_control))) else {
            return Err(Failure::usage(format!("the name of `{name}` is not plain UTF-8"))
                .help("rename the file; outputs, links and the manifest bear its name"));
        };
        let stem = file.strip_suffix(".yaml").or_else(|| file.strip_suffix(".yml")).filter(|stem| !stem.is_empty());
        Ok(Self { stem: stem.unwrap_or(file).to_owned(), name, path, unsigned: false, home: None, run: Arc::from([]) })
    }

    /// What may be read for it.
    fn limits(&self) -> &Limits {
        self.home.as_ref().map_or(&Limits::USUAL, |home| &home.project.limits)
    }

    /// A document in a language that its project does not have.
    fn foreign(&self, checked: &CheckedAnswers<'_>) -> Option<Diagnostic> {
        let pointer = "/document/language";
        let place = checked.answers().root().at(pointer)?.place(pointer);
        self.home.as_ref()?.project.foreign(&checked.control().language, place)
    }

    /// Reads the file and what it names.
    fn load(&self, around: &mut Around, terminal: &Terminal) -> Result<Answers, Stop> {
        terminal.detail(&format!("reading {}", self.name));
        let bytes = match disk::answers(&self.path, self.limits())? {
            Content::Bytes(bytes) => bytes,
            Content::TooLarge(why) => {
                let place =
                    Place { source: Source::new(&*self.name, ""), span: Span::default(), pointer: String::new() };
                let finding = Diagnostic::error(Code::Limit, place, why)
                    .help("keep long tables and reports as evidence files, or split the document");
                return Err(Stop::Findings(vec![finding]));
            }
        };
        around.note(around.own.clone(), bytes.as_slice());
        let mut answers = parse(source(&self.name, &bytes)?, around.limits)?;
        if self.unsigned
            && let Some(status) = answers.root().at("/sign_off/status").filter(|node| node.text() == Some("approved"))
        {
            let mut text = answers.source().text().to_owned();
            let range = status.span().range();
            let end = if text[range.clone()].ends_with('\n') { "\n" } else { "" };
            text.replace_range(range, &format!("draft{end}"));
            answers = parse(Source::new(&*self.name, text), around.limits)?;
        }
        {
            let own = around.own.clone();
            bound(&self.path, own.as_deref(), answers, around, terminal)
        }
    }

    /// What the file that these answers translate came to, if they are a translation: held against them, it may show
    /// that they say something else.
    fn translated(
        &self,
        checked: &CheckedAnswers<'_>,
        around: &mut Around,
        catalog: &Catalog,
        terminal: &Terminal,
    ) -> Result<Vec<Diagnostic>, Stop> {
        let Some(wanted) = checked.answers().original() else { return Ok(Vec::new()) };
        let mut files = disk::gather(&self.path, std::slice::from_ref(&wanted), &around.limits)?;
        let state = files.remove(&wanted.path).unwrap_or(FileState::Missing);
        let FileState::Bytes(bytes) = state else { return Ok(judge(checked, &Original::Unread(&state))) };
        let path = disk::folder_of(&self.path).join(&wanted.path);
        let name = disk::shown(&path);
        terminal.detail(&format!("read the original {name}, {} bytes", bytes.len()));
        let own = around.own().and_then(|own| named_by(own, &wanted.path));
        around.note(own.clone(), Arc::clone(&bytes));
        let mut through = || {
            check_through(
                bound(&path, own.as_deref(), parse(source(&name, &bytes)?, around.limits)?, around, terminal)?,
                catalog,
            )
        };
        match through() {
            Ok(original) => Ok(judge(checked, &Original::Checked(&original))),
            Err(Stop::Findings(findings)) => Ok(judge(checked, &Original::Faulty(&findings))),
            Err(failure) => Err(failure),
        }
    }
}

fn source(name: &str, bytes: &[u8]) -> Result<Source, Stop> {
    Source::from_bytes(name, bytes).map_err(|error| Stop::Findings(vec![not_a_text(name, bytes, &error)]))
}

/// Answers with the files that they name; `own` is their path from the root.
fn bound(
    path: &Path,
    own: Option<&str>,
    answers: Answers,
    around: &mut Around,
    terminal: &Terminal,
) -> Result<Answers, Stop> {
    let answers = drawn(path, own, answers, around, terminal)?;
    let files = disk::gather(path, &answers.wants(), &around.limits)?;
    for (path, state) in &files {
        if let FileState::Bytes(bytes) = state {
            terminal.detail(&format!("read the evidence {path}, {} bytes", bytes.len()));
            around.note(own.and_then(|own| named_by(own, path)), Arc::clone(bytes));
        }
    }
    Ok(bind(answers, &files))
}

/// Answers with the values that they draw from other files.
fn drawn(
    path: &Path,
    own: Option<&str>,
    answers: Answers,
    around: &mut Around,
    terminal: &Terminal,
) -> Result<Answers, Stop> {
    let mut named = own.unwrap_or_default();
    if own.is_none() {
        // Nothing can be told about the way; what lies beside the answers is found all the same.
        named = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    }
    draw(answers, named, |wanted, read| {
        let files = disk::data(path, &wanted, read.len(), &around.limits)?;
        for (path, state) in &files {
            if let FileState::Bytes(bytes) = state {
                terminal.detail(&format!("read the data {path}, {} bytes", bytes.len()));
                around.note(own.map(|_| path.clone()), Arc::clone(bytes));
            }
        }
        Ok(files)
    })
}

fn check_through(answers: Answers, catalog: &Catalog) -> Result<CheckedAnswers<'_>, Stop> {
    check(answers, catalog).map_err(|unchecked| match unchecked {
        Unchecked::Rejected(rejected) => Stop::Findings(rejected.findings().to_vec()),
        Unchecked::Catalog(error) => Stop::Failure(error.into()),
    })
}

fn parse(source: Source, limits: Limits) -> Result<Answers, Stop> {
    Answers::parse_within(source, limits).map_err(|rejected| Stop::Findings(rejected.findings().to_vec()))
}

/// Takes one file through the check, then through what the caller does with checked answers. A panic stays with the
/// file that made it, so that the others are still processed.
pub(crate) fn process<T>(
    input: &Input,
    catalog: &Catalog,
    terminal: &Terminal,
    then: impl FnOnce(CheckedAnswers<'_>, &Around) -> Result<(T, Vec<Diagnostic>), Stop>,
) -> Result<Outcome<T>, Failure> {
    let mut document = None;
    let through = || {
        let mut around = Around::of(input)?;
        let answers = input.load(&mut around, terminal)?;
        document = answers.root().at("/document/id").and_then(|id| id.text()).map(str::to_owned);
        let answers = input.collected(answers, &mut around, catalog, terminal)?;
        let checked = check_through(answers, catalog)?;
        let mut translated = input.translated(&checked, &mut around, catalog, terminal)?;
        translated.extend(input.foreign(&checked));
        if Exit::of(&translated) != Exit::Success {
            return Err(Stop::Findings(in_order([checked.remarks(), &translated].concat())));
        }
        let (value, findings) = then(checked, &around)?;
        Ok((value, in_order([findings, translated].concat())))
    };
    let went = catch_unwind(AssertUnwindSafe(through)).unwrap_or_else(|panic| {
        Err(Stop::Failure(Failure::internal(format!("internal error at `{}`", input.name), panic.as_ref())))
    });
    let (value, findings) = match went {
        Ok((value, findings)) => ((Exit::of(&findings) == Exit::Success).then_some(value), findings),
        Err(Stop::Findings(findings)) => (None, findings),
        Err(Stop::Failure(failure)) => return Err(failure),
    };
    let mut found = FileFindings { file: input.name.clone(), document, findings, allowed: Vec::new() };
    if let Some(home) = &input.home {
        home.allow(&mut found);
    }
    Ok(Outcome { found, value })
}

/// The one answers file that a path means; the exit if it means none.
pub(crate) fn one(path: &Path, only: &str, terminal: &Terminal) -> Result<Result<Input, Exit>, Failure> {
    let (inputs, exit) = inputs(&[path.to_owned()], terminal)?;
    match inputs.as_slice() {
        [] => Ok(Err(exit)),
        [input] => Ok(Ok(input.clone())),
        _ => Err(Failure::usage(only).help("name the answers file itself")),
    }
}

/// The stages from checked answers to a stamped document; an error that only the words could show ends here.
#[cfg(feature = "pdf")]
pub(crate) fn stamped(
    checked: CheckedAnswers<'_>,
    around: &Around,
    stem: &str,
    catalog: &Catalog,
) -> Result<StampedDocument, Stop> {
    let stamped = drafted(checked, around, stem, catalog)?;
    match stamped.document().remarks() {
        remarks if Exit::of(remarks) == Exit::Success => Ok(stamped),
        remarks => Err(Stop::Findings(remarks.to_vec())),
    }
}

/// The same with the errors that only the words could show as remarks: it can be compared, and must not be made.
#[cfg(feature = "pdf")]
pub(crate) fn drafted(
    checked: CheckedAnswers<'_>,
    around: &Around,
    stem: &str,
    catalog: &Catalog,
) -> Result<StampedDocument, Stop> {
    let earlier = around.earlier(&checked)?;
    let document = render(checked, stem, earlier.as_ref())?;
    Ok(stamp(document, Theme::of(catalog)?))
}

/// Bytes that are no text, shown where the first of them stands.
fn not_a_text(name: &str, bytes: &[u8], error: &EncodingError) -> Diagnostic {
    let (text, at) = match error {
        EncodingError::Wide(_) => (String::new(), 0),
        EncodingError::NotUtf8 { offset, .. } => {
            let body = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
            (String::from_utf8_lossy(body).into_owned(), offset - (bytes.len() - body.len()))
        }
    };
    let width = text[at..].chars().next().map_or(0, char::len_utf8);
    let place = Place { source: Source::new(name, text), span: Span::new(at, at + width), pointer: String::new() };
    Diagnostic::error(Code::Syntax, place, error.to_string()).help("save the file as UTF-8")
}

/// "2 errors, 1 warning in answers.yaml; 1 warning allowed; 3 open points".
pub(crate) fn summary(found: &[FileFindings], open: usize) -> String {
    let counted = Summary::of(found);
    let place = match found {
        [one] => one.file.clone(),
        _ => number(counted.files, "file"),
    };
    let open = if open > 0 { format!("; {}", number(open, "open point")) } else { String::new() };
    format!("{} in {place}{}{open}", counted.counts(), counted.silenced())
}
