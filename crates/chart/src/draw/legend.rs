//! What the colours mean: below, line by line, or at the right.

use super::{Area, colour, small};
use crate::canvas::{Align, Canvas, Style};
use crate::{Chart, Legend};

const SQUARE: f32 = 10.0;
const LINE: f32 = 18.0;

/// Draws it, and gives back what is left.
pub fn draw(canvas: &mut Canvas, chart: &Chart, area: Area) -> Area {
    match chart.legend {
        _ if chart.lines.is_empty() => area,
        Legend::Hidden => area,
        Legend::Bottom => bottom(canvas, chart, area),
        Legend::Right => right(canvas, chart, area),
    }
}

fn style(canvas: &Canvas) -> Style {
    Style { colour: canvas.theme.text, ..small(canvas) }
}

fn bottom(canvas: &mut Canvas, chart: &Chart, mut area: Area) -> Area {
    let style = style(canvas);
    let mut rows: Vec<Vec<(usize, String, f32)>> = vec![Vec::new()];
    let mut x = 0.0;
    for (number, line) in chart.lines.iter().enumerate() {
        let label = canvas.fitting(&line.label, style, area.width() - SQUARE - 8.0);
        let width = SQUARE + 6.0 + canvas.text_width(&label, style) + 16.0;
        if x > 0.0 && x + width > area.width() {
            rows.push(Vec::new());
            x = 0.0;
        }
        if let Some(row) = rows.last_mut() {
            row.push((number, label, x));
        }
        x += width;
    }
    // No more than a third of the picture.
    rows.truncate(((area.height() / 3.0 / LINE) as usize).max(1));
    let top = area.bottom - rows.len() as f32 * LINE;
    for (row, labels) in rows.iter().enumerate() {
        for (number, label, x) in labels {
            let at = (area.left + x, top + row as f32 * LINE + 4.0);
            entry(canvas, chart, *number, label, at, style);
        }
    }
    area.bottom = top - 6.0;
    area
}

fn right(canvas: &mut Canvas, chart: &Chart, mut area: Area) -> Area {
    let style = style(canvas);
    let most = area.width() / 3.0;
    let labels: Vec<String> = chart
        .lines
        .iter()
        .map(|line| canvas.fitting(&line.label, style, most - SQUARE - 8.0))
        .collect();
    let widest = labels.iter().map(|label| canvas.text_width(label, style)).fold(0.0, f32::max);
    let left = area.right - widest - SQUARE - 6.0;
    for (number, label) in labels.iter().enumerate() {
        let top = area.top + number as f32 * LINE;
        if top + LINE > area.bottom {
            break;
        }
        entry(canvas, chart, number, label, (left, top + 4.0), style);
    }
    area.right = left - 14.0;
    area
}

fn entry(
    canvas: &mut Canvas,
    chart: &Chart,
    number: usize,
    label: &str,
    (x, y): (f32, f32),
    style: Style,
) {
    let colour = colour(number, &chart.lines[number]);
    canvas.rectangle((x, y), (SQUARE, SQUARE), colour, 1.0);
    canvas.text(label, (x + SQUARE + 6.0, y + SQUARE - 0.5), Align::Left, style);
}
