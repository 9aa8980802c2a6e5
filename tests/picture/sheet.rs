//! The page that is drawn on, by pixels: text that is cut where its room ends, boxes, lines and shapes.

use plotters::backend::SVGBackend;
use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, IntoDrawingArea};
use plotters::element::{PathElement, Polygon, Rectangle};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontDesc, FontFamily, FontStyle, RGBColor, TextStyle};

use super::theme::Theme;

/// What the library says when it cannot draw.
pub(crate) type Drawn = Result<(), String>;

/// Where in a text its place is.
#[derive(Clone, Copy)]
pub(crate) enum Anchor {
    Left,
    Middle,
    Right,
}

/// How a text looks.
#[derive(Clone, Copy)]
pub(crate) struct Type {
    pub(crate) size: i32,
    pub(crate) bold: bool,
    pub(crate) color: RGBColor,
}

pub(crate) struct Sheet<'a> {
    area: DrawingArea<SVGBackend<'a>, Shift>,
    pub(crate) theme: Theme,
}

impl<'a> Sheet<'a> {
    pub(crate) fn new(svg: &'a mut String, size: (i32, i32), theme: Theme) -> Result<Self, String> {
        let area = SVGBackend::with_string(svg, (size.0.unsigned_abs(), size.1.unsigned_abs())).into_drawing_area();
        area.fill(&theme.page).map_err(|error| error.to_string())?;
        Ok(Self { area, theme })
    }

    pub(crate) fn finish(self) -> Drawn {
        self.area.present().map_err(|error| error.to_string())
    }

    /// Its middle in height is at `y`.
    pub(crate) fn text(&self, text: &str, (x, y): (i32, i32), anchor: Anchor, how: Type) -> Drawn {
        if text.is_empty() {
            return Ok(());
        }
        let weight = if how.bold { FontStyle::Bold } else { FontStyle::Normal };
        // The library divides the size by this.
        let font = FontDesc::new(FontFamily::SansSerif, f64::from(how.size) * 1.24, weight);
        let place = match anchor {
            Anchor::Left => HPos::Left,
            Anchor::Middle => HPos::Center,
            Anchor::Right => HPos::Right,
        };
        let style = TextStyle::from(font).color(&how.color).pos(Pos::new(place, VPos::Center));
        self.area.draw_text(text, &style, (x, y)).map_err(|error| error.to_string())
    }

    /// A box, at least a pixel wide.
    pub(crate) fn fill(&self, from: (i32, i32), to: (i32, i32), color: RGBColor) -> Drawn {
        self.draw(&Rectangle::new([from, (to.0.max(from.0 + 1), to.1)], color.filled()))
    }

    /// The same with an edge.
    pub(crate) fn bar(&self, from: (i32, i32), to: (i32, i32), color: RGBColor) -> Drawn {
        self.fill(from, to, color)?;
        self.draw(&Rectangle::new([from, (to.0.max(from.0 + 1), to.1)], self.theme.edge.stroke_width(1)))
    }

    pub(crate) fn line(&self, from: (i32, i32), to: (i32, i32), color: RGBColor) -> Drawn {
        self.path(vec![from, to], color, 1)
    }

    pub(crate) fn path(&self, points: Vec<(i32, i32)>, color: RGBColor, width: u32) -> Drawn {
        self.draw(&PathElement::new(points, color.stroke_width(width)))
    }

    pub(crate) fn frame(&self, from: (i32, i32), to: (i32, i32), color: RGBColor) -> Drawn {
        self.draw(&Rectangle::new([from, to], color.stroke_width(1)))
    }

    pub(crate) fn polygon(&self, points: Vec<(i32, i32)>, fill: RGBColor) -> Drawn {
        self.draw(&Polygon::new(points, fill.filled()))
    }

    fn draw<E>(&self, element: &E) -> Drawn
    where
        for<'b> &'b E: plotters::element::PointCollection<'b, (i32, i32)>,
        E: plotters::element::Drawable<SVGBackend<'a>>,
    {
        self.area.draw(element).map_err(|error| error.to_string())
    }
}

/// The pixels that a text takes at most, in a wide font such as `DejaVu Sans`: nobody knows which font a reader has.
pub(crate) fn width_of(text: &str, size: i32) -> i32 {
    let hundredths = |letter: char| match letter {
        'i' | 'j' | 'l' | ' ' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' => 36,
        'm' | 'w' | 'M' | 'W' | '@' | '%' => 100,
        'A'..='Z' => 75,
        _ if letter.is_ascii() => 64,
        _ => 105,
    };
    text.chars().map(hundredths).sum::<i32>() * size / 100
}

/// The text, or its beginning and `…` if it is wider than that.
pub(crate) fn cut(text: &str, size: i32, width: i32) -> String {
    if width_of(text, size) <= width {
        return text.to_owned();
    }
    let mut kept = String::new();
    for letter in text.chars() {
        kept.push(letter);
        if width_of(&kept, size) + width_of("…", size) > width {
            kept.pop();
            break;
        }
    }
    kept.trim_end().to_owned() + "…"
}

/// The text in at most `lines` lines; the last is cut.
pub(crate) fn wrap(text: &str, size: i32, width: i32, lines: usize) -> Vec<String> {
    let mut wrapped: Vec<String> = vec![String::new()];
    for word in text.split_whitespace() {
        let full = wrapped.len() >= lines;
        let Some(last) = wrapped.last_mut() else { break };
        let longer = if last.is_empty() { word.to_owned() } else { format!("{last} {word}") };
        if full || last.is_empty() || width_of(&longer, size) <= width {
            *last = longer;
        } else {
            wrapped.push(word.to_owned());
        }
    }
    wrapped.iter().map(|line| cut(line, size, width)).collect()
}
