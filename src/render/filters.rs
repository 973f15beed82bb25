//! What templates can do beyond Tera: dates and numbers of the language, markers, names of headings, links, pictures.
//!
//! Comes in: a Tera instance and what the functions must know. Goes out: the instance with our filters, tests and functions
//! and without the filters that could let an answer become markup. Knows nothing of any kind.

use std::collections::BTreeMap;
use std::sync::Arc;

use tera::{Error, Kwargs, Map, State, Tera, Value};

use super::context::MARKED;
use super::layout::{HEADING, LINK, MARKER, OPENING, PROSE, TARGET};
use super::{Words, escape};

/// What functions must know.
pub(super) struct Knowledge {
    pub(super) words: Words,
    /// Clauses by id, or why the language does not have them.
    pub(super) clauses: BTreeMap<String, Result<Provision, String>>,
    /// Pictures by id of the evidence: target and words for those who cannot see it.
    pub(super) pictures: BTreeMap<String, (String, String)>,
}

/// A clause in the language of the document.
pub(super) struct Provision {
    pub(super) label: String,
    pub(super) title: Option<String>,
    pub(super) text: Option<String>,
    /// The days from which it applies to some systems, `YYYY-MM-DD`.
    pub(super) applies_from: Vec<String>,
}

type Answer = Result<Value, Error>;

/// Teaches Tera our filters, tests and functions.
pub(super) fn register(tera: &mut Tera, knowledge: Knowledge) {
    let knowledge = Arc::new(knowledge);
    for name in ["safe", "escape_html", "escape_xml", "newlines_to_br", "group_by"] {
        tera.register_filter(name, move |_: Value, _: Kwargs, _: &State<'_>| -> Answer {
            Err(Error::message(format!("there is no filter `{name}`: answers are escaped where they stand")))
        });
    }
    let know = knowledge.clone();
    tera.register_filter("date", move |value: Value, _: Kwargs, _: &State<'_>| -> Answer {
        Ok(on_text(&value, |text| date_in_words(text, &know.words.0)))
    });
    let know = knowledge.clone();
    tera.register_filter("figure", move |value: Value, _: Kwargs, _: &State<'_>| -> Answer {
        if let Some(count) = value.as_u128() {
            return Ok(Value::from(grouped(count)));
        }
        Ok(on_text(&value, |text| text.replace('.', know.words.get("decimal_separator"))))
    });
    let know = knowledge.clone();
    tera.register_filter("bytes", move |value: Value, _: Kwargs, _: &State<'_>| -> Answer {
        let Some(size) = value.as_u128() else { return Ok(value) };
        Ok(Value::from(format!("{} {}", grouped(size), know.words.get("evidence_bytes"))))
    });
    let know = knowledge.clone();
    tera.register_filter("yesno", move |value: Value, _: Kwargs, _: &State<'_>| -> Answer {
        Ok(match value.as_bool() {
            Some(value) => Value::normal_string(know.words.get(if value { "yes" } else { "no" })),
            None => value,
        })
    });
    let know = knowledge.clone();
    tera.register_filter("word", move |value: Value, kwargs: Kwargs, _: &State<'_>| -> Answer {
        let prefix = kwargs.get::<&str>("prefix")?.unwrap_or("");
        match value.as_str() {
            Some(text) if !is_marker(&value) => know.word(&format!("{prefix}{}", text.replace(['-', ' ', '.'], "_"))),
            _ => Ok(value),
        }
    });
    tera.register_filter("items", |value: Value, _: Kwargs, _: &State<'_>| -> Answer {
        Ok(if value.is_array() { value } else { Value::from(Vec::<Value>::new()) })
    });
    tera.register_filter("opening", |value: Value, _: Kwargs, _: &State<'_>| -> Answer {
        let whole = value.as_str().filter(|_| value.is_safe()).and_then(|text| PROSE.number_of(text));
        Ok(match whole.and_then(|number| number.parse().ok()) {
            Some(number) => Value::safe_string(&OPENING.number(number)),
            None => value,
        })
    });
    // Tera's own makes the rest small, which spells the nouns of German wrongly.
    tera.register_filter("capitalize", |value: Value, _: Kwargs, _: &State<'_>| -> Answer {
        Ok(on_text(&value, |text| {
            let mut rest = text.chars();
            rest.next().map(|first| first.to_uppercase().chain(rest).collect()).unwrap_or_default()
        }))
    });
    tera.register_filter("marker", |value: Value, _: Kwargs, _: &State<'_>| -> Answer {
        Ok(marker_of(&value).unwrap_or_else(Value::none))
    });
    tera.register_filter("listed", |value: Value, kwargs: Kwargs, state: &State<'_>| -> Answer {
        let Some(items) = value.as_array() else { return Ok(value) };
        let items = items.iter().map(|item| state.escape_if_needed(item)).collect::<Result<Vec<_>, _>>()?;
        Ok(Value::safe_string(&items.join(&escape::inline(kwargs.get::<&str>("sep")?.unwrap_or(", "), false))))
    });
    tera.register_test("marker", |value: Value, _: Kwargs, _: &State<'_>| is_marker(&value));
    tera.register_test("given", |value: Value, _: Kwargs, _: &State<'_>| is_given(&value));
    functions(tera, &knowledge);
}

fn functions(tera: &mut Tera, knowledge: &Arc<Knowledge>) {
    let know = knowledge.clone();
    tera.register_function("clause", move |kwargs: Kwargs, _: &State<'_>| -> Answer {
        let id = kwargs.must_get::<&str>("id")?;
        let Some(provision) = know.clauses.get(id) else {
            return Err(Error::message(format!("the clause `{id}` is in no clause catalogue")));
        };
        let Provision { label, title, text, applies_from } = provision.as_ref().map_err(Error::message)?;
        let or_none = |text: &Option<String>| text.as_deref().map_or_else(Value::none, Value::normal_string);
        let mut map = Map::new();
        map.insert("label".into(), Value::normal_string(label));
        map.insert("text".into(), or_none(text));
        let days = applies_from.iter().map(|day| Value::normal_string(day)).collect::<Vec<_>>();
        map.insert("applies_from".into(), Value::from(days));
        // A heading that the language lacks is no name at all, so that printing it is a fault and nothing else.
        if let Some(title) = title {
            map.insert("title".into(), Value::normal_string(title));
        }
        Ok(Value::from(map))
    });
    tera.register_function("at", |kwargs: Kwargs, _: &State<'_>| -> Answer {
        let key = kwargs.must_get::<&Value>("key")?;
        let one = |key: &Value| key.as_str().map(|key| HEADING.name(key));
        let names = match key.as_array() {
            Some(keys) => keys.iter().map(one).collect::<Option<String>>(),
            None => one(key),
        };
        names
            .map(|names| Value::safe_string(&names))
            .ok_or_else(|| Error::message("`key` must be a text or a list of texts"))
    });
    tera.register_function("link", |kwargs: Kwargs, state: &State<'_>| -> Answer {
        let to = kwargs.must_get::<&str>("to")?;
        Ok(Value::safe_string(&match kwargs.get::<&Value>("text")?.filter(|text| !text.is_none()) {
            Some(text) => format!("[{}]({})", state.escape_if_needed(text)?, TARGET.name(to)),
            None => LINK.name(to),
        }))
    });
    let know = knowledge.clone();
    tera.register_function("picture", move |kwargs: Kwargs, _: &State<'_>| -> Answer {
        let id = kwargs.must_get::<&str>("id")?;
        let Some((target, alt)) = know.pictures.get(id) else { return Ok(Value::none()) };
        Ok(Value::safe_string(&format!("![{}]({target})", escape::within(alt))))
    });
    let know = knowledge.clone();
    tera.register_function("word", move |kwargs: Kwargs, _: &State<'_>| -> Answer {
        know.word(kwargs.must_get::<&str>("name")?)
    });
}

