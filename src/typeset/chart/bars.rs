//! Bars from zero: values against thresholds, groups beside each other, sizes of data sets.
//!
//! Comes in: the cells of a table. Goes out: calls of `chart-bars`, in which each mark lies at a part of its scale.

use std::collections::BTreeMap;
use std::ops::Range;

use super::read::{Number, Reader};
use super::{ACROSS, Cell, Cells, LONG, ROWS, SHORT, list, numbered, parts, ratio, said, text};
use crate::typeset::literal::Width;

/// How bars are filled; `theme/charts.typ` has them in this order.
const FILLED: usize = 0;
const HOLLOW: usize = 1;
const PALE: usize = 2;
/// Signs of a legend: a whisker, a tick, and from here on the fills.
const SWATCH: usize = 2;
/// Fills that differ most, for things of which none is better.
const TEXTURES: [usize; 6] = [FILLED, 3, PALE, 4, HOLLOW, 5];

/// What is drawn of one row.
struct Bar<'c> {
    row: &'c [Cell],
    number: Number,
    interval: Option<(f64, f64)>,
    threshold: Option<Number>,
    fill: usize,
}

impl<'c> Bar<'c> {
    /// The bar of a row with a number in its column `value`; interval and threshold are looked for where they are named.
    fn read(row: &'c [Cell], value: usize, others: [Option<usize>; 2], reader: &Reader<'_>) -> Option<Self> {
        let number = reader.number(&row[value].text)?;
        let [interval, threshold] = others.map(|column| column.and_then(|column| row.get(column)));
        let threshold = threshold.and_then(|cell| reader.number(&cell.text));
        Some(Self {
            row,
            interval: interval.and_then(|cell| reader.interval(&cell.text)),
            // What is measured in something else lies on another scale.
            threshold: threshold.filter(|other| comparable(other, &number)),
            number,
            fill: FILLED,
        })
    }

    fn ends(&self) -> impl Iterator<Item = f64> + '_ {
        let interval = self.interval.into_iter().flat_map(|(lower, upper)| [lower, upper]);
        let threshold = self.threshold.iter().map(|number| number.value);
        [self.number.value].into_iter().chain(interval).chain(threshold)
    }

    /// Start and length of the bar, zero, end, both ends of the interval, threshold.
    fn marks(&self, scale: &Scale) -> String {
        let none = || "none".to_owned();
        let (zero, end) = (scale.at(0.0), scale.at(self.number.value));
        let (lower, upper) =
            self.interval.map_or((none(), none()), |(lower, upper)| (ratio(scale.at(lower)), ratio(scale.at(upper))));
        let threshold = self.threshold.as_ref().map_or_else(none, |number| ratio(scale.at(number.value)));
        list([ratio(zero.min(end)), ratio((end - zero).abs()), ratio(zero), ratio(end), lower, upper, threshold])
    }
}

fn comparable(one: &Number, other: &Number) -> bool {
    one.unit == other.unit || one.unit.is_empty() || other.unit.is_empty()
}

/// A scale that holds zero and all of some numbers.
struct Scale {
    unit: f64,
    low: f64,
    high: f64,
}

impl Scale {
    fn of(numbers: impl Iterator<Item = f64>) -> Self {
        let numbers: Vec<f64> = numbers.collect();
        let largest = numbers.iter().fold(0.0_f64, |most, number| most.max(number.abs()));
        let unit = if largest > 0.0 { largest } else { 1.0 };
        let part = numbers.iter().map(|number| number / unit);
        let (low, high) = part.fold((0.0_f64, 0.0_f64), |(low, high), part| (low.min(part), high.max(part)));
        // A mark at the very end would look cut off.
        let high = if high > 0.0 { high * 1.03 } else { high };
        Self { unit, low, high: if high > low { high } else { 1.0 } }
    }

    fn at(&self, number: f64) -> f64 {
        (number / self.unit - self.low) / (self.high - self.low)
    }
}

