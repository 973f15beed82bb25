//! The ids of a document, as its manifest and content say them.
//!
//! Comes in: bytes of `manifest.json`, `content.json` and `answers.json`. Goes out: which document it is, and what in the
//! three contradicts itself. JSON that is not written as we write it is refused: it could be read in two ways.

use serde_json::Value as Json;

use super::{RESTORE, about};
use crate::diagnostic::{Code, Diagnostic};
use crate::digest::Digest;
use crate::identity::is_canonical;

/// Bytes of one JSON text.
const MAX_JSON: usize = 64 << 20;

/// Which document it is and what its manifest says.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Ids {
    pub(super) document: String,
    pub(super) revision: String,
    pub(super) content_id: Digest,
    pub(super) build_id: Digest,
    pub(super) manifest: Json,
}

/// JSON in canonical form, in the format that it names; or why it is not.
pub(super) fn json(bytes: &[u8], format: Option<&str>) -> Result<Json, String> {
    if bytes.len() > MAX_JSON {
        return Err(format!("has more than {MAX_JSON} bytes (64 MiB)"));
    }
    let value: Json = serde_json::from_slice(bytes).map_err(|_| "is no JSON".to_owned())?;
    if let Some(format) = format
        && value["format"] != format
    {
        let found = value["format"].as_str().unwrap_or("none");
        return Err(format!("has the format `{found}`, and this program reads `{format}`"));
    }
    if !is_canonical(&value, bytes) {
        return Err("is not canonical JSON (RFC 8785), as it was written".to_owned());
    }
    Ok(value)
}

/// The ids of a manifest.
pub(super) fn manifest(file: &str, bytes: &[u8]) -> Result<Ids, Box<Diagnostic>> {
    let fault = |why: &str| Box::new(about(Code::IdMismatch, file, format!("`{file}` {why}"), RESTORE));
    let manifest = json(bytes, Some("techfile-manifest/1")).map_err(|why| fault(&why))?;
    let text = |pointer: &str| manifest.pointer(pointer).and_then(Json::as_str).map(str::to_owned);
    let ids = || {
        Some(Ids {
            document: text("/document/id")?,
            revision: text("/document/revision")?,
            content_id: text("/content_id").and_then(|id| Digest::parse(&id))?,
            build_id: Digest::of(bytes),
            manifest: manifest.clone(),
        })
    };
    ids().ok_or_else(|| fault("does not say which document it is of"))
}

/// What contradicts itself between manifest, content and answers. `named` is how the place of a part is called.
pub(super) fn agree(ids: &Ids, content: &[u8], answers: &[u8], named: &dyn Fn(&str) -> String) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    let content_file = named("content.json");
    let mut differ = |file: &str, message: String| findings.push(about(Code::IdMismatch, file, message, RESTORE));
    let found = Digest::of(content);
    if found != ids.content_id {
        let (found, wanted) = (found.short(), ids.content_id.short());
        differ(
            &content_file,
            format!("content.json has the SHA-256 {found}…, and the manifest names content {wanted}…"),
        );
    }
    let content = match json(content, Some("techfile-content/1")) {
        Ok(content) => content,
        Err(why) => {
            differ(&content_file, format!("content.json {why}"));
            return findings;
        }
    };
    let answers_file = named("answers.json");
    if content["answers"]["sha256"] != Digest::of(answers).to_string() || content["answers"]["size"] != answers.len() {
        differ(&answers_file, "answers.json has another digest than content.json names".to_owned());
    }
    match json(answers, None) {
        Err(why) => differ(&answers_file, format!("answers.json {why}")),
        Ok(answers) => {
            let places = [
                ("/kind", "/kind", "/kind"),
                ("/document/id", "/document", "/document/id"),
                ("/document/revision", "/revision", "/document/revision"),
                ("/document/language", "/language", "/document/language"),
            ];
            for (of_answers, of_content, of_manifest) in places {
                let said = answers.pointer(of_answers);
                if said.is_none() || said != content.pointer(of_content) || said != ids.manifest.pointer(of_manifest) {
                    let what = of_answers.trim_start_matches('/').replace('/', ".");
                    let message = format!("answers.json, content.json and manifest.json do not agree in `{what}`");
                    differ(&answers_file, message);
                }
            }
        }
    }
    findings
}

/// Digests of the evidence that content names.
pub(super) fn evidence(content: &[u8]) -> Vec<(String, Digest)> {
    let Ok(content) = json(content, None) else { return Vec::new() };
    let items = content["evidence"].as_array().map(Vec::as_slice).unwrap_or_default();
    let named = items
        .iter()
        .filter_map(|item| Some((item["path"].as_str()?.to_owned(), Digest::parse(item["sha256"].as_str()?)?)));
    named.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_has_one_reading_or_none() {
        assert!(json(br#"{"a":1,"b":[]}"#, None).is_ok());
        let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
        for bad in [r#"{"b":1,"a":1}"#, r#"{"a":1.5}"#, r#"{"a": 1}"#, r#"{"a":1,"a":1}"#, "{\"a\":1}\n", "", &deep] {
            assert!(json(bad.as_bytes(), None).is_err(), "{bad}");
        }
        let told = json(br#"{"format":"x/2"}"#, Some("x/1")).unwrap_err();
        assert_eq!(told, "has the format `x/2`, and this program reads `x/1`");
    }
}