impl Knowledge {
    fn word(&self, name: &str) -> Answer {
        let word = self
            .words
            .find(name)
            .ok_or_else(|| Error::message(format!("the words of the language have no `{name}`")))?;
        Ok(Value::normal_string(word))
    }
}

/// What stands in place of an answer, ready to print.
fn marker_of(value: &Value) -> Option<Value> {
    if let Some(text) = value.as_str() {
        return (value.is_safe() && MARKER.is(text)).then(|| value.clone());
    }
    value.as_map()?.iter().find(|(key, _)| key.as_str() == Some(MARKED)).map(|(_, value)| value.clone())
}

fn is_marker(value: &Value) -> bool {
    marker_of(value).is_some()
}

fn is_given(value: &Value) -> bool {
    let empty = value.is_none() || value.is_undefined() || value.as_array().is_some_and(<[Value]>::is_empty);
    !empty && !is_marker(value)
}

/// Does something to a text; what stands in place of an answer stays.
fn on_text(value: &Value, with: impl FnOnce(&str) -> String) -> Value {
    match value.as_str() {
        Some(text) if !value.is_safe() => Value::from(with(text)),
        _ => value.clone(),
    }
}

/// A date of the calendar in the words of the language; anything else as it is.
pub(crate) fn date_in_words(date: &str, words: &BTreeMap<String, String>) -> String {
    let mut parts = date.splitn(3, '-');
    let (Some(year), Some(month), Some(day)) = (parts.next(), parts.next(), parts.next()) else {
        return date.to_owned();
    };
    let word = |name: &str| words.get(name);
    let (Some(pattern), Some(month)) = (word("date_format"), word(&format!("month_{month}"))) else {
        return date.to_owned();
    };
    pattern.replace("{day}", day.trim_start_matches('0')).replace("{month}", month).replace("{year}", year)
}

/// Digits in groups of three, parted by spaces that do not break.
fn grouped(number: u128) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push('\u{a0}');
        }
        out.push(digit);
    }
    out
}
