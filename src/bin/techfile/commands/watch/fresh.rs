//! What was not told before.

use serde_json::Value as Json;
use techfile::report::run::Line;

/// What is to be said of a document, without the warnings that it had already the last time: they are as true as before, and
/// bury what is new. Errors are told again, since somebody is mending them.
pub(super) fn fresh(said: &str, now: &Line, before: Option<&Line>) -> String {
    let Some(before) = before else { return said.to_owned() };
    let blocks: Vec<&str> = said.split_inclusive("\n\n").collect();
    let code = |finding: &Json| format!("[{}]", finding["code"].as_str().unwrap_or_default());
    let fits = now.findings.iter().zip(&blocks).all(|(finding, block)| block.contains(&code(finding)));
    if blocks.len() < now.findings.len() || !fits {
        return said.to_owned();
    }
    let same =
        |one: &Json, other: &Json| ["code", "severity", "pointer", "message"].iter().all(|key| one[key] == other[key]);
    let known = |finding: &Json| {
        finding["severity"] == "warning" && before.findings.iter().any(|earlier| same(earlier, finding))
    };
    let told = now.findings.iter().zip(&blocks).filter(|(finding, _)| !known(finding)).map(|(_, block)| *block);
    told.chain(blocks[now.findings.len()..].iter().copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(findings: &[(&str, &str, &str)]) -> Line {
        let json = |(code, severity, message): &(&str, &str, &str)| serde_json::json!({"code": code, "severity": severity, "pointer": "/a", "message": message, "line": message.len()});
        let mut line = Line::new("a.yaml");
        line.findings = findings.iter().map(json).collect();
        line
    }

    #[test]
    fn a_warning_is_told_once_and_an_error_until_it_is_mended() {
        let old = ("suspect", "warning", "a");
        let (new, wrong) = (("limit", "warning", "b"), ("syntax", "error", "c"));
        let now = line(&[old, new, wrong]);
        let said = "warning[suspect]: a\n --> a.yaml:1\n\nwarning[limit]: b\n\nerror[syntax]: c\n\n1 error\n";
        assert_eq!(fresh(said, &now, None), said);
        let told = "warning[limit]: b\n\nerror[syntax]: c\n\n1 error\n";
        assert_eq!(fresh(said, &now, Some(&line(&[old, wrong]))), told);
        assert_eq!(fresh("warning[suspect]: a\n\n", &line(&[old]), Some(&now)), "");
        assert_eq!(
            fresh("warning[suspect]: b\n\n", &line(&[("suspect", "warning", "b")]), Some(&now)),
            "warning[suspect]: b\n\n"
        );
        assert_eq!(fresh("something else\n", &now, Some(&now)), "something else\n");
    }
}
