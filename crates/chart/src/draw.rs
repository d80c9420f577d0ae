//! The kinds of views: their title, and what each is made of.

mod legend;
mod shares;
mod single;
mod time_series;

use crate::canvas::{Align, Canvas, Style};
use crate::{Chart, Colour, Line, View};

/// Pixels around everything.
const MARGIN: f32 = 12.0;

/// A part of the picture, in pixels.
#[derive(Clone, Copy)]
struct Area {
    left: f32,
    top: f32,
    right: f32,
    bottom: f32,
}

impl Area {
    fn width(&self) -> f32 {
        (self.right - self.left).max(1.0)
    }

    fn height(&self) -> f32 {
        (self.bottom - self.top).max(1.0)
    }
}

pub fn chart(canvas: &mut Canvas, chart: &Chart) {
    let mut area = Area {
        left: MARGIN,
        top: MARGIN,
        right: chart.width as f32 - MARGIN,
        bottom: chart.height as f32 - MARGIN,
    };
    if !chart.title.is_empty() {
        let style = Style { size: 17.0, is_bold: true, colour: canvas.theme.text };
        let title = canvas.fitting(&chart.title, style, area.width());
        canvas.text(&title, (area.left, area.top + 13.0), Align::Left, style);
        area.top += 26.0;
    }
    match chart.view {
        View::SingleValue => single::draw(canvas, chart, area),
        View::TimeSeries => {
            let area = legend::draw(canvas, chart, area);
            time_series::draw(canvas, chart, area);
        }
        View::Bar => {
            let area = legend::draw(canvas, chart, area);
            shares::bars(canvas, chart, area);
        }
        View::Pie => {
            let area = legend::draw(canvas, chart, area);
            shares::pie(canvas, chart, area);
        }
    }
}

fn colour(number: usize, line: &Line) -> Colour {
    line.colour.unwrap_or(Colour::of_line(number))
}

fn small(canvas: &Canvas) -> Style {
    Style { size: 12.5, is_bold: false, colour: canvas.theme.faint }
}

/// What is told where there is nothing to draw.
fn nothing(canvas: &mut Canvas, area: Area) {
    let style = Style { size: 13.0, is_bold: false, colour: canvas.theme.faint };
    let middle = ((area.left + area.right) / 2.0, (area.top + area.bottom) / 2.0);
    canvas.text("No data available.", middle, Align::Middle, style);
}
