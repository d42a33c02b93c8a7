//! Proves plots that others ask for: of each line `k strength group challenge` all chains, each as a line with its
//! proof behind. Tests of pallets ask so.

use crate::plotter::Plotted;
use proof_of_space_primitives::{Hash, Plot};
use std::{
	collections::BTreeMap,
	io::{BufRead, Write},
};

fn hash(text: &str) -> Option<Hash> {
	let mut hash = [0; 32];
	for (at, place) in hash.iter_mut().enumerate() {
		*place = u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok()?;
	}
	(text.len() == 64).then_some(hash)
}

/// One line, read.
fn asked(line: &str) -> Option<(Plot, Hash)> {
	let words: Vec<&str> = line.split_whitespace().collect();
	let [k, strength, group, challenge] = words[..] else {
		return None;
	};
	let plot = Plot {
		group: hash(group)?,
		index: 0,
		meta: 0,
		k: k.parse().ok()?,
		strength: strength.parse().ok()?,
	};
	Some((plot, hash(challenge)?))
}

/// Answers all lines. Plots are made once, and kept.
pub fn prove(lines: impl BufRead, mut out: impl Write) -> std::io::Result<()> {
	let mut plots = BTreeMap::new();
	for line in lines.lines() {
		let line = line?;
		let Some((plot, challenge)) = asked(&line) else {
			continue;
		};
		let plotted = plots.entry(plot.group).or_insert_with(|| Plotted::new(plot));
		for chain in plotted.chains(&challenge, |_| true) {
			let proof: String = plotted.proof(&chain).iter().map(|byte| format!("{byte:02x}")).collect();
			writeln!(out, "{line} {proof}")?;
		}
	}
	Ok(())
}
