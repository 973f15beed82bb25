//! Metadata as XMP: properties of the document, written in RDF/XML.
//!
//! Comes in: the text of the packet. Goes out: what it says, or nothing if it has no one reading. A property is an element,
//! or an attribute of the element that describes the document; to RDF both are equal, and programs that sign turn one into
//! the other. A property that stands twice, in whichever form, says nothing, nor does an attribute of something else.

use roxmltree::{Document as Xml, Node, ParsingOptions};

use super::Metadata;

/// Bytes of the packet.
const BYTES: usize = 1 << 20;
/// Elements and texts of it.
const NODES: u32 = 1 << 16;
/// Attributes of it: the library holds each against all others of an element.
const ATTRIBUTES: usize = 1 << 12;
/// Namespaces that it declares: the library copies them from element to element.
const NAMESPACES: usize = 1 << 9;

const RDF: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
const DC: &str = "http://purl.org/dc/elements/1.1/";
const PDF: &str = "http://ns.adobe.com/pdf/1.3/";
const XMP: &str = "http://ns.adobe.com/xap/1.0/";

/// What a packet says, if it can be read within the limits.
pub(super) fn read(bytes: &[u8]) -> Option<Metadata> {
    let text = std::str::from_utf8(bytes).ok().filter(|text| text.len() <= BYTES)?.trim_matches('\0');
    if text.matches('=').count() > ATTRIBUTES || text.matches("xmlns").count() > NAMESPACES {
        return None;
    }
    let options = ParsingOptions { nodes_limit: NODES, ..ParsingOptions::default() };
    let xml = Xml::parse_with_options(text, options).ok()?;
    Some(Metadata {
        title: property(&xml, DC, "title"),
        subject: property(&xml, DC, "description"),
        keywords: property(&xml, PDF, "Keywords"),
        authors: property(&xml, DC, "creator"),
        dates: ["CreateDate", "ModifyDate"].map(|name| property(&xml, XMP, name)),
    })
}

/// The one value of a property.
fn property(xml: &Xml<'_>, namespace: &str, name: &str) -> Option<String> {
    let mut found = xml.descendants().flat_map(|node| {
        let element = node.has_tag_name((namespace, name)).then(|| Some(words(node)));
        let attribute = node.attribute((namespace, name));
        let attribute = attribute.map(|value| is_document(&node).then(|| value.trim().to_owned()));
        element.into_iter().chain(attribute)
    });
    found.next().filter(|_| found.next().is_none())?
}

/// Whether an element describes the document, and not something in the value of a property.
fn is_document(node: &Node<'_, '_>) -> bool {
    node.has_tag_name((RDF, "Description")) && node.parent().is_some_and(|above| above.has_tag_name((RDF, "RDF")))
}

fn words(node: Node<'_, '_>) -> String {
    let texts = node.descendants().filter(Node::is_text).filter_map(|node| node.text());
    texts.collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(attributes: &str, elements: &str) -> String {
        format!(
            r#"<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF
            xmlns:rdf="{RDF}"><rdf:Description rdf:about="" xmlns:dc="{DC}" xmlns:p="{PDF}" {attributes}>{elements}</rdf:Description
            ></rdf:RDF></x:xmpmeta><?xpacket end="r"?>"#
        )
    }

    fn keywords(attributes: &str, elements: &str) -> Option<String> {
        read(packet(attributes, elements).as_bytes()).unwrap().keywords
    }

    #[test]
    fn a_property_is_an_element_or_an_attribute() {
        let alt = |name: &str, text: &str| {
            format!(r#"<dc:{name}><rdf:Alt><rdf:li xml:lang="x-default">{text}</rdf:li></rdf:Alt></dc:{name}>"#)
        };
        let texts = alt("title", "T &amp; U") + &alt("description", "content sha256:1");
        let (element, attribute) = ("<p:Keywords>a, b</p:Keywords>", r#"p:Keywords="a, b""#);
        let as_elements = read(packet("", &(texts.clone() + element)).as_bytes()).unwrap();
        let as_attributes = read(packet(attribute, &texts).as_bytes()).unwrap();
        let said = |text: &str| Some(text.to_owned());
        let wanted = Metadata {
            title: said("T & U"),
            subject: said("content sha256:1"),
            keywords: said("a, b"),
            ..Metadata::default()
        };
        assert_eq!((&as_elements, &as_attributes), (&wanted, &wanted));
        let all = packet(r#"p:Keywords="a, b" dc:title="T &amp; U" dc:description="content sha256:1""#, "");
        assert_eq!(read(all.as_bytes()).unwrap(), wanted);
    }

    #[test]
    fn what_has_two_readings_has_none() {
        let (element, attribute) = ("<p:Keywords>a</p:Keywords>", r#"p:Keywords="a""#);
        assert_eq!(keywords("", element), Some("a".into()));
        assert_eq!(keywords(attribute, element), None, "both forms");
        assert_eq!(keywords("", &element.repeat(2)), None);
        let nested = |inner: &str| format!("<p:Other><rdf:Description {inner}/></p:Other>");
        assert_eq!(keywords("", &nested(attribute)), None, "a property of something else");
        assert_eq!(keywords(attribute, &nested(attribute)), None, "one that another reader might take");
        assert_eq!(keywords(r#"Keywords="a" dc:Keywords="a""#, ""), None, "another name");
        assert_eq!(read(packet(&attribute.repeat(2), "").as_bytes()), None, "no XML");
        assert_eq!(read(format!(r#"<!DOCTYPE x [<!ENTITY e "a">]>{}"#, packet("", "&e;")).as_bytes()), None);
    }

    #[test]
    fn a_packet_that_takes_long_to_read_is_not_read() {
        let many = |count: usize, part: &dyn Fn(usize) -> String| (0..count).map(part).collect::<String>();
        let wide = many(60_000, &|number| format!(" a{number}=''"));
        assert_eq!(read(packet(&wide, "").as_bytes()), None);
        let deep = many(10_000, &|number| format!("<a xmlns:n{number}='u'>")) + &"</a>".repeat(10_000);
        assert_eq!(read(packet("", &deep).as_bytes()), None);
        assert_eq!(read(packet("", &"<a/>".repeat(100_000)).as_bytes()), None);
        // The most that is read ends soon, too.
        let wide = many(4_000, &|number| format!(" a{number}=''"));
        let deep = many(500, &|number| format!("<a xmlns:n{number}='u'>")) + &"</a>".repeat(500);
        assert!(read(packet(&wide, "").as_bytes()).is_some() && read(packet("", &deep).as_bytes()).is_some());
        assert!(read(packet("", &("<a>".repeat(30_000) + &"</a>".repeat(30_000))).as_bytes()).is_some());
    }
}
