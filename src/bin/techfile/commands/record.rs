//! `techfile record PATH --signed FILE | --withdraw REVISION --reason TEXT`

use std::path::Path;

use techfile::digest::Digest;
use techfile::record::ledger::{Entry, Event, Ledger, Line, Vouched};
use techfile::record::pdf::{Limits, Pdf};

use crate::disk;
use crate::exit::{Exit, Failure};
use crate::releases::shelf;
use crate::terminal::Terminal;

/// What happened to a release.
pub(super) enum What<'w> {
    Signed(&'w Path),
    Withdrawn { revision: &'w str, reason: &'w str },
}

pub(super) fn run(path: &Path, what: &What<'_>, terminal: &Terminal) -> Result<Exit, Failure> {
    let shelf = shelf(path)?;
    shelf.settle()?.iter().for_each(|told| terminal.say(told));
    let Some(ledger) = shelf.ledger()? else {
        return Err(Failure::usage(format!("nothing of `{}` was released yet", disk::shown(path)))
            .help("`techfile release PATH --reason TEXT` freezes a revision"));
    };
    let next = match what {
        What::Signed(file) => signed(&ledger, file)?,
        What::Withdrawn { revision, reason } => withdrawn(&ledger, revision, reason)?,
    };
    let Some((entry, said)) = next else {
        terminal.say("the ledger has this line already; nothing was written");
        return Ok(Exit::Success);
    };
    shelf.append(ledger.head(), |ledger| ledger.next(entry))?;
    terminal.result(&format!("{}\n", shelf.ledger_name()))?;
    terminal.say(&said);
    Ok(Exit::Success)
}

/// What a line says of an event that belongs to a release.
fn about(release: &Line, event: Event, files: Vec<Vouched>, reason: Option<String>) -> Option<Entry> {
    Some(Entry {
        event,
        doc: release.doc.clone(),
        rev: release.rev.clone(),
        content_id: Digest::parse(&release.content_id)?,
        build_id: Digest::parse(&release.build_id)?,
        date: None,
        files,
        reason,
        reviewed_by: Vec::new(),
    })
}

/// The line for a signed PDF; `None` if it is there already.
fn signed(ledger: &Ledger, path: &Path) -> Result<Option<(Entry, String)>, Failure> {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or("signed.pdf");
    let shown = disk::shown(path);
    let bytes = disk::pdf(path)?;
    let vouched = Vouched::of(name, &bytes);
    if ledger
        .lines()
        .any(|line| line.event == Event::Signed && line.files.iter().any(|file| file.sha256 == vouched.sha256))
    {
        return Ok(None);
    }
    // A signature is written behind the last byte of the file that was signed.
    let unsigned = |line: &&Line| pdf_of(line).is_some_and(|file| begins(&bytes, file));
    let Some(release) = ledger.lines().filter(|line| line.event == Event::Release).find(unsigned) else {
        return Err(Failure::verification(format!("`{shown}` does not begin with the bytes of a released PDF"))
            .help("sign the PDF of the release itself, by a program that adds the signature behind its last byte"));
    };
    let (of, size) = pdf_of(release).map_or((String::new(), 0), |file| (file.sha256.clone(), file.size));
    if bytes.len() as u64 == size {
        return Err(Failure::refused(format!("`{shown}` is the released PDF itself; there is no signature in it"))
            .help("name the file that the signing program wrote"));
    }
    let signed = Pdf::read(&bytes, Limits::default())
        .and_then(|mut pdf| pdf.is_signed_over(usize::try_from(size).unwrap_or(usize::MAX)))
        .map_err(|fault| Failure::verification(format!("`{shown}` cannot be read as a PDF: {fault}")))?;
    if !signed {
        return Err(Failure::refused(format!(
            "what was added to the released PDF in `{shown}` is no signature over all of the file"
        ))
        .help("only a signed file is recorded, with the signature or time stamp last; pages that change are a new revision"));
    }
    let said = format!("recorded the signed file of revision {}", release.rev);
    let entry = about(release, Event::Signed, vec![Vouched { of: Some(of), ..vouched }], None);
    Ok(entry.map(|entry| (entry, said)))
}

/// The PDF that a release vouches for.
fn pdf_of(release: &Line) -> Option<&Vouched> {
    release.files.iter().find(|file| file.name.strip_suffix(".pdf").is_some())
}

fn begins(bytes: &[u8], file: &Vouched) -> bool {
    let first = usize::try_from(file.size).ok().and_then(|size| bytes.get(..size));
    first.is_some_and(|first| Some(Digest::of(first)) == file.digest())
}

/// The line that takes a release back; `None` if it is there already.
fn withdrawn(ledger: &Ledger, revision: &str, reason: &str) -> Result<Option<(Entry, String)>, Failure> {
    if let Some(line) = ledger.withdrawn(revision) {
        if line.reason.as_deref() == Some(reason) {
            return Ok(None);
        }
        let first = line.reason.as_deref().unwrap_or("no reason is given");
        let message = format!("revision {revision} is already withdrawn, by line {} of the ledger: {first}", line.seq);
        return Err(Failure::refused(message)
            .help("a revision is withdrawn once, and a line is never edited; say the new reason in the next release"));
    }
    let Some(release) = ledger.release(revision) else {
        let known: Vec<&str> =
            ledger.lines().filter(|line| line.event == Event::Release).map(|line| line.rev.as_str()).collect();
        return Err(Failure::usage(format!("revision `{revision}` was never released"))
            .help(format!("released were: {}", known.join(", "))));
    };
    let said =
        format!("withdrew revision {revision}; its files stay, and `history` and `verify` say that it is not in force");
    Ok(about(release, Event::Withdrawn, Vec::new(), Some(reason.to_owned())).map(|entry| (entry, said)))
}
