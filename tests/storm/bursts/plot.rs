//! Draws the bursts as pictures.

use std::path::Path;

use plotters::prelude::*;

use super::report::Bursts;
use super::{Figures, SIZES, Way};

/// A failed drawing.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// One picture: a quantity over the number of launches.
struct Picture {
    file: &'static str,
    title: &'static str,
    unit: &'static str,
    value: fn(&Figures) -> f64,
    /// Where no line runs.
    legend: SeriesLabelPosition,
    /// What was measured of programs that people use, beside our models of them.
    programs: &'static [Program],
}

/// A program that people use, measured with 1, 10, 100 and 1,000 launches at once (docs/bench.md).
struct Program {
    name: &'static str,
    values: [f64; 4],
    color: RGBColor,
}

const PROGRAMS: [Program; 2] = [
    Program { name: "AWS's sample, as it is", values: [7.0, 7.8, 7.7, 7.65], color: RGBColor(210, 120, 0) },
    Program { name: "infrahouse, as it is", values: [14.0, 15.4, 15.4, 16.2], color: RGBColor(90, 90, 90) },
];

const PICTURES: [Picture; 3] = [
    Picture {
        file: "calls-per-launch.svg",
        title: "AWS calls per launch",
        unit: "calls",
        value: |it| it.calls_per_launch,
        legend: SeriesLabelPosition::LowerLeft,
        programs: &PROGRAMS,
    },
    Picture {
        file: "ready-to-continue.svg",
        title: "Seconds from ready to CONTINUE, p99",
        unit: "seconds",
        value: |it| it.ready_p99_s,
        legend: SeriesLabelPosition::LowerRight,
        programs: &[],
    },
    Picture {
        file: "cost-per-1000.svg",
        title: "List price of 1,000 launches",
        unit: "USD",
        value: |it| it.usd_per_1000,
        legend: SeriesLabelPosition::LowerLeft,
        programs: &[],
    },
];

const COLORS: [RGBColor; 4] =
    [RGBColor(0, 70, 180), RGBColor(0, 160, 150), RGBColor(200, 40, 30), RGBColor(150, 60, 170)];

/// Draws every picture into a folder. Without throttling, both axes logarithmic.
///
/// # Errors
/// A file that cannot be written.
pub fn draw(bursts: &Bursts, folder: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(folder)?;
    PICTURES.iter().try_for_each(|picture| picture.draw(bursts, &folder.join(picture.file)))
}

impl Picture {
    fn draw(&self, bursts: &Bursts, file: &Path) -> Result<(), Failure> {
        let area = SVGBackend::new(file, (760, 420)).into_drawing_area();
        area.fill(&WHITE)?;
        let programs = self.programs.iter().flat_map(|program| program.values);
        let values = bursts.figures.iter().filter(|it| !it.throttled).map(self.value).chain(programs);
        let (low, high) = values.fold((f64::MAX, f64::MIN), |(low, high), value| (low.min(value), high.max(value)));
        let most = SIZES.into_iter().max().unwrap_or(1);
        let sizes = (1.0_f64..most as f64 * 1.2).log_scale();
        let mut chart = ChartBuilder::on(&area)
            .caption(self.title, ("sans-serif", 20))
            .margin(12)
            .x_label_area_size(42)
            .y_label_area_size(64)
            .build_cartesian_2d(sizes, (low * 0.7..high * 1.5).log_scale())?;
        chart
            .configure_mesh()
            .x_desc("launches at once")
            .x_label_formatter(&|size| format!("{size:.0}"))
            .y_desc(self.unit)
            .light_line_style(WHITE)
            .draw()?;
        let ours = Way::ALL.into_iter().zip(COLORS).map(|(way, color)| {
            let figures = SIZES.into_iter().filter_map(|size| bursts.of(way, false, size));
            (way.name(), figures.map(self.value).collect::<Vec<_>>(), color)
        });
        let programs = self.programs.iter().map(|program| (program.name, program.values.to_vec(), program.color));
        for (name, values, color) in ours.chain(programs) {
            let points: Vec<(f64, f64)> = SIZES.map(|size| size as f64).into_iter().zip(values).collect();
            chart.draw_series(points.iter().map(|point| Circle::new(*point, 3, color.filled())))?;
            chart
                .draw_series(LineSeries::new(points, color.stroke_width(2)))?
                .label(name)
                .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], color.stroke_width(2)));
        }
        let mut labels = chart.configure_series_labels();
        labels.position(self.legend.clone()).background_style(WHITE.mix(0.9)).border_style(BLACK.mix(0.3)).draw()?;
        Ok(area.present()?)
    }
}
