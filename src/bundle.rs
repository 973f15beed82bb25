//! The files that a build leaves behind, and their digests.
//!
//! Comes in: a [`TypesetDocument`] and the name the files share. Goes out: names and bytes. Total: nothing can fail here.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::digest::Digest;
use crate::typeset::TypesetDocument;

/// Names, relative to the output folder with `/`, and bytes.
#[derive(Debug, Clone)]
pub struct Bundle {
    files: BTreeMap<String, Vec<u8>>,
}

impl Bundle {
    /// The files by name.
    #[must_use]
    pub fn files(&self) -> &BTreeMap<String, Vec<u8>> {
        &self.files
    }
}

/// Names the outputs after the document's stem and digests them.
#[must_use]
pub fn bundle(typeset: TypesetDocument) -> Bundle {
    let stamped = &typeset.stamped;
    let stem = &stamped.document().stem;
    let mut files = BTreeMap::new();
    files.insert(format!("{stem}.pdf"), typeset.pdf.clone());
    files.insert(format!("{stem}.md"), stamped.document().markdown().into_bytes());
    files.insert(format!("{stem}.typ"), typeset.typ.clone().into_bytes());
    files.insert(format!("{stem}.manifest.json"), stamped.manifest_json().to_vec());
    let mut sums = String::new();
    for suffix in ["pdf", "md", "typ", "manifest.json"] {
        let name = format!("{stem}.{suffix}");
        let digest = Digest::of(&files[&name]);
        let base = name.rsplit('/').next().unwrap_or(&name);
        let _ = writeln!(sums, "{digest}  {base}");
    }
    files.insert(format!("{stem}.pdf.sha256"), sums.into_bytes());
    for (name, bytes) in typeset.files {
        files.insert(format!("{stem}.files/{name}"), bytes.to_vec());
    }
    Bundle { files }
}
