//! Charts drawn from tables.
//!
//! Comes in: the cells of a table that a template calls a chart. Goes out: code of figures, each with its words for those
//! who cannot see it. Nothing is drawn but what the cells say; a table without numbers gives no figure. Knows nothing of
//! the look: `theme/charts.typ` draws what is placed here.

mod bars;
mod read;

use std::collections::BTreeMap;
use std::ops::Range;

use pulldown_cmark::{Event, Tag, TagEnd};

use self::bars::{groups, sizes, thresholds};
use self::read::Reader;
use super::literal::{self, Width, string};
use super::markup::{Placed, plain};

/// Rows of one figure; more stand in further figures, so that each fits on a page.
const ROWS: usize = 24;
/// Names are shown in full by the table; a chart has room for so many characters.
const LONG: usize = 64;
const SHORT: usize = 24;
/// A line across the page, in thousandths of the size of a chart's font.
const ACROSS: u32 = 61_000;
/// The same for the finer print of a matrix.
const FINER: u32 = 64_000;
/// Most characters that one string of a PDF may have, with room to spare.
const MOST_WORDS: usize = 12_000;
/// Most columns of words below a time line; more points stand below each other.
const BESIDE: usize = 5;

/// Words of a cell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Cell {
    text: String,
    /// Something stands in place of the answer.
    marked: bool,
}

/// A table in the words of its cells.
#[derive(Debug, Default)]
pub(super) struct Cells {
    title: String,
    head: Vec<Cell>,
    rows: Vec<Vec<Cell>>,
}

/// The chart that a comment right before the table at `index` asks for.
pub(super) fn asked<'e>(events: &'e [Placed<'_>], index: usize) -> Option<(&'e str, Cells)> {
    // Few tables are charts, so what stands right before is looked at first.
    let before = events[..index].last().filter(|(event, _)| matches!(event, Event::End(TagEnd::HtmlBlock)));
    before?;
    let start = events[..index].iter().rposition(|(event, _)| matches!(event, Event::Start(Tag::HtmlBlock)))?;
    let comment = events[start].1.trim().strip_prefix("<!--")?.strip_suffix("-->")?;
    let name = comment.trim().strip_prefix("chart:")?.trim();
    let mut cells = Cells { title: title(&events[..start]), ..Cells::default() };
    let (mut row, mut from) = (Vec::new(), index);
    for (at, (event, _)) in events.iter().enumerate().skip(index) {
        match event {
            Event::Start(Tag::TableCell) => from = at,
            Event::End(TagEnd::TableCell) => {
                let inner = &events[from..at];
                let text = plain(inner).split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
                let marked = inner.iter().any(|(event, _)| matches!(event, Event::Start(Tag::Strong)));
                row.push(Cell { text, marked });
            }
            Event::End(TagEnd::TableHead) => cells.head = std::mem::take(&mut row),
            Event::End(TagEnd::TableRow) => cells.rows.push(std::mem::take(&mut row)),
            Event::End(TagEnd::Table) => break,
            _ => {}
        }
    }
    Some((name, cells))
}

