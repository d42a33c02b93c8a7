//! The rules, a module each; sizes and the text of files share one.

mod circles;
mod columns;
mod dependencies;
mod heads;
mod layers;
mod links;
mod metrics;
mod paths;
mod sizes;
mod text;
mod words;

use crate::{report::Violation, tree::Tree};

/// A rule.
pub struct Rule {
	/// The name in the counts and on the command line.
	pub name: &'static str,
	/// One line for `--help`.
	pub about: &'static str,
	/// Finds what breaks it.
	pub check: fn(&Tree) -> Vec<Violation>,
}

/// All rules, in the order of `--help`.
pub const ALL: [Rule; 14] = [
	columns::RULE,
	sizes::FILES,
	sizes::FUNCTIONS,
	sizes::FOLDERS,
	sizes::CRATES,
	text::RULE,
	layers::RULE,
	circles::RULE,
	paths::RULE,
	dependencies::RULE,
	heads::RULE,
	links::RULE,
	metrics::RULE,
	words::RULE,
];
