//! The in-toto Statement of a release against the files that it speaks of.
//!
//! Comes in: the statement and the files of the folder. Goes out: what differs. Fields that nobody here knows are refused,
//! as SLSA asks of those who verify: an unknown parameter may have changed everything.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value as Json;

use super::ids::{self, Ids};
use super::{Files, RESTORE, about};
use crate::diagnostic::{Code, Diagnostic};
use crate::digest::Digest;
use crate::record::layout::{ANSWERS, BUILD_TYPE, INPUTS, PREDICATE_TYPE, STATEMENT_TYPE};

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Statement {
    #[serde(rename = "_type")]
    kind: String,
    subject: Vec<Named>,
    predicate_type: String,
    predicate: Predicate,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    name: String,
    digest: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Predicate {
    build_definition: Definition,
    run_details: Details,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Definition {
    build_type: String,
    external_parameters: External,
    internal_parameters: Internal,
    resolved_dependencies: Vec<Named>,
}

/// What somebody chose.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct External {
    /// Path of the answers file from the root.
    pub(super) answers: String,
    pub(super) document: String,
    pub(super) revision: String,
    pub(super) stem: String,
}

/// What the program was.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(not(feature = "pdf"), allow(dead_code, reason = "only a rebuild needs it"))]
pub(super) struct Internal {
    /// The platform.
    pub(super) target: String,
    /// Version of the compiler.
    pub(super) typst: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Details {
    builder: Builder,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Builder {
    id: String,
}

/// What a statement says that a rebuild needs.
#[derive(Debug, Clone)]
#[cfg_attr(not(feature = "pdf"), allow(dead_code, reason = "only a rebuild needs it"))]
pub(super) struct Said {
    pub(super) external: External,
    pub(super) internal: Internal,
    /// `urn:techfile:techfile:0.1.0`.
    pub(super) builder: String,
}

/// Reads a statement.
pub(super) fn read(bytes: &[u8]) -> Result<Said, String> {
    parsed(bytes).map(|statement| Said {
        external: statement.predicate.build_definition.external_parameters,
        internal: statement.predicate.build_definition.internal_parameters,
        builder: statement.predicate.run_details.builder.id,
    })
}

fn parsed(bytes: &[u8]) -> Result<Statement, String> {
    let body = bytes.strip_suffix(b"\n").ok_or("has no line feed at its end")?;
    let json: Json = ids::json(body, None)?;
    let statement: Statement = serde_json::from_value(json).map_err(|error| format!("is not understood: {error}"))?;
    let definition = &statement.predicate.build_definition;
    for (what, found, known) in [
        ("type", &statement.kind, STATEMENT_TYPE),
        ("predicate", &statement.predicate_type, PREDICATE_TYPE),
        ("build type", &definition.build_type, BUILD_TYPE),
    ] {
        if found != known {
            return Err(format!("has the {what} `{found}`, and this program reads `{known}`"));
        }
    }
    Ok(statement)
}

/// A statement against its folder.
pub(super) fn check(file: &str, bytes: &[u8], files: &Files, ids: &Ids) -> Vec<Diagnostic> {
    let statement = match parsed(bytes) {
        Ok(statement) => statement,
        Err(why) => return vec![about(Code::Statement, file, format!("the statement `{file}` {why}"), RESTORE)],
    };
    let mut findings = Vec::new();
    let mut differ = |message: String| findings.push(about(Code::Statement, file, message, RESTORE));
    let definition = &statement.predicate.build_definition;
    let external = &definition.external_parameters;
    if external.document != ids.document || external.revision != ids.revision {
        differ(format!("the statement is of {} revision {}", external.document, external.revision));
    }
    if !files.contains_key(&format!("{ANSWERS}{}", external.answers)) {
        differ(format!("the statement names `{}` as answers file, which is not in `inputs/answers`", external.answers));
    }
    let stem = &external.stem;
    let outputs = ["manifest.json", "md", "pdf", "typ"].map(|suffix| format!("{stem}.{suffix}"));
    let inputs: Vec<&String> = files.keys().filter(|name| name.starts_with(INPUTS)).collect();
    for (named, wanted) in
        [(&statement.subject, outputs.iter().collect::<Vec<_>>()), (&definition.resolved_dependencies, inputs)]
    {
        let names: Vec<&String> = named.iter().map(|named| &named.name).collect();
        if names != wanted {
            let odd = names
                .iter()
                .find(|name| !wanted.contains(name))
                .or_else(|| wanted.iter().find(|name| !names.contains(name)));
            let odd = odd.map_or_else(|| "an order of its own".to_owned(), |name| format!("`{name}`"));
            differ(format!("the statement and the folder do not name the same files: {odd}"));
        }
        for named in named {
            let Some(bytes) = files.get(&named.name) else { continue };
            let digests: Vec<(&str, &str)> =
                named.digest.iter().map(|(name, hex)| (name.as_str(), hex.as_str())).collect();
            if digests != [("sha256", Digest::of(bytes).to_string().as_str())] {
                differ(format!("the statement names another digest for `{}`", named.name));
            }
        }
    }
    findings
}
