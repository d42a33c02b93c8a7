//! A chart as SVG: lines over two axes, with a legend. Coordinates are whole tenths: every machine writes the same.

use std::fmt::Write;

/// A number as people read it.
type Text = fn(i128) -> String;

/// An axis. It has a tick at each `step`, from `low` on.
pub struct Axis {
	/// What it measures, and in what.
	pub label: &'static str,
	/// Where it begins.
	pub low: i128,
	/// Where it ends; above `low`.
	pub high: i128,
	/// From tick to tick; above 0.
	pub step: i128,
	/// What is written at a tick.
	pub text: Text,
}

/// A line through points.
pub struct Line {
	/// Its name in the legend.
	pub name: String,
	/// Its points, across and up. What lies beyond the axes is cut off.
	pub points: Vec<(i128, i128)>,
}

/// A level that matters, drawn from side to side.
pub struct Level {
	/// What it is.
	pub name: &'static str,
	/// How high.
	pub at: i128,
}

/// A chart.
pub struct Chart {
	/// What it shows.
	pub title: &'static str,
	/// The axis below.
	pub across: Axis,
	/// The axis at the left.
	pub up: Axis,
	/// Its lines, six at most.
	pub lines: Vec<Line>,
	/// Its level.
	pub level: Level,
}

const WIDTH: i128 = 820;
const HEIGHT: i128 = 440;
const LEFT: i128 = 76;
const RIGHT: i128 = 570;
const TOP: i128 = 48;
const BOTTOM: i128 = 380;

/// Colours on light and on dark paper, and how a line is broken, so that it needs no colour to be told.
const STROKES: [(&str, &str, &str); 6] = [
	("#0969da", "#58a6ff", "none"),
	("#bc4c00", "#f0883e", "8 4"),
	("#1a7f37", "#3fb950", "2 3"),
	("#8250df", "#d2a8ff", "12 4 2 4"),
	("#57606a", "#b1bac4", "5 5"),
	("#bf3989", "#f778ba", "1 5"),
];

impl Axis {
	/// Where a value is between two edges, in tenths.
	fn place(&self, value: i128, from: i128, to: i128) -> i128 {
		from * 10 + (value - self.low) * (to - from) * 10 / (self.high - self.low)
	}

	fn ticks(&self) -> impl Iterator<Item = i128> + '_ {
		(0..)
			.map(|at| self.low + at * self.step)
			.take_while(|at| *at <= self.high)
	}
}

fn tenths(value: i128) -> String {
	format!("{}.{}", value / 10, value % 10)
}

impl Chart {
	/// The chart as a file.
	pub fn draw(&self) -> String {
		let mut svg = String::new();
		self.head(&mut svg);
		self.axes(&mut svg);
		for (number, line) in self.lines.iter().enumerate() {
			self.line(&mut svg, number % STROKES.len(), line);
		}
		self.level(&mut svg);
		svg.push_str("</svg>\n");
		svg
	}

	fn x(&self, value: i128) -> i128 {
		self.across.place(value, LEFT, RIGHT)
	}

	fn y(&self, value: i128) -> i128 {
		self.up.place(value, BOTTOM, TOP)
	}

	fn head(&self, svg: &mut String) {
		let _ = writeln!(
			svg,
			"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" width=\"{WIDTH}\" \
			 height=\"{HEIGHT}\" font-family=\"sans-serif\" font-size=\"12\" role=\"img\">"
		);
		let _ = writeln!(svg, "<title>{}</title>", self.title);
		svg.push_str("<style>\n@media (prefers-color-scheme: dark) {\n");
		svg.push_str(
			".paper { fill: #0d1117 } .ink { fill: #e6edf3 } .grid { stroke: #30363d } .axis { stroke: #8b949e }\n",
		);
		svg.push_str(".level { stroke: #ff7b72 } .levelname { fill: #ff7b72 }\n");
		for (number, (_, dark, _)) in STROKES.iter().enumerate() {
			let _ = writeln!(svg, ".line{number} {{ stroke: {dark} }}");
		}
		svg.push_str("}\n</style>\n");
		let _ = writeln!(
			svg,
			"<rect class=\"paper\" fill=\"#ffffff\" width=\"{WIDTH}\" height=\"{HEIGHT}\"/>"
		);
		text(
			svg,
			(LEFT * 10, 260),
			"start",
			&format!("<tspan font-weight=\"bold\">{}</tspan>", self.title),
		);
	}

