//! A picture of a load, whole in one SVG: latency over percentiles, and what happened in each second.

use std::fmt::Write as _;

use super::load::duration;
use crate::modes::bench::{Record, Row};

const WIDTH: f64 = 900.0;
const LEFT: f64 = 80.0;
const RIGHT: f64 = 20.0;
const COLOURS: [&str; 6] = ["#2563eb", "#dc2626", "#059669", "#d97706", "#7c3aed", "#475569"];
/// Shares of flows that are slower: the places on the axis.
const MARKS: [(f64, &str); 6] =
    [(1.0, "0"), (0.5, "50 %"), (0.1, "90 %"), (0.01, "99 %"), (0.001, "99.9 %"), (0.0001, "99.99 %")];

/// The picture.
pub fn latency_plot(record: &Record) -> String {
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} 720\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n"
    );
    let title = format!("{}: {}, {:.0} good flows a second", record.target, record.mix, record.throughput());
    text(&mut svg, LEFT, 24.0, "start", &title);
    percentiles(&mut svg, record, Frame { top: 50.0, height: 300.0 });
    seconds(&mut svg, record, Frame { top: 420.0, height: 240.0 });
    svg + "</svg>\n"
}

/// The same in a page.
pub fn latency_page(record: &Record) -> String {
    let title = escape(&record.target);
    format!("<!doctype html>\n<meta charset=\"utf-8\">\n<title>{title} under load</title>\n{}", latency_plot(record))
}

#[derive(Clone, Copy)]
struct Frame {
    top: f64,
    height: f64,
}

impl Frame {
    /// The height of a share of the frame.
    fn y(self, share: f64) -> f64 {
        self.top + self.height * (1.0 - share.clamp(0.0, 1.0))
    }
}

/// Both axes are logarithmic.
fn percentiles(svg: &mut String, record: &Record, frame: Frame) {
    let highest = record.flows.values().map(|Row(row)| row.max()).max().unwrap_or(1).max(10);
    let decades = (float(highest).log10()).ceil();
    let y = |micros: u64| frame.y(float(micros.max(1)).log10() / decades);
    let x = |slower: f64| LEFT + (WIDTH - LEFT - RIGHT) * (-slower.max(1e-5).log10() / 5.0);
    let mut decade = 1;
    while float(decade).log10() <= decades {
        line(svg, (LEFT, y(decade)), (WIDTH - RIGHT, y(decade)));
        text(svg, LEFT - 6.0, y(decade) + 4.0, "end", &duration(decade));
        decade *= 10;
    }
    for (slower, words) in MARKS {
        line(svg, (x(slower), frame.top), (x(slower), frame.top + frame.height));
        text(svg, x(slower), frame.top + frame.height + 16.0, "middle", words);
    }
    for (index, (name, Row(row))) in record.flows.iter().enumerate() {
        let colour = COLOURS[index % COLOURS.len()];
        let places = row.iter_quantiles(4).map(|value| (1.0 - value.quantile_iterated_to(), value.value_iterated_to()));
        let points: Vec<(f64, f64)> = places.map(|(slower, micros)| (x(slower), y(micros.min(row.max())))).collect();
        polyline(svg, &points, colour);
        let place = LEFT + 10.0 + 200.0 * float(index as u64);
        let _ = writeln!(svg, "<rect x=\"{place}\" y=\"34\" width=\"10\" height=\"10\" fill=\"{colour}\"/>");
        text(svg, place + 14.0, 44.0, "start", name);
    }
}

/// Good flows and errors of each second as bars, the longest latency as a line.
fn seconds(svg: &mut String, record: &Record, frame: Frame) {
    let most = record.seconds.iter().map(|second| second.good + second.errors).max().unwrap_or(0).max(1);
    let longest = record.seconds.iter().map(|second| second.longest_us).max().unwrap_or(0).max(1);
    let step = (WIDTH - LEFT - RIGHT) / float(record.seconds.len().max(1) as u64);
    text(svg, LEFT, frame.top - 10.0, "start", "flows in each second (bars, errors red); longest latency (line)");
    text(svg, LEFT - 6.0, frame.y(1.0) + 4.0, "end", &most.to_string());
    text(svg, WIDTH - RIGHT, frame.y(1.0) - 10.0, "end", &duration(longest));
    line(svg, (LEFT, frame.y(0.0)), (WIDTH - RIGHT, frame.y(0.0)));
    let mut points = Vec::new();
    for (index, second) in record.seconds.iter().enumerate() {
        let x = LEFT + step * float(index as u64);
        let (good, all) = (float(second.good) / float(most), float(second.good + second.errors) / float(most));
        bar(svg, (x, step * 0.9), (frame.y(good), frame.y(0.0)), "#bfdbfe");
        bar(svg, (x, step * 0.9), (frame.y(all), frame.y(good)), "#dc2626");
        points.push((x + step * 0.45, frame.y(float(second.longest_us) / float(longest))));
    }
    polyline(svg, &points, "#7c3aed");
    text(svg, LEFT, frame.top + frame.height + 16.0, "start", "0 s");
    let end = format!("{} s", record.seconds.len());
    text(svg, WIDTH - RIGHT, frame.top + frame.height + 16.0, "end", &end);
}

fn bar(svg: &mut String, (x, width): (f64, f64), (top, bottom): (f64, f64), colour: &str) {
    let height = bottom - top;
    let _ = writeln!(
        svg,
        "<rect x=\"{x:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" fill=\"{colour}\"/>"
    );
}

fn line(svg: &mut String, from: (f64, f64), to: (f64, f64)) {
    let _ = writeln!(
        svg,
        "<line x1=\"{:.1}\" y1=\"{:.1}\" x2=\"{:.1}\" y2=\"{:.1}\" stroke=\"#e2e8f0\"/>",
        from.0, from.1, to.0, to.1
    );
}

fn polyline(svg: &mut String, points: &[(f64, f64)], colour: &str) {
    let points: Vec<String> = points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
    let points = points.join(" ");
    let _ = writeln!(svg, "<polyline points=\"{points}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.5\"/>");
}

fn text(svg: &mut String, x: f64, y: f64, anchor: &str, words: &str) {
    let words = escape(words);
    let _ = writeln!(svg, "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" fill=\"#334155\">{words}</text>");
}

fn escape(words: &str) -> String {
    words.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// A picture is not finer than what a float can tell apart.
#[expect(clippy::cast_precision_loss)]
fn float(number: u64) -> f64 {
    number as f64
}
