//! How commands look on a terminal: aligned columns, and colour where it is a
//! terminal that wants it (`NO_COLOR` says that it does not).

use std::io::IsTerminal;

/// What a text means, which its colour shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Plain,
    Strong,
    Faint,
    Good,
    Wait,
    Bad,
}

/// Colours texts, or leaves them as they are.
#[derive(Clone, Copy)]
pub struct Paint {
    pub in_colour: bool,
}

impl Paint {
    /// As standard output wants it.
    pub fn for_stdout() -> Self {
        let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Paint { in_colour: !refused && std::io::stdout().is_terminal() }
    }

    /// The text in the colour of its tone.
    pub fn paint(self, tone: Tone, text: &str) -> String {
        let code = match tone {
            Tone::Plain => return text.to_owned(),
            _ if !self.in_colour || text.is_empty() => return text.to_owned(),
            Tone::Strong => "1",
            Tone::Faint => "2",
            Tone::Good => "32",
            Tone::Wait => "33",
            Tone::Bad => "31",
        };
        format!("\x1b[{code}m{text}\x1b[0m")
    }
}

/// Columns and rows of this terminal, if it is one.
pub fn size() -> Option<(u16, u16)> {
    // SAFETY: `winsize` is plain numbers, of which all zero are good.
    let mut size: nix::libc::winsize = unsafe { std::mem::zeroed() };
    // SAFETY: the call writes one `winsize`, which lives on.
    let done = unsafe { nix::libc::ioctl(1, nix::libc::TIOCGWINSZ, &mut size) };
    (done == 0 && size.ws_col > 0).then_some((size.ws_col, size.ws_row))
}

/// A cell of a table.
pub type Cell = (Tone, String);

/// A plain cell.
pub fn plain(text: impl Into<String>) -> Cell {
    (Tone::Plain, text.into())
}

/// The rows in aligned columns, indented by `indent`; columns without a text are left out.
pub fn table(paint: Paint, indent: usize, rows: &[Vec<Cell>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.1.chars().count()).max()
    };
    let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
    let mut out = String::new();
    for row in rows {
        let mut line = " ".repeat(indent);
        let mut gap = 0;
        for ((tone, text), &width) in row.iter().zip(&widths).filter(|(_, width)| **width > 0) {
            line.push_str(&" ".repeat(gap));
            line.push_str(&paint.paint(*tone, text));
            gap = width - text.chars().count() + 2;
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    #[test]
    fn columns_are_as_wide_as_their_widest_and_empty_ones_are_left_out() {
        let rows = [
            vec![plain("a"), plain(""), (Tone::Good, "RUNNING".into()), plain("x")],
            vec![plain("long"), plain(""), (Tone::Bad, "NO".into())],
        ];
        let plain = table(Paint { in_colour: false }, 0, &rows);
        expect![[r#"
            a     RUNNING  x
            long  NO
        "#]]
        .assert_eq(&plain);
        let coloured = table(Paint { in_colour: true }, 0, &rows);
        expect!["\"a     \\u{1b}[32mRUNNING\\u{1b}[0m  x\\nlong  \\u{1b}[31mNO\\u{1b}[0m\\n\""]
            .assert_eq(&format!("{coloured:?}"));
    }
}
