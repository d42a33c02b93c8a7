#![doc = include_str!("../README.md")]

mod exceptions;
mod lexer;
mod manifest;
mod modules;
mod report;
mod rules;
mod tree;

use report::Violation;
use std::{env, fmt::Write as _, path::Path, process::ExitCode, time::Instant};
use tree::{Failure, Tree};

/// Something breaks a rule.
const UNTIDY: u8 = 1;

/// It could not be checked at all.
const NOT_CHECKED: u8 = 2;

fn main() -> ExitCode {
	let arguments: Vec<String> = env::args().skip(1).collect();
	if arguments
		.iter()
		.any(|argument| argument == "--help" || argument == "-h")
	{
		print!("{}", help());
		return ExitCode::SUCCESS;
	}
	if let Some(unknown) = arguments.iter().find(|argument| !is_rule(argument)) {
		eprintln!("tidy: there is no rule `{unknown}`; tidy --help lists them");
		return ExitCode::from(NOT_CHECKED);
	}
	match run(&arguments) {
		Ok(code) => code,
		Err(failure) => {
			eprintln!("tidy: {failure}");
			ExitCode::from(NOT_CHECKED)
		}
	}
}

fn run(wanted: &[String]) -> Result<ExitCode, Failure> {
	let start = Instant::now();
	// A folder that is gone has no root above it either.
	let here = env::current_dir().unwrap_or_default();
	let tree = read(&here)?;
	let mut found = check(&tree);
	found.retain(|violation| wanted.is_empty() || wanted.iter().any(|rule| rule == violation.rule));
	if found.is_empty() {
		let (files, crates) = (tree.paths.len(), manifest::crates(&tree).len());
		let took = start.elapsed().as_millis();
		println!("tidy: {files} files, {crates} crates: all in order ({took} ms)");
		return Ok(ExitCode::SUCCESS);
	}
	print!("{}", report::show(found));
	Ok(ExitCode::from(UNTIDY))
}

fn read(here: &Path) -> Result<Tree, Failure> {
	Tree::read(tree::root(here)?)
}

/// What breaks a rule and has no exception, and what is wrong with the exceptions.
fn check(tree: &Tree) -> Vec<Violation> {
	let found = rules::ALL.iter().flat_map(|rule| (rule.check)(tree)).collect();
	let list = tree.file(exceptions::PATH).map_or("", |file| file.text.as_str());
	exceptions::apply(list, found)
}

fn is_rule(name: &str) -> bool {
	name == exceptions::RULE || rules::ALL.iter().any(|rule| rule.name == name)
}

fn help() -> String {
	let mut help = String::from(
		"tidy [RULE...]\n\n\
		 Keeps the repository's style: checks all files that git tracks, or would if they were added. Start it\n\
		 anywhere within the repository. Each violation is a line `path:line: what is wrong; what to do`; then\n\
		 follow the counts by rule. With RULE, it shows only what breaks one of these.\n\nRules:\n",
	);
	for rule in &rules::ALL {
		// Writing to a `String` does not fail.
		let _ = writeln!(help, "  {:<16} {}", rule.name, rule.about);
	}
	let _ = writeln!(
		help,
		"  {:<16} every line of {} is needed, and grants little more than is there",
		exceptions::RULE,
		exceptions::PATH
	);
	help.push_str("\nExit status: 0 all in order, 1 violations, 2 it could not check.\n");
	help
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn rules_have_different_names_and_are_listed() {
		let help = help();
		for (index, rule) in rules::ALL.iter().enumerate() {
			assert!(
				rules::ALL[..index].iter().all(|other| other.name != rule.name),
				"{}",
				rule.name
			);
			assert!(help.contains(rule.about), "{}", rule.name);
		}
		assert!(help.lines().all(|line| line.len() <= 140), "{help}");
	}

	#[test]
	fn exceptions_are_taken_from_the_tree() {
		let long = "x\n".repeat(801);
		let with = |list| check(&tree::of(&[("core/a/src/b.rs", &long), (exceptions::PATH, list)]));
		assert_eq!(with("").len(), 1);
		assert!(with("core/a/src/b.rs 801 one table\n").is_empty());
	}
}
