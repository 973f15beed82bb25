//! Tables in, calls of the theme out.

use super::*;

fn words() -> BTreeMap<String, String> {
    let months = [("month_03", "March"), ("month_04", "April")];
    let others = [
        ("decimal_separator", "."),
        ("date_format", "{day} {month} {year}"),
        ("verdict_met", "met"),
        ("verdict_missed", "missed"),
        ("better_higher", "higher is better"),
        ("better_lower", "lower is better"),
        ("scale_of_row", "each row on its own scale"),
        ("scale_of_panel", "one scale below each heading"),
    ];
    months.into_iter().chain(others).map(|(name, word)| (name.to_owned(), word.to_owned())).collect()
}

/// A table of rows in which cells are parted by `|`; `*` before a cell stands for a mark in place of an answer.
fn table(rows: &[&str]) -> Cells {
    let cell = |text: &str| Cell { text: text.trim().trim_start_matches('*').to_owned(), marked: text.contains('*') };
    let mut rows: Vec<Vec<Cell>> = rows.iter().map(|row| row.split('|').map(cell).collect()).collect();
    Cells { title: "Title".to_owned(), head: rows.remove(0), rows }
}

fn figure(name: &str, rows: &[&str]) -> String {
    let mut figures = figures(name, &table(rows), &words()).unwrap();
    assert_eq!(figures.len(), 1, "{figures:?}");
    figures.remove(0)
}

#[test]
fn a_value_lies_between_zero_and_its_threshold() {
    let code = figure(
        "thresholds",
        &["id|metric|value|interval|threshold|verdict", "M-1|Hits|0.5 ratio|0.4 – 0.6|1, higher is better|Missed"],
    );
    assert_eq!(
        code,
        r#"chart-bars("Title: M-1 Hits: value 0.5 ratio, interval 0.4 – 0.6, threshold 1, higher is better, verdict Missed.", (30fr, 42fr, 15fr, 11fr, 13fr), ("metric",), ((0, "interval",), (1, "threshold",), (3, "Missed",),), ("value", "threshold", "verdict",), "", ((none, ((("M-1 Hits",), (0.00%, 48.54%, 0.00%, 48.54%, 38.83%, 58.25%, 97.09%,), 1, ("0.5 ratio", "≥ 1", "Missed",),),),),))"#
    );
}

#[test]
fn bars_of_several_scales_say_so() {
    let head = "id|metric|value|interval|threshold|verdict";
    let code = figure("thresholds", &[head, "M-1|Hits|0.5||1|met", "M-2|Seconds|30||40|met"]);
    assert!(code.contains("\"each row on its own scale\", (("), "{code}");
    let head = "metric|group|value|interval";
    let code = figure("groups", &[head, "Hits|women|0.5|", "Hits|men|0.5|", "Misses|all|3|"]);
    assert!(code.contains("\"one scale below each heading\", (("), "{code}");
    let code = figure("groups", &[head, "Hits|women|0.5|", "Hits|men|0.5|"]);
    assert!(!code.contains("scale"), "{code}");
    let code = figure("sizes", &["a|b|c", "D-1|training|2", "D-2|testing|1"]);
    assert!(code.contains("(\"c\",), \"\", (("), "one scale for all: {code}");
}

