//! The newest value of each metric, as a number to be read from afar.

use super::{Area, colour, nothing, small};
use crate::Chart;
use crate::canvas::{Align, Canvas, Style};
use crate::scale::shown;

pub fn draw(canvas: &mut Canvas, chart: &Chart, area: Area) {
    if chart.lines.is_empty() {
        return nothing(canvas, area);
    }
    // As many beside each other as have room.
    let columns = ((area.width() / 150.0) as usize).clamp(1, chart.lines.len());
    let rows = chart.lines.len().div_ceil(columns);
    let (width, height) = (area.width() / columns as f32, area.height() / rows as f32);
    for (number, line) in chart.lines.iter().enumerate() {
        let left = area.left + (number % columns) as f32 * width;
        let top = area.top + (number / columns) as f32 * height;
        let value = line.points.values().next_back().map_or("--".to_owned(), |v| shown(*v));
        let size = (height * 0.42).clamp(14.0, 46.0);
        let number_style = Style { size, is_bold: true, colour: canvas.theme.text };
        let middle = top + height / 2.0;
        canvas.text(&value, (left, middle + size * 0.2), Align::Left, number_style);
        canvas.rectangle(
            (left, middle + size * 0.2 + 10.0),
            (10.0, 10.0),
            colour(number, line),
            1.0,
        );
        let style = small(canvas);
        let label = canvas.fitting(&line.label, style, width - 24.0);
        canvas.text(&label, (left + 16.0, middle + size * 0.2 + 19.5), Align::Left, style);
    }
}