/// The words of a paragraph that is one bold text and ends here.
fn title(events: &[Placed<'_>]) -> String {
    let Some(start) = events.iter().rposition(|(event, _)| matches!(event, Event::Start(Tag::Paragraph))) else {
        return String::new();
    };
    let bold =
        |event: Option<&Placed<'_>>| matches!(event, Some((Event::Start(Tag::Strong) | Event::End(TagEnd::Strong), _)));
    let ends = matches!(events.last(), Some((Event::End(TagEnd::Paragraph), _)));
    if ends && bold(events.get(start + 1)) && bold(events.get(events.len() - 2)) {
        plain(&events[start..]).trim().to_owned()
    } else {
        String::new()
    }
}

/// The figures, or why the template's table is none of which the chart can be drawn.
pub(super) fn figures(name: &str, cells: &Cells, words: &BTreeMap<String, String>) -> Result<Vec<String>, String> {
    let reader = Reader::new(words);
    let columns = cells.head.len();
    let needs = |fits: bool| {
        let fault = || format!("a table with {columns} columns gives no chart `{name}`");
        fits.then_some(()).ok_or_else(fault)
    };
    match name {
        "thresholds" => needs(columns >= 6).map(|()| thresholds(cells, &reader)),
        "groups" => needs(columns >= 4).map(|()| groups(cells, &reader)),
        "sizes" => needs(columns >= 3).map(|()| sizes(cells, &reader)),
        "risk-matrix" => needs(columns > 2).map(|()| matrix(cells)),
        "timeline" => needs(columns >= 3).map(|()| timeline(cells, &reader)),
        "completeness" => needs(columns > 1).map(|()| completeness(cells, &reader)),
        _ => Err(format!("there is no chart `{name}`")),
    }
}

/// Panels of ids by likelihood and severity, one for each state.
fn matrix(cells: &Cells) -> Vec<String> {
    let severities = &cells.head[2..];
    let mut states: Vec<&str> = Vec::new();
    for row in &cells.rows {
        let state = row[1].text.as_str();
        if !states.contains(&state) {
            states.push(state);
        }
    }
    let whole = |cell: &Cell| -> Vec<String> {
        let parts = cell.text.split(',').map(str::trim).filter(|id| !id.is_empty() && !cell.marked);
        parts.map(str::to_owned).collect()
    };
    let ids = |cell: &Cell| -> Vec<String> { whole(cell).iter().map(|id| shortened(id, SHORT)).collect() };
    let all: Vec<String> = cells.rows.iter().flat_map(|row| &row[2..]).flat_map(ids).collect();
    if all.is_empty() {
        return Vec::new();
    }
    // Side by side, where an id and a word of the header fit into half of a page's columns.
    let columns = u32::try_from(severities.len()).unwrap_or(1) + 1;
    let widest = |beside: u32| (FINER / beside / columns).saturating_sub(450);
    let wide = all.iter().map(|id| Width::of(id).0).max().unwrap_or(0);
    let panels = u32::try_from(states.len()).unwrap_or(1).clamp(1, 2);
    let beside = if panels > 1 && columns <= 8 && wide <= widest(panels) { panels } else { 1 };
    let room = Width(widest(beside).max(1_500));
    // Six short lines are as much as a cell shows; the table names all.
    let a_line = usize::try_from((room.0 / (wide + 400).max(1)).max(1)).unwrap_or(1);
    let most = 6 * a_line;
    let cell = |cell: &Cell| {
        let ids = ids(cell);
        let more = ids.len().saturating_sub(most);
        let mut shown: Vec<String> = ids.iter().take(ids.len() - more).cloned().collect();
        if more > 0 {
            shown.pop();
            shown.push(format!("+{}", more + 1));
        }
        text(&shown.join(", "), LONG * 8, room)
    };
    let panel = |state: &&str| {
        let rows = cells.rows.iter().filter(|row| row[1].text == **state);
        let rows = rows.map(|row| list([text(&row[0].text, SHORT, room), list(row[2..].iter().map(cell))]));
        list([text(state, LONG, Width(ACROSS)), list(rows)])
    };
    let said = cells.rows.iter().filter_map(|row| {
        let parts = severities.iter().zip(&row[2..]).filter(|(_, cell)| !whole(cell).is_empty());
        let parts: Vec<String> = parts.map(|(head, cell)| format!("{} {}", head.text, whole(cell).join(" "))).collect();
        (!parts.is_empty()).then(|| format!("{}, {}: {}", row[1].text, row[0].text, parts.join(", ")))
    });
    let alt = alt(&cells.title, said);
    let heads = list(severities.iter().map(|head| text(&head.text, SHORT, room)));
    let corner = text(&cells.head[0].text, SHORT, room);
    vec![format!("chart-matrix({alt}, {beside}, {corner}, {heads}, {})", list(states.iter().map(panel)))]
}

/// Points on a line, to scale.
fn timeline(cells: &Cells, reader: &Reader<'_>) -> Vec<String> {
    let mut points: Vec<(i64, &[Cell])> =
        cells.rows.iter().filter_map(|row| Some((reader.date(&row[1].text)?, row.as_slice()))).collect();
    // One point alone has no scale.
    if points.len() < 2 {
        return Vec::new();
    }
    points.sort_by_key(|(day, _)| *day);
    let figure = |(number, range): (Option<usize>, Range<usize>)| {
        let points = &points[range];
        let (first, last) = (points[0].0, points[points.len() - 1].0);
        let across = points.len() <= BESIDE;
        let room = Width(if across { ACROSS / 5 - 1_000 } else { ACROSS / 2 });
        let place = |(day, row): &(i64, &[Cell])| {
            let part = if last > first { ratio(float(day - first) / float(last - first)) } else { "50.00%".to_owned() };
            list([
                part,
                text(&row[0].text, SHORT, room),
                text(&row[1].text, SHORT + 8, room),
                text(&row[2].text, if across { LONG } else { LONG + 46 }, room),
            ])
        };
        let alt = numbered(&cells.title, number, points.iter().map(|(_, row)| said(&cells.head[..3], &row[..3])));
        format!("chart-timeline({alt}, {across}, {})", list(points.iter().map(place)))
    };
    parts(&vec![1; points.len()]).map(figure).collect()
}

/// Bars of parts, one for each point.
fn completeness(cells: &Cells, reader: &Reader<'_>) -> Vec<String> {
    let count = |cell: &Cell| reader.number(&cell.text).filter(|number| number.value > 0.0);
    let sum = |row: &Vec<Cell>| row[1..].iter().filter_map(count).map(|number| number.value).sum::<f64>();
    // Each bar is as long as the others: what is compared is how much of a point is answered, not how much it asks.
    let drawn = |row: &&Vec<Cell>| sum(row) > 0.0 && sum(row).is_finite();
    let rows: Vec<&Vec<Cell>> = cells.rows.iter().filter(drawn).collect();
    if rows.is_empty() {
        return Vec::new();
    }
    let figure = |(number, range): (Option<usize>, Range<usize>)| {
        let rows = &rows[range];
        let bar = |row: &&Vec<Cell>| {
            let mut start = 0.0;
            let all = sum(row);
            let parts = row[1..].iter().enumerate().filter_map(|(state, cell)| {
                let number = count(cell)?;
                let part = number.value / all;
                let begin = start;
                start += part;
                let fits = part * f64::from(ACROSS) * 0.6 > f64::from(Width::of(&number.digits).0 + 900);
                let digits = if fits { string(&number.digits) } else { "none".to_owned() };
                Some(list([ratio(begin), ratio(part), state.to_string(), digits]))
            });
            let parts: Vec<String> = parts.collect();
            list([text(&row[0].text, LONG + SHORT, Width(ACROSS / 2)), list(parts)])
        };
        let states = list(cells.head[1..].iter().map(|head| text(&head.text, SHORT, Width(ACROSS / 5))));
        let alt = numbered(&cells.title, number, rows.iter().map(|row| said(&cells.head, row)));
        format!("chart-completeness({alt}, {states}, {})", list(rows.iter().map(bar)))
    };
    parts(&vec![1; rows.len()]).map(figure).collect()
}

/// The rows of each figure, with its number where there are several.
fn parts(costs: &[usize]) -> impl Iterator<Item = (Option<usize>, Range<usize>)> {
    let parts = split(costs);
    let several = parts.len() > 1;
    parts.into_iter().enumerate().map(move |(index, range)| (several.then_some(index + 1), range))
}

/// Rows of figures: of about equal height, none higher than [`ROWS`].
fn split(costs: &[usize]) -> Vec<Range<usize>> {
    let total: usize = costs.iter().sum();
    let goal = total.div_ceil(total.div_ceil(ROWS).max(1));
    let (mut out, mut start, mut height) = (Vec::new(), 0, 0);
    for (index, cost) in costs.iter().enumerate() {
        if index > start && height + cost > goal {
            out.push(start..index);
            (start, height) = (index, 0);
        }
        height += cost;
    }
    out.push(start..costs.len());
    out
}

/// A row in words: what it is, then each answer behind the name of its column.
fn said(head: &[Cell], row: &[Cell]) -> String {
    let first = row.first().map_or("", |cell| cell.text.as_str());
    let parts = head.iter().zip(row).skip(1).filter(|(_, cell)| !cell.text.is_empty());
    let parts: Vec<String> = parts.map(|(head, cell)| format!("{} {}", head.text, cell.text)).collect();
    format!("{first}: {}", parts.join(", "))
}

/// The words of a figure, as a string of code. Who hears them has no other picture, so nothing is cut that a PDF can hold;
/// where it cannot hold all, each row gives up some of its end, and none is left out.
fn alt(title: &str, said: impl Iterator<Item = String>) -> String {
    let mut rows: Vec<String> = said.collect();
    if rows.iter().map(|row| row.chars().count()).sum::<usize>() > MOST_WORDS / 10 * 9 {
        let most = MOST_WORDS / 10 * 9 / rows.len().max(1);
        rows = rows.iter().map(|row| shortened(row, most)).collect();
    }
    let rows = rows.join("; ");
    let words = if title.is_empty() { rows } else { format!("{}: {rows}", title.trim_end_matches(':')) };
    string(&format!("{}.", shortened(&words, MOST_WORDS)))
}

/// As [`alt`], with the number of the figure where there are several.
fn numbered(title: &str, number: Option<usize>, said: impl Iterator<Item = String>) -> String {
    match number {
        Some(number) => alt(format!("{} ({number})", title.trim_end_matches(':')).trim(), said),
        None => alt(title.trim(), said),
    }
}

/// At most so many characters: as many whole words as fit, and a sign that there were more.
fn shortened(text: &str, most: usize) -> String {
    if text.char_indices().nth(most).is_none() {
        return text.to_owned();
    }
    let fits = text.char_indices().nth(most - 1).map_or(text, |(end, _)| &text[..end]);
    let whole =
        if text[fits.len()..].starts_with(' ') { fits } else { fits.rsplit_once(' ').map_or("", |(words, _)| words) };
    // A single token may be longer than the room.
    let kept = if whole.len() * 2 > fits.len() { whole } else { fits };
    format!("{}…", kept.trim_end_matches([' ', ',', ';', ':', '(', '–', '-']))
}

/// Code that shows a text, of which nothing is markup.
fn text(text: &str, most: usize, room: Width) -> String {
    match literal::text(&shortened(text, most), room).as_slice() {
        [] => "\"\"".to_owned(),
        [only] => only.clone(),
        many => format!("{{{}}}", many.join("; ")),
    }
}

/// An array of code.
fn list(items: impl IntoIterator<Item = String>) -> String {
    let items: Vec<String> = items.into_iter().collect();
    if items.is_empty() { "()".to_owned() } else { format!("({},)", items.join(", ")) }
}

/// A part of the whole as code.
fn ratio(part: f64) -> String {
    format!("{:.2}%", part.clamp(0.0, 1.0).abs() * 100.0)
}

/// A difference of days.
fn float(days: i64) -> f64 {
    i32::try_from(days).map_or(0.0, f64::from)
}

#[cfg(test)]
mod tests;
