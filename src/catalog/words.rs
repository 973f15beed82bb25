//! Fixed words in the language of a document.
//!
//! Comes in: `templates/locales/<language>/common.yaml` and `<kind>.yaml`. Goes out: one flat map; the kind's own word
//! wins. A language without files is an error: nothing turns into English by accident.

use std::collections::BTreeMap;

use super::{Catalog, CatalogError};

/// Words by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    words: BTreeMap<String, String>,
    paths: Vec<String>,
}

impl Words {
    pub(super) fn load(catalog: &Catalog, kind: &str, language: &str) -> Result<Self, CatalogError> {
        let mut words = BTreeMap::new();
        let paths: Vec<String> =
            ["common", kind].map(|name| format!("templates/locales/{language}/{name}.yaml")).to_vec();
        for path in &paths {
            let text = catalog.text(path)?;
            let more: BTreeMap<String, String> = serde_saphyr::from_str(text)
                .map_err(|error| CatalogError { file: path.clone(), message: error.to_string() })?;
            words.extend(more);
        }
        Ok(Self { words, paths })
    }

    /// The words by name.
    #[must_use]
    pub fn all(&self) -> &BTreeMap<String, String> {
        &self.words
    }

    /// Catalogue files they came from.
    #[must_use]
    pub fn paths(&self) -> &[String] {
        &self.paths
    }
}
