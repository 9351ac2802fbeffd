//! Tables that fit the terminal.

use comfy_table::{ColumnConstraint, ContentArrangement, Row, Table, presets};

use super::Render;

/// The spaces between two columns.
const GAP: usize = 2;
/// The shortest part of a note that is worth showing.
const SHORTEST_NOTE: usize = 10;

/// What happens to a column if the terminal is too narrow for all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// It is never wrapped.
    Whole,
    /// It is left out, the last such column first.
    Spare,
    /// It is wrapped.
    Prose,
    /// It is truncated, so that each row stays one line; it is left out if hardly anything would remain.
    Note,
}

/// A table without lines, fitted to the width; cells may be coloured, columns without content are left out.
pub fn aligned(render: &Render, columns: &[(&str, Fit)], rows: &[Vec<String>]) -> String {
    let filled = |i: &usize| rows.iter().any(|row| !row[*i].is_empty());
    let mut shown: Vec<usize> = (0..columns.len()).filter(filled).collect();
    let mut fits = true;
    if let Some(width) = render.width {
        let widths = built(render, columns, rows, &shown).column_max_content_widths();
        let mut widths: Vec<(usize, usize)> =
            shown.iter().copied().zip(widths.into_iter().map(usize::from)).collect();
        fits = leave_out(&mut widths, columns, width);
        shown = widths.into_iter().map(|(column, _)| column).collect();
    }
    // A sentence in a column of a few letters is worse than one that the terminal breaks.
    let render = if fits { *render } else { Render { width: None, ..*render } };
    let table = built(&render, columns, rows, &shown);
    table.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}

/// Leaves spare columns and the note out of a table that is too wide; returns whether the rest fits.
fn leave_out(widths: &mut Vec<(usize, usize)>, columns: &[(&str, Fit)], width: usize) -> bool {
    let needs = |(column, width): &(usize, usize)| match columns[*column].1 {
        Fit::Note | Fit::Prose => SHORTEST_NOTE.min(*width) + GAP,
        Fit::Whole | Fit::Spare => width + GAP,
    };
    while widths.iter().map(needs).sum::<usize>() > width + GAP {
        let may_go = |fit| widths.iter().rposition(|(column, _)| columns[*column].1 == fit);
        let Some(last) = may_go(Fit::Note).or_else(|| may_go(Fit::Spare)) else { return false };
        widths.remove(last);
    }
    true
}

fn built(render: &Render, columns: &[(&str, Fit)], rows: &[Vec<String>], shown: &[usize]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_truncation_indicator("…");
    // Spaces after the last column do not count: they are trimmed.
    let width = render.width.map_or(usize::from(u16::MAX), |width| width + GAP);
    table.set_width(u16::try_from(width).unwrap_or(u16::MAX));
    table.set_header(shown.iter().map(|i| render.style.faint(columns[*i].0)));
    let one_line = shown.iter().any(|i| columns[*i].1 == Fit::Note);
    for row in rows {
        let mut row = Row::from(shown.iter().map(|i| row[*i].clone()).collect::<Vec<_>>());
        if one_line {
            row.max_height(1);
        }
        table.add_row(row);
    }
    for (column, i) in table.column_iter_mut().zip(shown) {
        column.set_padding((0, u16::try_from(GAP).unwrap_or(0)));
        if matches!(columns[*i].1, Fit::Whole | Fit::Spare) {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::Style;

    fn at(width: Option<usize>) -> String {
        let render = Render { width, style: Style::new(false), now: chrono::DateTime::UNIX_EPOCH };
        let columns = [
            ("name", Fit::Whole),
            ("key", Fit::Spare),
            ("age", Fit::Spare),
            ("due", Fit::Whole),
            ("empty", Fit::Whole),
            ("note", Fit::Note),
        ];
        let row = |name: &str, note: &str| {
            ["".to_owned() + name, "…3f9a".into(), "12 d".into(), "in 78 d".into(), "".into(), note.into()]
        };
        let rows = [row("dev", "my laptop"), row("staging-eu", "shared until summer")].map(Vec::from);
        aligned(&render, &columns, &rows)
    }

    #[test]
    fn a_sentence_is_wrapped_only_where_words_fit() {
        let columns = [("variable", Fit::Whole), ("import", Fit::Prose)];
        let rows = [vec!["GETIMG_API_KEY".to_owned(), "would be added as dev".to_owned()]];
        let page = |width| {
            let render = Render { width: Some(width), style: Style::new(false), now: Default::default() };
            format!("{width}\n{}", aligned(&render, &columns, &rows))
        };
        insta::assert_snapshot!([28, 22].map(page).join("\n\n"), @"
        28
        variable        import
        GETIMG_API_KEY  would be
                        added as dev

        22
        variable        import
        GETIMG_API_KEY  would be added as dev
        ");
    }

    #[test]
    fn a_wide_page_holds_all() {
        insta::assert_snapshot!(at(None), @"
        name        key    age   due      note
        dev         …3f9a  12 d  in 78 d  my laptop
        staging-eu  …3f9a  12 d  in 78 d  shared until summer
        ");
    }

    #[test]
    fn a_narrow_page_cuts_the_note_and_then_leaves_columns_out() {
        let pages: Vec<_> = [46, 40, 30, 20, 10].map(|width| format!("{width}\n{}", at(Some(width)))).into();
        insta::assert_snapshot!(pages.join("\n\n"), @"
        46
        name        key    age   due      note
        dev         …3f9a  12 d  in 78 d  my laptop
        staging-eu  …3f9a  12 d  in 78 d  shared unti…

        40
        name        key    age   due
        dev         …3f9a  12 d  in 78 d
        staging-eu  …3f9a  12 d  in 78 d

        30
        name        key    due
        dev         …3f9a  in 78 d
        staging-eu  …3f9a  in 78 d

        20
        name        due
        dev         in 78 d
        staging-eu  in 78 d

        10
        name        due
        dev         in 78 d
        staging-eu  in 78 d
        ");
    }
}
