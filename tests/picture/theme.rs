//! The colours: those of Okabe and Ito, which people with any colour vision can tell apart, on a light or a dark page.

use plotters::style::RGBColor;

/// The colours of a page and of what is written on it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Theme {
    pub(crate) page: RGBColor,
    pub(crate) ink: RGBColor,
    pub(crate) muted: RGBColor,
    pub(crate) grid: RGBColor,
    /// Round each bar. The orange and the sky blue alone have too little contrast with a light page.
    pub(crate) edge: RGBColor,
}

pub(crate) const LIGHT: Theme = Theme {
    page: RGBColor(255, 255, 255),
    ink: RGBColor(31, 35, 40),
    muted: RGBColor(89, 99, 110),
    grid: RGBColor(209, 217, 224),
    edge: RGBColor(89, 99, 110),
};

pub(crate) const DARK: Theme = Theme {
    page: RGBColor(13, 17, 23),
    ink: RGBColor(230, 237, 243),
    muted: RGBColor(157, 167, 179),
    grid: RGBColor(55, 62, 71),
    edge: RGBColor(13, 17, 23),
};

pub(crate) const SKY: RGBColor = RGBColor(86, 180, 233);
pub(crate) const BLUE: RGBColor = RGBColor(0, 114, 178);
pub(crate) const PURPLE: RGBColor = RGBColor(204, 121, 167);
pub(crate) const ORANGE: RGBColor = RGBColor(230, 159, 0);
pub(crate) const GREEN: RGBColor = RGBColor(0, 158, 115);
pub(crate) const VERMILION: RGBColor = RGBColor(213, 94, 0);