#[test]
fn a_threshold_says_on_which_side_it_is_met_and_a_fill_what_it_means() {
    let head = "id|metric|value|interval|threshold|verdict";
    let met = "M-1|Hits|0.5||1, higher is better|met";
    let code = figure("thresholds", &[head, met]);
    assert!(code.contains(r#"((1, "threshold",),), "#), "one fill needs no words: {code}");
    let code = figure("thresholds", &[head, met, "M-2|Errors|3||2, lower is better|missed", "M-3|x|1||1|open"]);
    assert!(code.contains(r#"((1, "threshold",), (2, "met",), (3, "missed",), (4, "open",),)"#), "{code}");
    assert!(
        code.contains(r#""≥ 1""#) && code.contains(r#""≤ 2""#) && code.contains(r#"("1", "1", "open",)"#),
        "{code}"
    );
}

#[test]
fn a_panel_is_cut_only_where_no_figure_holds_it() {
    let rows: Vec<String> = (0..40).map(|row| format!("M{}|g{row}|{row}|", row / 9)).collect();
    let rows: Vec<&str> =
        std::iter::once("metric|group|value|interval").chain(rows.iter().map(String::as_str)).collect();
    let cut = figures("groups", &table(&rows), &words()).unwrap();
    let panels = |code: &String| (0..5).filter(|panel| code.contains(&format!("(\"M{panel}\", ("))).count();
    assert_eq!(cut.iter().map(panels).sum::<usize>(), 5, "each panel stands in one figure: {cut:?}");
    let one: Vec<String> = (0..60).map(|row| format!("M|g{row}|{row}|")).collect();
    let one: Vec<&str> = std::iter::once("metric|group|value|interval").chain(one.iter().map(String::as_str)).collect();
    assert_eq!(figures("groups", &table(&one), &words()).unwrap().len(), 3);
}

#[test]
fn a_value_beside_no_threshold_is_not_drawn() {
    let rows = ["id|metric|value|interval|threshold|verdict", "M-1|Hits|0.5|0.4 – 0.6|higher is better|no threshold"];
    assert_eq!(figures("thresholds", &table(&rows), &words()), Ok(Vec::new()));
    let code = figure("thresholds", &[&rows[..], &["M-2|Misses|0.1||0.2|met"]].concat());
    assert!(code.contains("M-2") && !code.contains("M-1"), "{code}");
}

#[test]
fn a_table_without_numbers_gives_no_figure() {
    let heads = [
        ("thresholds", "a|b|c|d|e|f", "M|x|*Open (OP-1)|0.1 – 0.2|0.5|met"),
        ("groups", "a|b|c|d", "M|g|n/a|"),
        ("sizes", "a|b|c", "D|training|"),
        ("risk-matrix", "a|b|c|d", "often|now||*Open (OP-1)"),
        ("timeline", "a|b|c", "1|1 March 2026|alone"),
        ("completeness", "a|b|c", "1|0|0"),
    ];
    for (name, head, row) in heads {
        assert_eq!(figures(name, &table(&[head, row]), &words()), Ok(Vec::new()), "{name}");
        assert_eq!(figures(name, &table(&[head]), &words()), Ok(Vec::new()), "{name}");
        let fault = figures(name, &table(&["a"]), &words()).unwrap_err();
        assert_eq!(fault, format!("a table with 1 columns gives no chart `{name}`"));
    }
    assert_eq!(figures("pie", &table(&["a|b"]), &words()).unwrap_err(), "there is no chart `pie`");
}

#[test]
fn what_is_measured_in_another_unit_is_not_on_the_scale() {
    let code =
        figure("groups", &["metric|group|value|interval|threshold", "A|x|5 %||0.5 ratio", "A|y|3 ms||", "A|z|2 %||"]);
    assert!(code.contains("\"x\"") && code.contains("\"z\"") && !code.contains("(\"y\","), "{code}");
    assert!(code.contains("none, none, none,), 0, (\"5 %\""), "no tick for another unit: {code}");
    let code = figure("sizes", &["data|use|records", "A|training|2", "B|testing|1", "C|training|1"]);
    assert!(code.contains("97.09%, 0.00%, 97.09%, none, none, none,), 0,"), "{code}");
    assert!(code.contains("48.54%, 0.00%, 48.54%, none, none, none,), 3,"), "{code}");
}

#[test]
fn risks_stand_where_they_are_and_marks_do_not() {
    let code = figure(
        "risk-matrix",
        &[
            "likelihood|state|low|high",
            "often|before|R-1, R-2|",
            "seldom|before||R-3",
            "often|after||*Open",
            "seldom|after|R-1|",
        ],
    );
    assert_eq!(
        code,
        r#"chart-matrix("Title: before, often: low R-1 R-2; before, seldom: high R-3; after, seldom: low R-1.", 2, "likelihood", ("low", "high",), (("before", (("often", ("R-1, R-2", "",),), ("seldom", ("", "R-3",),),),), ("after", (("often", ("", "",),), ("seldom", ("R-1", "",),),),),))"#
    );
    let many: Vec<String> = (1..80).map(|id| format!("R-{id}")).collect();
    let code = figure("risk-matrix", &["a|b|c", &format!("often|now|{}", many.join(", "))]);
    assert!(code.contains(", +") && code.contains("R-79"), "the words name all: {code}");
}

#[test]
fn versions_lie_where_their_dates_are() {
    let code = figure(
        "timeline",
        &["version|date|what", "2|5 April 2026|b", "1|1 March 2026|a", "x|*Open|c", "3|5 April 2026|d"],
    );
    assert_eq!(
        code,
        r#"chart-timeline("Title: 1: date 1 March 2026, what a; 2: date 5 April 2026, what b; 3: date 5 April 2026, what d.", true, ((0.00%, "1", "1 March 2026", "a",), (100.00%, "2", "5 April 2026", "b",), (100.00%, "3", "5 April 2026", "d",),))"#
    );
    let code = figure("timeline", &["v|d|w", "1|1 March 2026|", "2|1 March 2026|"]);
    assert_eq!(code.matches("50.00%").count(), 2, "{code}");
}

#[test]
fn parts_follow_each_other() {
    let code = figure("completeness", &["point|yes|no", "1|3|1", "2|1|"]);
    assert_eq!(
        code,
        r#"chart-completeness("Title: 1: yes 3, no 1; 2: yes 1.", ("yes", "no",), (("1", ((0.00%, 75.00%, 0, "3",), (75.00%, 25.00%, 1, "1",),),), ("2", ((0.00%, 100.00%, 0, "1",),),),))"#
    );
}

#[test]
fn long_tables_become_several_figures_of_one_height() {
    assert_eq!(split(&[1; 24]).len(), 1);
    assert_eq!(split(&[1; 60]), [0..20, 20..40, 40..60]);
    let parts = split(&[2; 25]);
    assert!(parts.iter().all(|part| part.len() <= 12) && parts.last().unwrap().end == 25, "{parts:?}");
    let rows: Vec<String> = (0..60).map(|row| format!("D{row}|training|{row}")).collect();
    let rows: Vec<&str> = std::iter::once("a|b|c").chain(rows.iter().map(String::as_str)).collect();
    let figures = figures("sizes", &table(&rows), &words()).unwrap();
    assert_eq!(figures.len(), 3);
    assert!(figures[1].starts_with("chart-bars(\"Title (2): D20: b training, c 20; D21"), "{}", figures[1]);
}

#[test]
fn labels_are_cut_between_words() {
    assert_eq!(shortened("żółć", 4), "żółć");
    assert_eq!(shortened("żółć ab", 6), "żółć…");
    assert_eq!(shortened("more than one band, DS-01, DS-02", 29), "more than one band, DS-01…");
    assert_eq!(shortened("after the recalibration", 18), "after the…");
    assert_eq!(shortened("after the end", 10), "after the…");
    assert_eq!(shortened("see https://example.example/a/long/way", 20), "see https://example…");
}

#[test]
fn words_for_the_blind_are_whole() {
    let name = "share of altered copies that move by more than one band of the score after recalibration, DS-01, DS-02";
    let code =
        figure("thresholds", &["id|metric|value|interval|threshold|verdict", &format!("M-1|{name}|0.5||1|missed")]);
    assert!(
        code.starts_with(&format!("chart-bars(\"Title: M-1 {name}: value 0.5, threshold 1, verdict missed.\"")),
        "{code}"
    );
    assert!(code.contains("((\"M-1 share of altered copies that move by more than one band of…\",)"), "{code}");
    let id = "R-".repeat(20);
    let code = figure("risk-matrix", &["a|b|c", &format!("often|now|{id}")]);
    assert!(code.starts_with(&format!("chart-matrix(\"Title: now, often: c {id}.\"")), "{code}");
}

#[test]
fn words_are_cut_where_a_pdf_has_no_room() {
    let long = "x".repeat(40_000);
    let rows = format!("{long}|{long}|1");
    let code = figure("sizes", &["a|b|c", &rows, "D-2|training|1"]);
    assert!(code.len() < MOST_WORDS + 1_500, "{}", code.len());
    assert!(code.contains("; D-2: b training, c 1."), "no row is left out");
}
