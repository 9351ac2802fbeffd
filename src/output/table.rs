//! Tables that fit the page.

use comfy_table::{ContentArrangement, Table, presets};

use super::Page;

/// A table without lines, fitted to the page; cells may be coloured.
///
/// A column without content is left out; so is the last one, where the page is too narrow for all.
pub fn aligned(page: &Page, heads: &[&str], rows: &[Vec<String>]) -> String {
    let filled: Vec<usize> =
        (0..heads.len()).filter(|i| rows.iter().any(|row| !row[*i].is_empty())).collect();
    let pick = |row: &[String]| filled.iter().map(|i| row[*i].clone()).collect::<Vec<_>>();
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(u16::try_from(page.width).unwrap_or(u16::MAX));
    table.set_header(filled.iter().map(|i| page.paint.faint(heads[*i])));
    table.add_rows(rows.iter().map(|row| pick(row)));
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    table.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}

/// The width of the terminal at standard output.
pub fn terminal_width() -> Option<usize> {
    #[cfg(unix)]
    {
        let size = rustix::termios::tcgetwinsize(std::io::stdout()).ok()?;
        (size.ws_col > 0).then_some(usize::from(size.ws_col))
    }
    #[cfg(not(unix))]
    None
}