/// Each value on a scale of its own, with its threshold and whether it was met.
pub(super) fn thresholds(cells: &Cells, reader: &Reader<'_>) -> Vec<String> {
    let bars = cells.rows.iter().filter_map(|row| {
        // A bar beside nothing fills its own scale and says nothing.
        let mut bar = Bar::read(row, 2, [Some(3), Some(4)], reader).filter(|bar| bar.threshold.is_some())?;
        let verdict = row[5].text.to_lowercase();
        let is = |name: &str| verdict == reader.word(name).to_lowercase();
        bar.fill = match () {
            () if is("verdict_met") => FILLED,
            () if is("verdict_missed") => HOLLOW,
            () => PALE,
        };
        Some(bar)
    });
    let bars: Vec<Bar<'_>> = bars.collect();
    let row = |bar: &Bar<'_>| {
        let row = bar.row;
        let digits = bar.threshold.as_ref().map_or("", |number| number.digits.as_str());
        let says =
            |name: &str| Some(reader.word(name)).is_some_and(|word| !word.is_empty() && row[4].text.contains(word));
        // On which side of its mark a value is met.
        let side = match () {
            () if says("better_higher") => "≥ ",
            () if says("better_lower") => "≤ ",
            () => "",
        };
        let threshold = text(&format!("{side}{digits}"), SHORT, narrow());
        let after = [measured(&bar.number), threshold, text(&row[5].text, SHORT, narrow())];
        let label = text(&format!("{} {}", row[0].text, row[1].text), LONG, Width(ACROSS / 4));
        list([list([label]), bar.marks(&Scale::of(bar.ends())), bar.fill.to_string(), list(after)])
    };
    let head = |column: usize| text(&cells.head[column].text, SHORT, narrow());
    // What a fill means, where there are several or it is not the full one.
    let verdict =
        |fill: usize| bars.iter().find(|bar| bar.fill == fill).map(|bar| text(&bar.row[5].text, SHORT, narrow()));
    let verdicts = [FILLED, HOLLOW, PALE].into_iter().filter_map(|fill| Some((verdict(fill)?, SWATCH + fill)));
    let verdicts = verdicts.filter(|_| bars.iter().any(|bar| bar.fill != FILLED)).collect();
    let legend = legend(cells, &bars, [3, 4], verdicts);
    let heads = format!("{}, {legend}, {}", list([head(1)]), list([head(2), head(4), head(5)]));
    let said = |bar: &Bar<'_>| {
        let metric = Cell { text: format!("{} {}", bar.row[0].text, bar.row[1].text), marked: false };
        said(&cells.head[1..], &[&[metric], &bar.row[2..]].concat())
    };
    let scale = |bars: &[Bar<'_>]| if bars.len() > 1 { reader.word("scale_of_row") } else { "" };
    figures(cells, "(30fr, 42fr, 15fr, 11fr, 13fr)", &heads, &bars, (|_| "", &row, &said, &scale))
}

/// Groups beside each other, a panel with one scale for each metric.
pub(super) fn groups(cells: &Cells, reader: &Reader<'_>) -> Vec<String> {
    let threshold = (cells.head.len() > 4).then_some(4);
    let mut bars: Vec<Bar<'_>> = Vec::new();
    // Of each metric: its first number, and all that its scale must hold.
    let mut panels: BTreeMap<&str, (Number, Vec<f64>)> = BTreeMap::new();
    for row in &cells.rows {
        let Some(bar) = Bar::read(row, 2, [Some(3), threshold], reader) else { continue };
        let (first, ends) = panels.entry(&row[0].text).or_insert_with(|| (bar.number.clone(), Vec::new()));
        if comparable(first, &bar.number) {
            ends.extend(bar.ends());
            bars.push(bar);
        }
    }
    let scales: BTreeMap<&str, Scale> =
        panels.into_iter().map(|(metric, (_, ends))| (metric, Scale::of(ends.into_iter()))).collect();
    let row = |bar: &Bar<'_>| {
        let scale = &scales[bar.row[0].text.as_str()];
        let label = text(&bar.row[1].text, LONG, Width(ACROSS / 4));
        let interval = if bar.interval.is_some() { bar.row[3].text.as_str() } else { "" };
        let after = [measured(&bar.number), text(interval, LONG, Width(ACROSS / 6))];
        list([list([label]), bar.marks(scale), bar.fill.to_string(), list(after)])
    };
    let head = |column: usize| text(&cells.head[column].text, SHORT, narrow());
    let others = [3, threshold.unwrap_or(usize::MAX)];
    let heads =
        format!("{}, {}, {}", list([head(1)]), legend(cells, &bars, others, Vec::new()), list([head(2), head(3)]));
    let drawn = cells.head.len().min(5);
    let said = |bar: &Bar<'_>| said(&cells.head[..drawn], &bar.row[..drawn]);
    let scale = |bars: &[Bar<'_>]| {
        let several = bars.iter().any(|bar| bar.row[0].text != bars[0].row[0].text);
        if several { reader.word("scale_of_panel") } else { "" }
    };
    figures(cells, "(26fr, 45fr, 13fr, 22fr)", &heads, &bars, (|bar| &bar.row[0].text, &row, &said, &scale))
}

/// How many records each data set has, with a texture for what they are used for.
pub(super) fn sizes(cells: &Cells, reader: &Reader<'_>) -> Vec<String> {
    let mut uses: Vec<&str> = Vec::new();
    let mut bars: Vec<Bar<'_>> = Vec::new();
    for row in &cells.rows {
        let Some(mut bar) = Bar::read(row, 2, [None, None], reader) else { continue };
        if bars.first().is_some_and(|first| !comparable(&first.number, &bar.number)) {
            continue;
        }
        let usage = row[1].text.as_str();
        let known = uses.iter().position(|other| *other == usage);
        let place = known.unwrap_or_else(|| {
            uses.push(usage);
            uses.len() - 1
        });
        bar.fill = TEXTURES[place % TEXTURES.len()];
        bars.push(bar);
    }
    let scale = Scale::of(bars.iter().flat_map(Bar::ends));
    let row = |bar: &Bar<'_>| {
        let before = [0, 1].map(|column| text(&bar.row[column].text, LONG, Width(ACROSS / 6)));
        list([list(before), bar.marks(&scale), bar.fill.to_string(), list([measured(&bar.number)])])
    };
    let head = |column: usize| text(&cells.head[column].text, SHORT, narrow());
    let heads = format!("{}, (), {}", list([head(0), head(1)]), list([head(2)]));
    let drawn = cells.head.len().min(5);
    let said = |bar: &Bar<'_>| said(&cells.head[..drawn], &bar.row[..drawn]);
    figures(cells, "(26fr, 22fr, 40fr, 14fr)", &heads, &bars, (|_| "", &row, &said, &|_| ""))
}

