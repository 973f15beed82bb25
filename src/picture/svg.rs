//! SVG: nothing in it may fetch, act, multiply or nest without end.

use roxmltree::{Document, Node, ParsingOptions};

use super::{Fault, Format, Picture};

/// Most elements of a vector picture.
const MAX_NODES: u32 = 100_000;
/// Deepest nesting of a vector picture.
const MAX_DEPTH: usize = 256;
/// Furthest reach of a filter, which is drawn as pixels.
const MAX_REACH: f64 = 50.0;

/// Parses the XML without document types and refuses what fetches, acts or nests without end.
pub(super) fn judge(bytes: &[u8]) -> Result<Picture, Fault> {
    let text = std::str::from_utf8(bytes).map_err(|_| Fault::Broken("the SVG is not UTF-8".into()))?;
    if text.contains("<!DOCTYPE") || text.contains("<!ENTITY") {
        return Err(Fault::Refused("the SVG has a document type; entities could unfold without end".into()));
    }
    let options = ParsingOptions { allow_dtd: false, nodes_limit: MAX_NODES, ..Default::default() };
    let document = match Document::parse_with_options(text, options) {
        Ok(document) => document,
        Err(roxmltree::Error::NodesLimitReached) => {
            return Err(Fault::Refused(format!("the SVG has more than {MAX_NODES} nodes")));
        }
        Err(error) => return Err(Fault::Broken(format!("the SVG is no XML: {error}"))),
    };
    if document.root_element().tag_name().name() != "svg" {
        return Err(Fault::Broken("the file is XML but no SVG".into()));
    }
    for element in document.descendants().filter(Node::is_element) {
        if element.ancestors().nth(MAX_DEPTH + 1).is_some() {
            return Err(Fault::Refused(format!("the SVG nests more than {MAX_DEPTH} elements deep")));
        }
        let name = element.tag_name().name();
        if matches!(
            name,
            "script" | "foreignObject" | "iframe" | "audio" | "video" | "animate" | "set" | "use" | "image"
        ) {
            return Err(Fault::Refused(format!("the SVG has a <{name}> element, which could act, fetch or multiply")));
        }
        if name.starts_with("fe") && ["stdDeviation", "radius", "dx", "dy"].into_iter().any(|key| reaches(element, key))
        {
            return Err(Fault::Refused(format!(
                "the filter <{name}> of the SVG reaches further than {MAX_REACH} units"
            )));
        }
        if name == "style" && fetches(element.text().unwrap_or("")) {
            return Err(Fault::Refused("the SVG has a style that fetches".into()));
        }
        for attribute in element.attributes() {
            let (key, value) = (attribute.name(), attribute.value());
            if key.len() > 2 && key.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("on")) {
                return Err(Fault::Refused(format!("the SVG has the event attribute `{key}`")));
            }
            if (key == "href" || key == "src") && !value.starts_with('#') {
                return Err(Fault::Refused("the SVG refers to something outside itself".into()));
            }
            if fetches(value) {
                return Err(Fault::Refused(format!("the attribute `{key}` of the SVG fetches")));
            }
        }
    }
    size(&document)?;
    Ok(Picture { format: Format::Svg, width: None, height: None, letters: letters(&document) })
}

/// Whether a style sheet or attribute asks for something outside: `@import`, or `url(` of anything but a fragment.
fn fetches(style: &str) -> bool {
    let style = style.to_ascii_lowercase();
    // A backslash in CSS can spell any of these words in disguise.
    style.contains("@import")
        || style.contains('\\')
        || style
            .split("url(")
            .skip(1)
            .any(|rest| !rest.trim_start_matches([' ', '\t', '\n', '"', '\'']).starts_with('#'))
}

fn reaches(element: Node<'_, '_>, key: &str) -> bool {
    let numbers = element.attribute(key).into_iter().flat_map(|value| value.split([' ', ',', '\t', '\n', '\r']));
    numbers.filter(|part| !part.is_empty()).any(|part| !part.parse::<f64>().is_ok_and(|reach| reach.abs() <= MAX_REACH))
}

/// A width, a height or a view that is nothing cannot be drawn.
fn size(document: &Document<'_>) -> Result<(), Fault> {
    let root = document.root_element();
    let positive = |text: &str| {
        let number = text.trim().trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '%');
        number.parse::<f64>().is_ok_and(|number| number > 0.0 && number <= 1e6)
    };
    for key in ["width", "height"] {
        if root.attribute(key).is_some_and(|value| !positive(value)) {
            return Err(Fault::Broken(format!("the SVG has no {key} that could be drawn")));
        }
    }
    let view =
        |text: &str| text.split([' ', ',', '\t', '\n', '\r']).filter(|part| !part.is_empty()).skip(2).all(positive);
    if root.attribute("viewBox").is_some_and(|value| !view(value)) {
        return Err(Fault::Broken("the SVG has no view that could be drawn".into()));
    }
    Ok(())
}

/// The words that it shows as letters.
fn letters(document: &Document<'_>) -> String {
    let texts = document.descendants().filter(|node| node.has_tag_name((SVG, "text")));
    texts.flat_map(|node| node.descendants()).filter(Node::is_text).filter_map(|node| node.text()).collect()
}

const SVG: &str = "http://www.w3.org/2000/svg";
