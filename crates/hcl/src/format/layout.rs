//! The spaces of a file's lines: indents, spaces between tokens, and columns of what is assigned and
//! of comments.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

use super::spacing::is_spaced;
use super::tokens::{Kind, Token};

/// One line as columns of tokens.
struct Line {
    lead: Range<usize>,
    /// From the equals sign on, where what is assigned ends in the line.
    assign: Range<usize>,
    /// At the end of the line, behind something.
    comment: Range<usize>,
}

pub fn lay_out(tokens: &mut [Token<'_>]) {
    let lines = lines(tokens);
    indent(tokens, &lines);
    space(tokens, &lines);
    align(tokens, &lines, |line| line.assign.clone(), |line| vec![line.lead.clone()]);
    let before = |line: &Line| vec![line.lead.clone(), line.assign.clone()];
    align(tokens, &lines, |line| line.comment.clone(), before);
}

fn lines(tokens: &[Token<'_>]) -> Vec<Line> {
    let mut found = Vec::new();
    let mut start = 0;
    for at in 0..tokens.len() {
        if tokens[at].ends_line() || at + 1 == tokens.len() {
            found.push(line(tokens, start..at + 1));
            start = at + 1;
        }
    }
    found
}

fn line(tokens: &[Token<'_>], all: Range<usize>) -> Line {
    let mut end = all.end;
    if all.len() > 1 && tokens[end - 1].kind == Kind::Comment {
        end -= 1;
    }
    let comment = end..all.end;
    let equal = (all.start + 1..end).find(|at| tokens[*at].kind == Kind::Equal);
    let closed = |from: &usize| tokens[*from..end].iter().map(|t| t.kind.opens()).sum::<i64>() == 0;
    let split = equal.filter(closed).unwrap_or(end);
    Line { lead: all.start..split, assign: split..end, comment }
}

/// Two spaces for each line that leaves brackets open.
fn indent(tokens: &mut [Token<'_>], lines: &[Line]) {
    let mut open: Vec<i64> = Vec::new();
    for line in lines {
        let first = line.lead.start;
        if tokens[first].kind == Kind::Newline {
            tokens[first].spaces = 0;
            continue;
        }
        let mut net: i64 = 0;
        for cell in [&line.lead, &line.assign] {
            for token in &tokens[cell.clone()] {
                net += token.kind.opens();
                if token.kind == Kind::OpenHeredoc {
                    break;
                }
            }
        }
        let mut closed = -net;
        while closed > 0
            && let Some(last) = open.last_mut()
        {
            if closed < *last {
                *last -= closed;
                break;
            }
            closed -= *last;
            open.pop();
        }
        tokens[first].spaces = 2 * open.len();
        if net > 0 {
            open.push(net);
        }
    }
}

fn space(tokens: &mut [Token<'_>], lines: &[Line]) {
    for line in lines {
        for cell in [&line.lead, &line.assign] {
            for at in cell.start..cell.end.saturating_sub(1) {
                let before = (at > line.lead.start).then(|| &tokens[at - 1]);
                let spaced = is_spaced(before, &tokens[at], &tokens[at + 1]);
                tokens[at + 1].spaces = usize::from(spaced);
            }
        }
    }
}

/// Brings a cell of neighbouring lines to one column.
fn align(
    tokens: &mut [Token<'_>],
    lines: &[Line],
    cell: impl Fn(&Line) -> Range<usize>,
    before: impl Fn(&Line) -> Vec<Range<usize>>,
) {
    for group in lines.chunk_by(|a, b| !cell(a).is_empty() && !cell(b).is_empty()) {
        let aligned = group.iter().filter(|line| !cell(line).is_empty());
        let columns: Vec<(usize, usize)> = aligned
            .map(|line| {
                (cell(line).start, before(line).into_iter().map(|c| width(&tokens[c])).sum())
            })
            .collect();
        let widest = columns.iter().map(|(_, width)| *width).max().unwrap_or(0);
        for (at, width) in columns {
            tokens[at].spaces = widest - width + 1;
        }
    }
}

fn width(tokens: &[Token<'_>]) -> usize {
    tokens.iter().map(|token| token.spaces + token.text.graphemes(true).count()).sum()
}