	fn axes(&self, svg: &mut String) {
		for tick in self.up.ticks() {
			let y = self.y(tick);
			stroke(svg, "grid", "#d0d7de", (LEFT * 10, y), (RIGHT * 10, y));
			text(svg, (LEFT * 10 - 80, y + 40), "end", &(self.up.text)(tick));
		}
		for tick in self.across.ticks() {
			let x = self.x(tick);
			stroke(svg, "axis", "#57606a", (x, BOTTOM * 10), (x, BOTTOM * 10 + 50));
			text(svg, (x, BOTTOM * 10 + 190), "middle", &(self.across.text)(tick));
		}
		stroke(
			svg,
			"axis",
			"#57606a",
			(LEFT * 10, BOTTOM * 10),
			(RIGHT * 10, BOTTOM * 10),
		);
		stroke(svg, "axis", "#57606a", (LEFT * 10, BOTTOM * 10), (LEFT * 10, TOP * 10));
		text(
			svg,
			((LEFT + RIGHT) * 5, BOTTOM * 10 + 420),
			"middle",
			self.across.label,
		);
		let middle = (TOP + BOTTOM) / 2;
		let _ = writeln!(
			svg,
			"<text class=\"ink\" fill=\"#1f2328\" text-anchor=\"middle\" \
			 transform=\"translate(18,{middle}) rotate(-90)\">{}</text>",
			self.up.label
		);
	}

	fn line(&self, svg: &mut String, number: usize, line: &Line) {
		let (across, up) = (&self.across, &self.up);
		let is_inside =
			|(x, y): &&(i128, i128)| (across.low..=across.high).contains(x) && (up.low..=up.high).contains(y);
		let points: Vec<String> = line
			.points
			.iter()
			.filter(is_inside)
			.map(|(x, y)| format!("{},{}", tenths(self.x(*x)), tenths(self.y(*y))))
			.collect();
		let (light, _, dashes) = STROKES[number];
		let look = format!(
			"class=\"line{number}\" fill=\"none\" stroke=\"{light}\" stroke-width=\"2\" stroke-dasharray=\"{dashes}\""
		);
		let _ = writeln!(svg, "<polyline {look} points=\"{}\"/>", points.join(" "));
		let y = TOP + 12 + 26 * number as i128;
		let _ = writeln!(
			svg,
			"<polyline {look} points=\"{},{y} {},{y}\"/>",
			RIGHT + 16,
			RIGHT + 48
		);
		text(svg, ((RIGHT + 56) * 10, y * 10 + 40), "start", &line.name);
	}

	fn level(&self, svg: &mut String) {
		let y = self.y(self.level.at);
		let _ = writeln!(
			svg,
			"<line class=\"level\" stroke=\"#cf222e\" stroke-width=\"1.5\" x1=\"{LEFT}\" y1=\"{0}\" \
			 x2=\"{RIGHT}\" y2=\"{0}\"/>",
			tenths(y)
		);
		let _ = writeln!(
			svg,
			"<text class=\"levelname\" fill=\"#cf222e\" text-anchor=\"end\" x=\"{}\" y=\"{}\">{}</text>",
			RIGHT - 4,
			tenths(y - 50),
			self.level.name
		);
	}
}

fn stroke(svg: &mut String, class: &str, light: &str, from: (i128, i128), to: (i128, i128)) {
	let _ = writeln!(
		svg,
		"<line class=\"{class}\" stroke=\"{light}\" x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"/>",
		tenths(from.0),
		tenths(from.1),
		tenths(to.0),
		tenths(to.1)
	);
}

fn text(svg: &mut String, at: (i128, i128), anchor: &str, what: &str) {
	let _ = writeln!(
		svg,
		"<text class=\"ink\" fill=\"#1f2328\" text-anchor=\"{anchor}\" x=\"{}\" y=\"{}\">{what}</text>",
		tenths(at.0),
		tenths(at.1)
	);
}

#[cfg(test)]
mod tests {
	use super::{Axis, Chart, Level, Line};

	#[test]
	fn a_line_stays_within_its_axes() {
		let axis = |label| Axis {
			label,
			low: 0,
			high: 10,
			step: 5,
			text: |value| value.to_string(),
		};
		let chart = Chart {
			title: "title",
			across: axis("across"),
			up: axis("up"),
			lines: vec![Line {
				name: "line".to_string(),
				points: vec![(0, 0), (10, 10), (11, 1), (1, -1)],
			}],
			level: Level { name: "level", at: 10 },
		};
		let svg = chart.draw();
		assert!(svg.contains("points=\"76.0,380.0 570.0,48.0\""), "{svg}");
		for word in ["title", "across", "up", "line", "level", "prefers-color-scheme: dark"] {
			assert!(svg.contains(word), "{word} is missing");
		}
	}
}
