//! What a PDF does or carries beside its pages and its list of attachments.
//!
//! Comes in: a PDF that was read. Goes out: in words, what no document of ours has: files that only some readers show,
//! scripts and actions, annotations that may cover a page. A file with any of these says more than its pages say.

use std::collections::BTreeSet;

use super::object::{Dict, Object};
use super::{Fault, Pdf};

/// How many are told.
const MOST: usize = 16;

impl Pdf<'_> {
    /// What the PDF has that no document of ours has.
    ///
    /// # Errors
    /// Pages, annotations or a form that cannot be read.
    pub fn strange(&mut self) -> Result<Vec<String>, Fault> {
        let root = self.root.clone();
        let listed: BTreeSet<u32> =
            self.specifications()?.into_iter().filter_map(|(_, named)| number(&named)).collect();
        let mut found = BTreeSet::new();
        let mut tell = |what: String| {
            if found.len() < MOST {
                found.insert(what);
            }
        };
        for (key, what) in [("OpenAction", "does something when it is opened"), ("AA", "does something by itself")] {
            if has(&root, key) {
                tell(format!("{what} (`{key}`)"));
            }
        }
        if has(&self.file.dict(&root, b"Names")?, "JavaScript") {
            tell("holds a script (`JavaScript`)".to_owned());
        }
        if self.names_others(&root, &listed)? {
            tell("carries a file that is not in its list of attachments (`AF`)".to_owned());
        }
        self.form(&root, &mut tell)?;
        let tree = self.file.dict(&root, b"Pages")?;
        let (mut waiting, mut seen, mut pages) = (vec![tree], BTreeSet::new(), 0_usize);
        while let Some(node) = waiting.pop() {
            if let Object::Array(kids) = self.file.entry(&node, b"Kids")? {
                for kid in kids.into_iter().rev() {
                    waiting.push(self.kid(kid, &mut seen)?);
                }
                self.few(waiting.len())?;
                continue;
            }
            pages += 1;
            self.few(pages)?;
            if has(&node, "AA") {
                tell(format!("does something when page {pages} is shown (`AA`)"));
            }
            if self.names_others(&node, &listed)? {
                tell(format!("carries a file on page {pages} that is not in its list of attachments (`AF`)"));
            }
            let Object::Array(annotations) = self.file.entry(&node, b"Annots")? else { continue };
            for annotation in annotations {
                let Object::Dict(annotation) = self.file.resolved(annotation)? else { continue };
                if let Some(what) = self.annotation(&annotation, &listed)? {
                    tell(format!("has on page {pages} {what}"));
                }
            }
        }
        Ok(found.into_iter().collect())
    }

    /// What an annotation is else than a link, or the place of a signature.
    fn annotation(&mut self, annotation: &Dict, listed: &BTreeSet<u32>) -> Result<Option<String>, Fault> {
        let kind = self.file.entry(annotation, b"Subtype")?;
        let kind = kind.name().unwrap_or_default();
        if ![&b"Link"[..], b"Widget"].contains(&kind) {
            return Ok(Some(format!("an annotation that may carry or cover something (`{}`)", text(kind))));
        }
        if has(annotation, "AA") || has(annotation, "FS") || self.names_others(annotation, listed)? {
            return Ok(Some("an annotation that does or carries something".to_owned()));
        }
        let Object::Dict(action) = self.file.entry(annotation, b"A")? else { return Ok(None) };
        let does = self.file.entry(&action, b"S")?;
        let does = does.name().unwrap_or_default();
        let leads = [&b"URI"[..], b"GoTo"].contains(&does) && !has(&action, "Next");
        Ok((!leads).then(|| format!("a link that does something (`{}`)", text(does))))
    }

    /// Whether something names files that the list of attachments does not name.
    fn names_others(&mut self, of: &Dict, listed: &BTreeSet<u32>) -> Result<bool, Fault> {
        Ok(match self.file.entry(of, b"AF")? {
            Object::Null => false,
            Object::Array(files) => !files.iter().all(|file| number(file).is_some_and(|file| listed.contains(&file))),
            _ => true,
        })
    }

    /// Scripts in a form. The fields of signatures are all that a form of ours may have.
    fn form(&mut self, root: &Dict, tell: &mut impl FnMut(String)) -> Result<(), Fault> {
        let form = self.file.dict(root, b"AcroForm")?;
        if has(&form, "XFA") || has(&form, "CO") {
            tell("has a form that does something (`AcroForm`)".to_owned());
        }
        let mut waiting = vec![self.file.entry(&form, b"Fields")?];
        let mut seen = BTreeSet::new();
        while let Some(fields) = waiting.pop() {
            let Object::Array(fields) = fields else { continue };
            for field in fields {
                if number(&field).is_some_and(|number| !seen.insert(number)) {
                    return Err(Fault::Broken("its form grows into itself".into()));
                }
                self.few(seen.len())?;
                let Object::Dict(field) = self.file.resolved(field)? else { continue };
                if has(&field, "AA") {
                    tell("has a form that does something (`AA`)".to_owned());
                }
                waiting.push(self.file.entry(&field, b"Kids")?);
            }
        }
        Ok(())
    }
}

fn number(object: &Object) -> Option<u32> {
    match object {
        Object::Ref(number) => Some(*number),
        _ => None,
    }
}

fn has(dict: &Dict, key: &str) -> bool {
    dict.get(key.as_bytes()).is_some_and(|value| *value != Object::Null)
}

fn text(name: &[u8]) -> String {
    String::from_utf8_lossy(name).into_owned()
}