/// Number and unit as the cell has them.
fn measured(number: &Number) -> String {
    text(format!("{} {}", number.digits, number.unit).trim(), SHORT, narrow())
}

/// Room for a token in a narrow column.
fn narrow() -> Width {
    Width(ACROSS / 9)
}

/// The signs that are drawn over bars, with the names of their columns, and then what their fills mean.
fn legend(cells: &Cells, bars: &[Bar<'_>], [interval, threshold]: [usize; 2], fills: Vec<(String, usize)>) -> String {
    let name = |column: usize| cells.head.get(column).map(|head| text(&head.text, SHORT, Width(ACROSS / 6)));
    let whisker = name(interval).filter(|_| bars.iter().any(|bar| bar.interval.is_some()));
    let tick = name(threshold).filter(|_| bars.iter().any(|bar| bar.threshold.is_some()));
    let signs = [(whisker, 0), (tick, 1)].into_iter().filter_map(|(name, sign)| Some((name?, sign)));
    list(signs.chain(fills).map(|(name, sign)| list([sign.to_string(), name])))
}

/// Ways to say what a bar is: the panel it stands in, its code, its words; and on which scale the bars of a figure lie.
type Ways<'f, 'c, P> =
    (P, &'f dyn Fn(&Bar<'c>) -> String, &'f dyn Fn(&Bar<'c>) -> String, &'f dyn Fn(&[Bar<'c>]) -> &'f str);

fn figures<'c, P>(cells: &Cells, widths: &str, heads: &str, bars: &[Bar<'c>], ways: Ways<'_, 'c, P>) -> Vec<String>
where
    P: for<'b> Fn(&'b Bar<'c>) -> &'b str,
{
    let (panel, row, said, scale) = ways;
    if bars.is_empty() {
        return Vec::new();
    }
    let begins = |index: usize| index == 0 || panel(&bars[index]) != panel(&bars[index - 1]);
    let costs: Vec<usize> =
        (0..bars.len()).map(|index| 1 + usize::from(begins(index) && !panel(&bars[index]).is_empty())).collect();
    // A panel stands in one figure, unless no figure is high enough for it.
    let mut units: Vec<(usize, usize)> = Vec::new();
    let mut start = 0;
    for rows in bars.chunk_by(|one, other| panel(one) == panel(other)) {
        let height: usize = costs[start..start + rows.len()].iter().sum();
        match panel(&rows[0]) {
            name if name.is_empty() || height > ROWS => {
                units.extend((start..start + rows.len()).map(|row| (row, costs[row])));
            }
            _ => units.push((start, height)),
        }
        start += rows.len();
    }
    let figure = |(number, range): (Option<usize>, Range<usize>)| {
        let end = units.get(range.end).map_or(bars.len(), |(start, _)| *start);
        let bars = &bars[units[range.start].0..end];
        let scale = text(scale(bars), LONG, Width(ACROSS));
        let panels = bars.chunk_by(|one, other| panel(one) == panel(other)).map(|bars| {
            let name = panel(&bars[0]);
            let name = if name.is_empty() { "none".to_owned() } else { text(name, LONG, Width(ACROSS)) };
            list([name, list(bars.iter().map(row))])
        });
        let alt = numbered(&cells.title, number, bars.iter().map(said));
        format!("chart-bars({alt}, {widths}, {heads}, {scale}, {})", list(panels))
    };
    parts(&units.iter().map(|(_, height)| *height).collect::<Vec<_>>()).map(figure).collect()
}

#[cfg(test)]
#[test]
fn a_scale_holds_zero_and_every_number() {
    let scale = Scale::of([0.5, -0.5].into_iter());
    assert!((scale.at(-0.5)).abs() < 1e-9 && (scale.at(0.0) - 0.5).abs() < 0.01 && scale.at(0.5) < 1.0);
    let huge = Scale::of([1e308, -1e308].into_iter());
    assert!(huge.at(1e308).is_finite() && huge.at(1e308) > 0.9 && huge.at(-1e308).abs() < 1e-9);
    let zero = Scale::of([0.0, 0.0].into_iter());
    assert!(zero.at(0.0).abs() < 1e-9);
    let negative = Scale::of([-2.0].into_iter());
    assert!((negative.at(0.0) - 1.0).abs() < 1e-9);
}
