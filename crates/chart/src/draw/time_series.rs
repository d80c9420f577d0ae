//! Values over time: lines, or areas on each other.

use std::collections::BTreeMap;

use neargate_ids::Timestamp;

use super::{Area, colour, nothing, small};
use crate::canvas::{Align, Canvas, Style};
use crate::scale::{Scale, shown, time_marks};
use crate::{Axis, Chart, Line};

/// The picture's inner part, and where things stand in it.
struct Plot<'a> {
    chart: &'a Chart,
    area: Area,
    left: Scale,
    right: Option<Scale>,
}

pub fn draw(canvas: &mut Canvas, chart: &Chart, mut area: Area) {
    if chart.lines.iter().all(|line| line.points.is_empty()) && chart.horizontal.is_empty() {
        return nothing(canvas, area);
    }
    let count = (area.height() / 38.0).clamp(2.0, 8.0) as usize;
    let stacked = stacks(chart);
    let left = scale(chart, &stacked, false, &chart.left, count);
    let has_right = chart.lines.iter().any(|line| line.is_right);
    let right = has_right.then(|| scale(chart, &stacked, true, &chart.right, count));
    let style = small(canvas);
    let labels = |canvas: &Canvas, scale: &Scale| {
        let widths = scale.marks.iter().map(|mark| canvas.text_width(&shown(*mark), style));
        widths.fold(0.0, f32::max)
    };
    axis_labels(canvas, chart, &mut area);
    area.left += labels(canvas, &left) + 8.0;
    area.right -= right.as_ref().map_or(6.0, |right| labels(canvas, right) + 8.0);
    area.top += 6.0;
    area.bottom -= 20.0;
    let plot = Plot { chart, area, left, right };
    plot.grid(canvas);
    plot.vertical(canvas);
    for (number, line) in chart.lines.iter().enumerate() {
        match chart.is_stacked {
            true => plot.stacked(canvas, number, line, &stacked[number]),
            false => plot.line(canvas, number, line),
        }
    }
    plot.horizontal(canvas);
}

/// What the axes measure, above them.
fn axis_labels(canvas: &mut Canvas, chart: &Chart, area: &mut Area) {
    let style = small(canvas);
    let has_right = chart.lines.iter().any(|line| line.is_right) && !chart.right.label.is_empty();
    if chart.left.label.is_empty() && !has_right {
        return;
    }
    canvas.text(&chart.left.label, (area.left, area.top + 9.0), Align::Left, style);
    if has_right {
        canvas.text(&chart.right.label, (area.right, area.top + 9.0), Align::Right, style);
    }
    area.top += 16.0;
}

/// What each line stands on where lines are on each other: where one has no value, nothing.
fn stacks(chart: &Chart) -> Vec<BTreeMap<Timestamp, f64>> {
    let mut sums: [BTreeMap<Timestamp, f64>; 2] = Default::default();
    let of = |line: &Line| {
        let sums = &mut sums[usize::from(line.is_right)];
        let mut base = BTreeMap::new();
        for (at, value) in &line.points {
            let sum = sums.entry(*at).or_insert(0.0);
            base.insert(*at, *sum);
            *sum += value;
        }
        base
    };
    chart.lines.iter().map(of).collect()
}

fn scale(
    chart: &Chart,
    stacked: &[BTreeMap<Timestamp, f64>],
    is_right: bool,
    axis: &Axis,
    count: usize,
) -> Scale {
    let mut values = Vec::new();
    for (number, line) in chart.lines.iter().enumerate().filter(|(_, l)| l.is_right == is_right) {
        for (at, value) in &line.points {
            let base = if chart.is_stacked { stacked[number].get(at) } else { None };
            values.push(value + base.copied().unwrap_or_default());
        }
        if chart.is_stacked {
            values.push(0.0);
        }
    }
    if !is_right {
        values.extend(chart.horizontal.iter().flat_map(|mark| [Some(mark.at), mark.to]).flatten());
    }
    let low = values.iter().copied().reduce(f64::min).unwrap_or(0.0);
    let high = values.iter().copied().reduce(f64::max).unwrap_or(1.0);
    Scale::of(low, high, (axis.min, axis.max), count)
}

