//! One value of each metric beside the others: bars, or the parts of a whole.

use std::f32::consts::TAU;

use super::{Area, colour, nothing, small};
use crate::Chart;
use crate::canvas::{Align, Canvas, Style};
use crate::scale::{Scale, shown};

/// The newest value of each line.
fn values(chart: &Chart) -> Vec<f64> {
    let newest = |line: &crate::Line| line.points.values().next_back().copied().unwrap_or(0.0);
    chart.lines.iter().map(newest).collect()
}

pub fn bars(canvas: &mut Canvas, chart: &Chart, mut area: Area) {
    let values = values(chart);
    if values.is_empty() {
        return nothing(canvas, area);
    }
    let low = values.iter().copied().fold(0.0, f64::min);
    let high = values.iter().copied().fold(0.0, f64::max);
    let scale = Scale::of(low, high, (chart.left.min, chart.left.max), 5);
    let style = small(canvas);
    let widths = scale.marks.iter().map(|mark| canvas.text_width(&shown(*mark), style));
    area.left += widths.fold(0.0, f32::max) + 8.0;
    area.top += 14.0;
    area.bottom -= 6.0;
    let y = |value: f64| area.bottom - scale.part(value).clamp(0.0, 1.0) as f32 * area.height();
    for mark in &scale.marks {
        let at = y(*mark).round() + 0.5;
        canvas.line(&[(area.left, at), (area.right, at)], 1.0, None, canvas.theme.grid);
        canvas.text(&shown(*mark), (area.left - 8.0, at + 4.0), Align::Right, style);
    }
    let step = area.width() / values.len() as f32;
    let width = (step * 0.6).min(90.0);
    let value_style = Style { colour: canvas.theme.text, ..style };
    for (number, value) in values.iter().enumerate() {
        let middle = area.left + (number as f32 + 0.5) * step;
        let (top, foot) = (y(value.max(0.0)), y(value.min(0.0)));
        let colour = colour(number, &chart.lines[number]);
        canvas.rectangle((middle - width / 2.0, top), (width, (foot - top).max(1.0)), colour, 1.0);
        canvas.text(&shown(*value), (middle, top - 4.0), Align::Middle, value_style);
    }
}

pub fn pie(canvas: &mut Canvas, chart: &Chart, area: Area) {
    let values: Vec<f64> = values(chart).into_iter().map(|value| value.max(0.0)).collect();
    let sum: f64 = values.iter().sum();
    if sum <= 0.0 {
        return nothing(canvas, area);
    }
    let (x, y) = ((area.left + area.right) / 2.0, (area.top + area.bottom) / 2.0);
    let radius = (area.width().min(area.height()) / 2.0 - 4.0).max(4.0);
    let place = |angle: f32, far: f32| (x + angle.sin() * far, y - angle.cos() * far);
    let mut from = 0.0f32;
    for (number, value) in values.iter().enumerate() {
        let to = from + (value / sum) as f32 * TAU;
        let steps = ((to - from) * radius / 3.0).ceil().max(2.0) as usize;
        let arc =
            (0..=steps).map(|step| place(from + (to - from) * step as f32 / steps as f32, radius));
        let around: Vec<_> = std::iter::once((x, y)).chain(arc).collect();
        canvas.area(&around, colour(number, &chart.lines[number]), 1.0);
        if to - from > 0.25 {
            let style = Style { colour: crate::Colour(255, 255, 255), ..small(canvas) };
            let (tx, ty) = place((from + to) / 2.0, radius * 0.68);
            let percent = format!("{:.0}%", value / sum * 100.0);
            canvas.text(&percent, (tx, ty + 4.0), Align::Middle, style);
        }
        from = to;
    }
}
