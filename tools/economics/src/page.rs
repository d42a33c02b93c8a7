//! docs/economics.md and its charts: compared with what is computed, or written anew.

use std::{
	fs,
	path::{Path, PathBuf},
};

/// The page, from the root of the repository.
const PAGE: &str = "docs/economics.md";

/// The folder of its charts.
const CHARTS: &str = "docs/economics";

/// What is computed: tables by their places in the page, and files of charts.
pub struct Computed {
	/// Name and Markdown of each table.
	pub tables: Vec<(&'static str, String)>,
	/// Name and content of each file.
	pub charts: Vec<(&'static str, String)>,
}

/// The root of the repository.
pub fn root() -> PathBuf {
	Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The page with its tables put in anew, each between `<!-- NAME -->` and `<!-- end of NAME -->`.
///
/// # Errors
/// If a place is missing.
pub fn filled(page: &str, tables: &[(&'static str, String)]) -> Result<String, String> {
	let mut page = page.to_string();
	for (name, table) in tables {
		let (begin, end) = (format!("<!-- {name} -->\n"), format!("<!-- end of {name} -->"));
		let from = page.find(&begin).map(|at| at + begin.len());
		let to = page.find(&end);
		match (from, to) {
			(Some(from), Some(to)) if from <= to => page.replace_range(from..to, &format!("\n{table}\n")),
			_ => {
				return Err(format!(
					"{PAGE} has no place for the table {name}: a line {} and {end}",
					begin.trim()
				))
			}
		}
	}
	Ok(page)
}

fn read(path: &Path) -> Result<String, String> {
	fs::read_to_string(path).map_err(|error| format!("cannot read {}: {error}", path.display()))
}

/// What the repository does not say as it is computed: a line for each file.
pub fn differences(computed: &Computed) -> Vec<String> {
	let mut found = Vec::new();
	match read(&root().join(PAGE)).and_then(|page| Ok((filled(&page, &computed.tables)?, page))) {
		Ok((filled, page)) => {
			let pairs = page.lines().zip(filled.lines());
			if let Some((is, should)) = pairs.into_iter().find(|(is, should)| is != should) {
				found.push(format!("{PAGE} says\n  {is}\nand not\n  {should}"));
			} else if page != filled {
				found.push(format!("{PAGE} has other lines at its end"));
			}
		}
		Err(error) => found.push(error),
	}
	for (name, content) in &computed.charts {
		match read(&root().join(CHARTS).join(name)) {
			Ok(file) if file == *content => (),
			Ok(_) => found.push(format!("{CHARTS}/{name} is another chart")),
			Err(error) => found.push(error),
		}
	}
	found
}

/// Writes tables and charts.
///
/// # Errors
/// If the page has no place for one, or a file cannot be written.
pub fn write(computed: &Computed) -> Result<(), String> {
	let page = root().join(PAGE);
	let filled = filled(&read(&page)?, &computed.tables)?;
	let put = |path: PathBuf, content: &str| {
		fs::write(&path, content).map_err(|error| format!("cannot write {}: {error}", path.display()))
	};
	put(page, &filled)?;
	for (name, content) in &computed.charts {
		put(root().join(CHARTS).join(name), content)?;
	}
	Ok(())
}

#[cfg(test)]
mod tests {
	use super::{differences, filled, write};

	/// With this variable set, the page and its charts are written and not compared.
	const WRITE: &str = "SMARTCHAIN_WRITE_ECONOMICS";

	#[test]
	fn tables_are_put_between_their_marks() {
		let page = "a\n<!-- x -->\nold\n<!-- end of x -->\nb\n";
		let tables = [("x", "| new |\n".to_string())];
		let expected = "a\n<!-- x -->\n\n| new |\n\n<!-- end of x -->\nb\n";
		assert_eq!(filled(page, &tables).as_deref(), Ok(expected));
		assert_eq!(filled(expected, &tables).as_deref(), Ok(expected));
		assert!(filled("nothing", &tables).is_err());
	}

	#[test]
	fn the_page_says_what_is_computed() {
		let computed = crate::computed();
		if std::env::var_os(WRITE).is_some() {
			write(&computed).expect("page and charts can be written");
		}
		let differences = differences(&computed);
		assert!(
			differences.is_empty(),
			"{}\nWrite tables and charts by scripts/economics-numbers --write, and mend sentences by hand",
			differences.join("\n")
		);
	}
}