impl Plot<'_> {
    fn x(&self, at: Timestamp) -> f32 {
        let span = self.chart.to.millis_since(self.chart.from).max(1) as f64;
        let part = at.millis_since(self.chart.from) as f64 / span;
        self.area.left + part as f32 * self.area.width()
    }

    fn y(&self, value: f64, is_right: bool) -> f32 {
        let scale = self.right.as_ref().filter(|_| is_right).unwrap_or(&self.left);
        let part = scale.part(value).clamp(-0.02, 1.02);
        self.area.bottom - part as f32 * self.area.height()
    }

    fn grid(&self, canvas: &mut Canvas) {
        let (style, grid) = (small(canvas), canvas.theme.grid);
        let Area { left, right, bottom, .. } = self.area;
        for mark in &self.left.marks {
            let y = self.y(*mark, false).round() + 0.5;
            canvas.line(&[(left, y), (right, y)], 1.0, None, grid);
            canvas.text(&shown(*mark), (left - 8.0, y + 4.0), Align::Right, style);
        }
        for mark in self.right.iter().flat_map(|scale| &scale.marks) {
            let y = self.y(*mark, true).round() + 0.5;
            canvas.text(&shown(*mark), (right + 8.0, y + 4.0), Align::Left, style);
        }
        let axis = canvas.theme.faint;
        canvas.line(&[(left, bottom + 0.5), (right, bottom + 0.5)], 1.0, None, axis);
        let count = (self.area.width() / 75.0).max(2.0) as usize;
        let chart = self.chart;
        for (at, text) in time_marks(chart.from, chart.to, chart.zone_minutes, count) {
            let x = self.x(at).round() + 0.5;
            canvas.line(&[(x, bottom), (x, bottom + 4.0)], 1.0, None, axis);
            let half = canvas.text_width(&text, style) / 2.0;
            let edge = chart.width as f32 - half - 2.0;
            canvas.text(&text, (x.min(edge), bottom + 17.0), Align::Middle, style);
        }
    }

    /// A line goes on over a period without a value, and breaks at more.
    fn line(&self, canvas: &mut Canvas, number: usize, line: &Line) {
        let colour = colour(number, line);
        for run in runs(line) {
            let point =
                |(at, value): &(Timestamp, f64)| (self.x(*at), self.y(*value, line.is_right));
            let points: Vec<(f32, f32)> = run.iter().map(point).collect();
            match points[..] {
                [alone] => canvas.dot(alone, 2.5, colour),
                _ => canvas.line(&points, 2.0, None, colour),
            }
        }
    }

    fn stacked(
        &self,
        canvas: &mut Canvas,
        number: usize,
        line: &Line,
        base: &BTreeMap<Timestamp, f64>,
    ) {
        let colour = colour(number, line);
        let under = |at: &Timestamp| base.get(at).copied().unwrap_or_default();
        for run in runs(line) {
            let place = |at: &Timestamp, value: f64| (self.x(*at), self.y(value, line.is_right));
            let top: Vec<_> = run.iter().map(|(at, value)| place(at, under(at) + value)).collect();
            let foot = run.iter().rev().map(|(at, _)| place(at, under(at)));
            let around: Vec<_> = top.iter().copied().chain(foot).collect();
            canvas.area(&around, colour, 0.55);
            canvas.line(&top, 1.5, None, colour);
        }
    }

    fn horizontal(&self, canvas: &mut Canvas) {
        let Area { left, right, .. } = self.area;
        for mark in &self.chart.horizontal {
            let colour = mark.colour.unwrap_or(crate::Colour(214, 39, 40));
            let y = self.y(mark.at, false).round() + 0.5;
            if let Some(to) = mark.to {
                let other = self.y(to, false);
                let size = (right - left, (other - y).abs());
                canvas.rectangle((left, y.min(other)), size, colour, 0.12);
            }
            canvas.line(&[(left, y), (right, y)], 1.5, Some(5.0), colour);
            let style = Style { colour, ..small(canvas) };
            let label = canvas.fitting(&mark.label, style, right - left - 8.0);
            let above = if y - 16.0 < self.area.top { y + 15.0 } else { y - 5.0 };
            canvas.text(&label, (right - 4.0, above), Align::Right, style);
        }
    }

    fn vertical(&self, canvas: &mut Canvas) {
        let Area { top, bottom, left, right } = self.area;
        for mark in &self.chart.vertical {
            let colour = mark.colour.unwrap_or(crate::Colour(127, 127, 127));
            let x = self.x(mark.at).min(right).max(left);
            if let Some(to) = mark.to {
                let other = self.x(to).min(right).max(left);
                let size = ((other - x).abs(), bottom - top);
                canvas.rectangle((x.min(other), top), size, colour, 0.15);
            }
            canvas.line(&[(x, top), (x, bottom)], 1.5, Some(5.0), colour);
            let style = Style { colour, ..small(canvas) };
            canvas.text(&mark.label, (x + 4.0, top + 10.0), Align::Left, style);
        }
    }
}

/// The pieces of a line that have no gap within.
fn runs(line: &Line) -> Vec<Vec<(Timestamp, f64)>> {
    let mut runs: Vec<Vec<(Timestamp, f64)>> = Vec::new();
    let gap_ms = line.period_s * 2000 + 500;
    for (at, value) in &line.points {
        match runs.last_mut() {
            Some(run) if run.last().is_some_and(|(last, _)| at.millis_since(*last) <= gap_ms) => {
                run.push((*at, *value));
            }
            _ => runs.push(vec![(*at, *value)]),
        }
    }
    runs
}
