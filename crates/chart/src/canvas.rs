//! Where it is drawn: lines, areas and texts on pixels.

use ab_glyph::{Font, FontRef, PxScale, ScaleFont, point};
use tiny_skia::{
    Color, FillRule, LineCap, LineJoin, Paint, PathBuilder, Pixmap, PremultipliedColorU8, Rect,
    Stroke, StrokeDash, Transform,
};

use crate::Colour;

pub struct Canvas {
    pixels: Pixmap,
    regular: FontRef<'static>,
    bold: FontRef<'static>,
    pub theme: Theme,
}

/// The colours of what is no metric.
#[derive(Clone, Copy)]
pub struct Theme {
    pub background: Colour,
    pub text: Colour,
    pub faint: Colour,
    pub grid: Colour,
}

const LIGHT: Theme = Theme {
    background: Colour(255, 255, 255),
    text: Colour(22, 25, 31),
    faint: Colour(84, 91, 100),
    grid: Colour(230, 233, 236),
};
const DARK: Theme = Theme {
    background: Colour(15, 27, 42),
    text: Colour(233, 235, 237),
    faint: Colour(149, 163, 178),
    grid: Colour(43, 56, 72),
};

/// How a text stands to its place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Align {
    Left,
    Middle,
    Right,
}

/// How a text looks.
#[derive(Clone, Copy)]
pub struct Style {
    pub size: f32,
    pub is_bold: bool,
    pub colour: Colour,
}

impl Canvas {
    pub fn new(width: u32, height: u32, is_dark: bool) -> Option<Self> {
        let theme = if is_dark { DARK } else { LIGHT };
        let mut pixels = Pixmap::new(width, height)?;
        pixels.fill(solid(theme.background, 1.0));
        let regular = FontRef::try_from_slice(dejavu::sans::regular()).ok()?;
        let bold = FontRef::try_from_slice(dejavu::sans::bold()).ok()?;
        Some(Canvas { pixels, regular, bold, theme })
    }

    pub fn png(&self) -> Option<Vec<u8>> {
        self.pixels.encode_png().ok()
    }

    pub fn rectangle(
        &mut self,
        (x, y): (f32, f32),
        (w, h): (f32, f32),
        colour: Colour,
        alpha: f32,
    ) {
        if let Some(rect) = Rect::from_xywh(x, y, w, h) {
            self.pixels.fill_rect(rect, &paint(colour, alpha), Transform::identity(), None);
        }
    }

    /// A line through points, so many pixels wide; dashed, where that says how long a dash is.
    pub fn line(&mut self, points: &[(f32, f32)], width: f32, dash: Option<f32>, colour: Colour) {
        let Some(path) = path(points, false) else { return };
        let stroke = Stroke {
            width,
            line_cap: LineCap::Round,
            line_join: LineJoin::Round,
            dash: dash.and_then(|length| StrokeDash::new(vec![length, length * 1.2], 0.0)),
            ..Stroke::default()
        };
        let paint = paint(colour, 1.0);
        self.pixels.stroke_path(&path, &paint, &stroke, Transform::identity(), None);
    }

    /// A filled shape.
    pub fn area(&mut self, points: &[(f32, f32)], colour: Colour, alpha: f32) {
        let Some(path) = path(points, true) else { return };
        let paint = paint(colour, alpha);
        self.pixels.fill_path(&path, &paint, FillRule::Winding, Transform::identity(), None);
    }

    pub fn dot(&mut self, (x, y): (f32, f32), radius: f32, colour: Colour) {
        if let Some(path) = PathBuilder::from_circle(x, y, radius) {
            let paint = paint(colour, 1.0);
            self.pixels.fill_path(&path, &paint, FillRule::Winding, Transform::identity(), None);
        }
    }

    /// How wide a text is, in pixels.
    pub fn text_width(&self, text: &str, style: Style) -> f32 {
        let font = self.font(style).as_scaled(PxScale::from(style.size));
        let mut width = 0.0;
        let mut before = None;
        for c in text.chars() {
            let glyph = font.glyph_id(c);
            width += before.map_or(0.0, |before| font.kern(before, glyph)) + font.h_advance(glyph);
            before = Some(glyph);
        }
        width
    }

    /// The text, or its beginning and an ellipsis where it is wider than that.
    pub fn fitting(&self, text: &str, style: Style, width: f32) -> String {
        if self.text_width(text, style) <= width {
            return text.to_owned();
        }
        let mut short = text.to_owned();
        while short.pop().is_some() {
            let cut = format!("{}…", short.trim_end());
            if self.text_width(&cut, style) <= width {
                return cut;
            }
        }
        String::new()
    }

    /// A text whose baseline is at the height of `y`.
    pub fn text(&mut self, text: &str, (x, y): (f32, f32), align: Align, style: Style) {
        let width = self.text_width(text, style);
        let mut x = match align {
            Align::Left => x,
            Align::Middle => x - width / 2.0,
            Align::Right => x - width,
        };
        let scale = PxScale::from(style.size);
        let font = self.font(style).clone();
        let scaled = font.as_scaled(scale);
        let mut before = None;
        for c in text.chars() {
            let id = scaled.glyph_id(c);
            x += before.map_or(0.0, |before| scaled.kern(before, id));
            let glyph = id.with_scale_and_position(scale, point(x, y.round()));
            if let Some(outline) = font.outline_glyph(glyph) {
                let bounds = outline.px_bounds();
                outline.draw(|dx, dy, coverage| {
                    self.blend(
                        bounds.min.x as i64 + i64::from(dx),
                        bounds.min.y as i64 + i64::from(dy),
                        style.colour,
                        coverage,
                    );
                });
            }
            x += scaled.h_advance(id);
            before = Some(id);
        }
    }

    fn font(&self, style: Style) -> &FontRef<'static> {
        if style.is_bold { &self.bold } else { &self.regular }
    }

    /// Lays a colour over a pixel.
    fn blend(&mut self, x: i64, y: i64, colour: Colour, coverage: f32) {
        let (width, height) = (i64::from(self.pixels.width()), i64::from(self.pixels.height()));
        if !(0..width).contains(&x) || !(0..height).contains(&y) {
            return;
        }
        let pixel = &mut self.pixels.pixels_mut()[(y * width + x) as usize];
        let coverage = coverage.clamp(0.0, 1.0);
        let mixed = |over: u8, under: u8| {
            (f32::from(over) * coverage + f32::from(under) * (1.0 - coverage)).round() as u8
        };
        let (red, green, blue) = (
            mixed(colour.0, pixel.red()),
            mixed(colour.1, pixel.green()),
            mixed(colour.2, pixel.blue()),
        );
        if let Some(mixed) = PremultipliedColorU8::from_rgba(red, green, blue, 255) {
            *pixel = mixed;
        }
    }
}

fn solid(colour: Colour, alpha: f32) -> Color {
    Color::from_rgba8(colour.0, colour.1, colour.2, (alpha * 255.0) as u8)
}

fn paint(colour: Colour, alpha: f32) -> Paint<'static> {
    let mut paint = Paint::default();
    paint.set_color(solid(colour, alpha));
    paint.anti_alias = true;
    paint
}

fn path(points: &[(f32, f32)], is_closed: bool) -> Option<tiny_skia::Path> {
    let mut builder = PathBuilder::new();
    let mut points = points.iter();
    let (x, y) = points.next()?;
    builder.move_to(*x, *y);
    for (x, y) in points {
        builder.line_to(*x, *y);
    }
    if is_closed {
        builder.close();
    }
    builder.finish()
}
