//! Prints the report on a terminal, ratios first.

use std::fmt::{Display, Write};

use crate::batches::Batches;
use crate::cold::Start;
use crate::figure::Figure;
use crate::report::{Budget, Ratio, Report};

const HEAD: [&str; 5] = ["to /next", "to response", "processor", "peak memory", "binary"];

pub(crate) fn of(report: &Report) -> String {
    [ratios(report), starts(report), warm(report), budgets(report), machine(report)].join("\n")
}

fn ratios(report: &Report) -> String {
    let row = |title, ratio: &Ratio| {
        let values = [ratio.to_next, ratio.to_response, ratio.processor, ratio.peak_memory, ratio.binary];
        line(title, values.map(|value| format!("{value:.1}x")))
    };
    line("a start, against hello-world", HEAD)
        + &row("launch-gate, one HTTPS call", &report.ratios.launch_gate_https)
        + &row("launch-gate, one HTTP call", &report.ratios.launch_gate_http)
}

fn starts(report: &Report) -> String {
    let row = |title, start: &Start| {
        let values = [start.to_next_ms, start.to_response_ms, start.processor_ms].map(|figure| both(figure, "ms"));
        let [next, response, processor] = values;
        let memory = format!("{:.1} MB", start.peak_memory_mb.median);
        line(title, [next, response, processor, memory, format!("{:.1} MB", start.binary_mb)])
    };
    line("a start, median (p90)", HEAD)
        + &row("hello-world, no call", &report.start.hello)
        + &row("launch-gate, one HTTPS call", &report.start.launch_gate_https)
        + &row("launch-gate, one HTTP call", &report.start.launch_gate_http)
}

fn warm(report: &Report) -> String {
    let sizes = report.warm.http.batches.iter().map(|batch| format!("{} ({})", batch.launches, batch.calls));
    let head = sizes.chain(["peak memory".to_owned()]);
    let row = |title, batches: &Batches| {
        let figures = batches.batches.iter().map(|batch| both(batch.invocation_ms, "ms"));
        line(title, figures.chain([format!("{:.1} MB", batches.peak_memory_mb)]))
    };
    line("warm, launches (calls)", head)
        + &row("launch-gate, HTTPS", &report.warm.https)
        + &row("launch-gate, HTTP", &report.warm.http)
}

fn budgets(report: &Report) -> String {
    let row = |title: &str, unit: &str, budget: &Budget| {
        let verdict = if budget.met { "met" } else { "MISSED" };
        format!("{verdict:<8}{title}: {:.1}{unit} of at most {:.0}{unit}\n", budget.measured, budget.at_most)
    };
    row("first response with one HTTPS call, against hello-world", "x", &report.budgets.start_https_ratio)
        + &row("peak memory with a batch of 1,000", " MB", &report.budgets.batch_of_1000_memory_mb)
        + &row("binary", " MB", &report.budgets.binary_mb)
        + &row(
            "a warm batch of 1,000 over HTTP, after its messages came together",
            " ms",
            &report.budgets.batch_of_1000_ms,
        )
}

fn machine(report: &Report) -> String {
    let (cores, load) = (report.machine.cores, report.machine.load);
    format!("{} rounds on {cores} cores, load {load:.1}; no cold starts at AWS: compare rows only\n", report.rounds)
}

fn both(figure: Figure, unit: &str) -> String {
    format!("{:.1} ({:.1}) {unit}", figure.median, figure.p90)
}

fn line(title: &str, cells: impl IntoIterator<Item = impl Display>) -> String {
    let mut line = format!("{title:<30}");
    for cell in cells {
        // Writing into a string cannot fail.
        let _ = write!(line, "{:>18}", cell.to_string());
    }
    line + "\n"
}
