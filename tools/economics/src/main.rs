#![doc = include_str!("../README.md")]

mod dealing;
mod directors;
mod identities;
mod life;
mod page;
mod plots;
mod rules;
mod svg;
mod tables;
mod words;

use page::Computed;
use std::process::ExitCode;

const HELP: &str = "\
Simulates what cheats gain and how STCI comes into being, over the crate that the chain issues STCI with.

Usage: smartchain-economics [--check | --write]

Without an option it prints all tables of docs/economics.md.

  --check     compares the page and its charts with what is computed, and fails if they differ
  --write     puts tables into the page and writes the charts; sentences are for people to mend
  -h, --help  this text
";

/// All that the page is made of.
fn computed() -> Computed {
	let lives: Vec<_> = life::COURSES.into_iter().map(life::live).collect();
	Computed {
		tables: tables::all(&lives),
		charts: plots::all(&lives),
	}
}

fn check() -> Result<(), String> {
	let differences = page::differences(&computed());
	if differences.is_empty() {
		Ok(())
	} else {
		Err(differences.join("\n"))
	}
}

fn print() {
	for (name, table) in computed().tables {
		println!("{name}\n\n{table}");
	}
}

fn main() -> ExitCode {
	let arguments: Vec<String> = std::env::args().skip(1).collect();
	let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
	let done = match words.as_slice() {
		[] => {
			print();
			Ok(())
		}
		["-h" | "--help"] => {
			print!("{HELP}");
			Ok(())
		}
		["--check"] => check(),
		["--write"] => page::write(&computed()),
		_ => Err(format!("no such option: {}; see --help", arguments.join(" "))),
	};
	match done {
		Ok(()) => ExitCode::SUCCESS,
		Err(error) => {
			eprintln!("error: {error}");
			ExitCode::FAILURE
		}
	}
}
