//! `techfile explain CODE|CLAUSE`

use techfile::catalog::{Catalog, Clause, Framework};
use techfile::diagnostic::Code;
use techfile::report::{provision, wrapped};

use crate::exit::{Exit, Failure, nearest};
use crate::terminal::Terminal;

pub(super) fn run(catalog: &Catalog, what: &str, terminal: &Terminal) -> Result<Exit, Failure> {
    if let Some(code) = Code::parse(what) {
        terminal.result(&format!("{}\n\n{}", code.as_str(), reflowed(code.explain().unwrap_or_default())))?;
        return Ok(Exit::Success);
    }
    let frameworks = catalog.framework_ids().filter_map(|id| catalog.framework(id));
    let frameworks: Vec<&Framework> = frameworks.collect::<Result<_, _>>()?;
    let named = |framework: &Framework, clause: &Clause| format!("{}:{}", framework.framework, clause.id);
    // By its id, or as findings and documents cite it.
    let means = |framework: &Framework, clause: &Clause| {
        let cited = format!("{}, {}", framework.short_name, clause.label);
        [&clause.id, &named(framework, clause), &clause.label, &cited]
            .into_iter()
            .any(|name| name.eq_ignore_ascii_case(what))
    };
    let all =
        || frameworks.iter().flat_map(|framework| framework.clauses().iter().map(move |clause| (*framework, clause)));
    if let Some((framework, clause)) = all().find(|(framework, clause)| means(framework, clause)) {
        terminal.result(&provision(catalog, &catalog.crosswalk("en")?, framework, clause))?;
        return Ok(Exit::Success);
    }
    let long = what.contains(':');
    let clauses: Vec<String> =
        all().map(|(f, clause)| if long { named(f, clause) } else { clause.id.clone() }).collect();
    let codes = Code::ALL.iter().map(|code| code.as_str());
    let near = nearest(what, codes.chain(clauses.iter().map(String::as_str))).filter(|_| !what.trim().is_empty());
    let help = match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => {
            "give the code of a finding, such as `missing-answer`, or the id of a clause, such as `annex-iv.2.d`".into()
        }
    };
    Err(Failure::usage(format!("`{what}` is neither the code of a finding nor the id of a clause")).help(help))
}

/// An explanation in lines of a bearable length; what is indented stands as it is.
fn reflowed(markdown: &str) -> String {
    let paragraphs = markdown.split("\n\n").map(|paragraph| {
        if paragraph.starts_with("    ") {
            format!("{paragraph}\n")
        } else {
            wrapped(&paragraph.replace('\n', " "), "")
        }
    });
    paragraphs.collect::<Vec<_>>().join("\n")
}
