//! A node's Prometheus metrics.

use super::http;
use crate::Result;
use std::net::SocketAddr;

/// One reading of all metrics.
#[derive(Clone, Debug, Default)]
pub struct Metrics {
	samples: Vec<(String, String, f64)>,
}

impl Metrics {
	/// Reads them from a node.
	///
	/// # Errors
	/// When the node does not answer within ten seconds, or not with metrics.
	pub async fn read(address: SocketAddr) -> Result<Self> {
		Ok(Self::parse(&http::get(address, "/metrics").await?))
	}

	/// Reads the text format.
	pub fn parse(text: &str) -> Self {
		let sample = |line: &str| {
			let (series, value) = line.rsplit_once(' ')?;
			let (name, labels) = series.split_once('{').unwrap_or((series, ""));
			Some((
				name.to_string(),
				labels.trim_end_matches('}').to_string(),
				value.parse().ok()?,
			))
		};
		Self {
			samples: text
				.lines()
				.filter(|line| !line.starts_with('#'))
				.filter_map(sample)
				.collect(),
		}
	}

	/// The sum of a metric over all labels; `None` where there is no such metric.
	pub fn sum(&self, name: &str) -> Option<f64> {
		let mut values = self
			.samples
			.iter()
			.filter(|(n, ..)| n == name)
			.map(|(.., value)| *value)
			.peekable();
		values.peek()?;
		Some(values.sum())
	}

	/// The sum of a metric over the series with all of these labels, as `reason="known"`; 0 if there are none.
	pub fn sum_with(&self, name: &str, wanted: &[&str]) -> f64 {
		self.samples
			.iter()
			.filter(|(n, labels, _)| n == name && wanted.iter().all(|label| labels.contains(label)))
			.map(|(.., value)| *value)
			.sum()
	}

	/// The labels of all series of a metric.
	pub fn labels<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> + 'a {
		self.samples
			.iter()
			.filter(move |(n, ..)| n == name)
			.map(|(_, labels, _)| labels.as_str())
	}

	/// The names that start so, each once.
	pub fn names(&self, prefix: &str) -> Vec<&str> {
		let mut names: Vec<_> = self.samples.iter().map(|(name, ..)| name.as_str()).collect();
		names.retain(|name| name.starts_with(prefix));
		names.dedup();
		names
	}

	/// A quantile of what a histogram gained since an earlier reading, interpolated within its bucket as Prometheus
	/// does it.
	pub fn quantile_since(&self, earlier: &Self, histogram: &str, q: f64) -> Option<f64> {
		let bucket = format!("{histogram}_bucket");
		let count_at = |metrics: &Self, bound: f64| -> f64 {
			metrics
				.buckets(&bucket)
				.filter(|(b, _)| *b == bound)
				.map(|(_, count)| count)
				.sum()
		};
		let mut bounds: Vec<f64> = self.buckets(&bucket).map(|(bound, _)| bound).collect();
		bounds.sort_by(f64::total_cmp);
		bounds.dedup();
		let counts: Vec<f64> = bounds
			.iter()
			.map(|b| count_at(self, *b) - count_at(earlier, *b))
			.collect();
		let rank = counts.last().filter(|all| **all > 0.0)? * q;
		let at = counts.iter().position(|count| *count >= rank)?;
		let (below, below_count) = if at == 0 {
			(0.0, 0.0)
		} else {
			(bounds[at - 1], counts[at - 1])
		};
		if bounds[at].is_infinite() {
			return Some(below);
		}
		let within = counts[at] - below_count;
		Some(if within > 0.0 {
			below + (bounds[at] - below) * (rank - below_count) / within
		} else {
			bounds[at]
		})
	}

	fn buckets<'a>(&'a self, name: &'a str) -> impl Iterator<Item = (f64, f64)> + 'a {
		self.samples
			.iter()
			.filter(move |(n, ..)| n == name)
			.filter_map(|(_, labels, count)| {
				let bound = labels.split("le=\"").nth(1)?.split('"').next()?;
				Some((
					if bound == "+Inf" {
						f64::INFINITY
					} else {
						bound.parse().ok()?
					},
					*count,
				))
			})
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn samples_are_summed_and_quantiles_interpolated() {
		let text = |a: u32, b: u32, c: u32| {
			format!(
				"# TYPE t histogram\nt_bucket{{chain=\"x\",le=\"0.1\"}} {a}\nt_bucket{{chain=\"x\",le=\"0.2\"}} {b}\n\
				 t_bucket{{chain=\"x\",le=\"+Inf\"}} {c}\nt_count{{chain=\"x\"}} {c}\nv{{p=\"a\"}} 2\nv{{p=\"b\"}} 3\n"
			)
		};
		let (before, after) = (Metrics::parse(&text(5, 5, 5)), Metrics::parse(&text(5, 15, 15)));
		assert_eq!(after.sum("v"), Some(5.0));
		assert_eq!(after.sum("w"), None);
		assert_eq!(after.sum_with("v", &["p=\"b\""]), 3.0);
		assert_eq!(after.sum_with("v", &["p=\"c\""]), 0.0);
		assert_eq!(after.labels("v").collect::<Vec<_>>(), ["p=\"a\"", "p=\"b\""]);
		assert_eq!(
			after.quantile_since(&before, "t", 0.5).map(|q| (q * 1e6).round()),
			Some(150_000.0)
		);
		assert_eq!(after.quantile_since(&after, "t", 0.5), None);
		assert_eq!(after.names("t_"), ["t_bucket", "t_count"]);
	}
}
