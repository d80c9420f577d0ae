//! Where a statement stands in its document, as policy simulation shows it.

/// A place in a text: both counted from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Position {
    pub line: u32,
    pub column: u32,
}

impl Position {
    /// The place of the byte `offset` of `text`.
    pub fn of(text: &str, offset: usize) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        let whole = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Position { line: whole(line), column: whole(column) }
    }
}
