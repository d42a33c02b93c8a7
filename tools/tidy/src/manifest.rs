//! What `Cargo.toml` says, read as far as the rules need it: tables, keys, strings and inline tables.

use crate::tree::{join, parent, File, Tree};

/// For what a crate needs another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
	/// To run.
	Run,
	/// To be built.
	Build,
	/// For its tests, examples and benchmarks.
	Test,
}

/// A line among a crate's dependencies, or in the workspace's table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependency {
	/// The name by which it is used.
	pub key: String,
	/// What it is for; [`Need::Run`] in the workspace's table.
	pub need: Need,
	/// Where it stands.
	pub line: usize,
	fields: Vec<(String, String)>,
}

impl Dependency {
	/// What stands for `name` in its inline table, without quotes.
	pub fn field(&self, name: &str) -> Option<&str> {
		let (_, value) = self.fields.iter().find(|(field, _)| field == name)?;
		Some(value)
	}

	/// Whether it comes from the workspace's table.
	pub fn is_inherited(&self) -> bool {
		self.field("workspace") == Some("true")
	}

	/// The package's own name.
	pub fn package(&self) -> &str {
		self.field("package").unwrap_or(&self.key)
	}
}

/// A crate.
#[derive(Clone, Debug)]
pub struct Manifest {
	/// The folder that holds its manifest.
	pub folder: String,
	/// Whether it is the root of a workspace of its own.
	pub is_workspace: bool,
	/// All that it needs.
	pub dependencies: Vec<Dependency>,
}

impl Manifest {
	/// The path of the manifest.
	pub fn path(&self) -> String {
		if self.folder.is_empty() {
			"Cargo.toml".to_owned()
		} else {
			format!("{}/Cargo.toml", self.folder)
		}
	}

	fn of(file: &File) -> Self {
		let entries = entries(&file.text);
		let mut dependencies = Vec::new();
		for (table, need) in [
			("dependencies", Need::Run),
			("build-dependencies", Need::Build),
			("dev-dependencies", Need::Test),
		] {
			dependencies.append(&mut table_of(&entries, need, |section| of_crate(section, table)));
		}
		let is_workspace = file.text.lines().any(|line| line.trim() == "[workspace]");
		Self {
			folder: parent(&file.path).to_owned(),
			is_workspace,
			dependencies,
		}
	}
}

/// All crates of the repository, those with a workspace of their own included, but not the root's manifest.
pub fn crates(tree: &Tree) -> Vec<Manifest> {
	let manifests = tree.files.iter().filter(|file| file.name() == "Cargo.toml");
	manifests
		.filter(|file| file.text.contains("[package]"))
		.map(Manifest::of)
		.collect()
}

/// The workspace's table of dependencies.
pub fn workspace_table(tree: &Tree) -> Vec<Dependency> {
	let entries = tree
		.file("Cargo.toml")
		.map(|root| entries(&root.text))
		.unwrap_or_default();
	table_of(&entries, Need::Run, |section| {
		section.strip_prefix("workspace.dependencies")
	})
}

/// The folder of a crate of this repository that the dependency means; `None` for one from elsewhere.
pub fn local_folder(of: &Manifest, dependency: &Dependency, workspace: &[Dependency]) -> Option<String> {
	if dependency.is_inherited() {
		let declared = workspace.iter().find(|declared| declared.key == dependency.key)?;
		return join("", declared.field("path")?);
	}
	join(&of.folder, dependency.field("path")?)
}

#[derive(Debug)]
struct Entry {
	section: String,
	key: String,
	value: String,
	line: usize,
}

/// What follows the table's name in `section`, if it is that table, also for one platform.
fn of_crate<'a>(section: &'a str, table: &str) -> Option<&'a str> {
	if let Some(rest) = section.strip_prefix(table) {
		return Some(rest);
	}
	let platform = section.strip_prefix("target.")?;
	let dotted = format!(".{table}");
	Some(&platform[platform.find(&dotted)? + dotted.len()..])
}

/// `rest_of` gives what follows the table's name: nothing, or a dot and the name of one dependency.
fn table_of<'a>(entries: &'a [Entry], need: Need, rest_of: impl Fn(&'a str) -> Option<&'a str>) -> Vec<Dependency> {
	let mut found: Vec<Dependency> = Vec::new();
	for entry in entries {
		let Some(rest) = rest_of(&entry.section) else {
			continue;
		};
		let (key, mut fields) = if let Some(key) = rest.strip_prefix('.') {
			(key, vec![(entry.key.clone(), unquoted(&entry.value))])
		} else if !rest.is_empty() {
			continue;
		} else if let Some((key, field)) = entry.key.split_once('.') {
			(key, vec![(field.to_owned(), unquoted(&entry.value))])
		} else if entry.value.starts_with('{') {
			(entry.key.as_str(), inline_table(&entry.value))
		} else {
			(entry.key.as_str(), vec![("version".to_owned(), unquoted(&entry.value))])
		};
		let key = unquoted(key);
		match found.iter_mut().find(|dependency| dependency.key == key) {
			Some(dependency) => dependency.fields.append(&mut fields),
			None => found.push(Dependency {
				key,
				need,
				line: entry.line,
				fields,
			}),
		}
	}
	found
}

fn entries(text: &str) -> Vec<Entry> {
	let mut found: Vec<Entry> = Vec::new();
	let mut section = String::new();
	let mut open = 0;
	for (index, line) in text.lines().enumerate() {
		let (line, brackets) = without_comment(line);
		if open > 0 {
			if let Some(last) = found.last_mut() {
				last.value.push_str(line);
			}
			open += brackets;
		} else if line.starts_with('[') {
			section = line.trim_matches(|sign| "[] ".contains(sign)).to_owned();
		} else if let Some((key, value)) = line.split_once('=') {
			let (key, value) = (key.trim().to_owned(), value.trim().to_owned());
			found.push(Entry {
				section: section.clone(),
				key,
				value,
				line: index + 1,
			});
			open = brackets;
		}
	}
	found
}

/// The line without its comment, and how many more brackets it opens than it closes.
fn without_comment(line: &str) -> (&str, i32) {
	let mut quote = None;
	let mut open = 0;
	for (index, sign) in line.char_indices() {
		match (quote, sign) {
			(Some(end), _) if end == sign => quote = None,
			(Some(_), _) => {}
			(None, '"' | '\'') => quote = Some(sign),
			(None, '[' | '{') => open += 1,
			(None, ']' | '}') => open -= 1,
			(None, '#') => return (line[..index].trim(), open),
			(None, _) => {}
		}
	}
	(line.trim(), open)
}

/// The fields of `{ a = "b", c = [..] }`.
fn inline_table(value: &str) -> Vec<(String, String)> {
	let inner = value.trim().trim_start_matches('{').trim_end_matches('}');
	let mut quoted = false;
	let mut depth = 0;
	let parts = inner.split(|sign| {
		match sign {
			'"' => quoted = !quoted,
			'[' | '{' if !quoted => depth += 1,
			']' | '}' if !quoted => depth -= 1,
			_ => {}
		}
		sign == ',' && !quoted && depth == 0
	});
	parts
		.filter_map(|part| part.split_once('='))
		.map(|(key, value)| (key.trim().to_owned(), unquoted(value)))
		.collect()
}

fn unquoted(value: &str) -> String {
	value.trim().trim_matches(|sign| sign == '"' || sign == '\'').to_owned()
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::tree::of;

	const ROOT: &str = r##"[workspace]
members = [
"core/a", # the first
]
[workspace.dependencies]
a = { path = "core/a" }
codec = { package = "parity-scale-codec", version = "3.7", features = ["derive", "max"], default-features = false }
log = "0.4" # "#"
"##;

	const CRATE: &str = r#"[package]
name = "b"
version.workspace = true
[dependencies]
a = { workspace = true, features = [
"std",
] }
log.workspace = true
c = { path = "../../primitives/c" }
[dependencies.codec]
workspace = true
[target.'cfg(unix)'.dependencies]
unixes = "1"
[build-dependencies]
builder = "2"
[dev-dependencies]
a = { workspace = true }
[features]
std = ["a/std"]
"#;

	fn tree() -> Tree {
		of(&[("Cargo.toml", ROOT), ("core/b/Cargo.toml", CRATE)])
	}

	#[test]
	fn a_crate_and_what_it_needs() {
		let crates = crates(&tree());
		assert_eq!(crates.len(), 1);
		assert_eq!((crates[0].folder.as_str(), crates[0].is_workspace), ("core/b", false));
		assert_eq!(crates[0].path(), "core/b/Cargo.toml");
		let found: Vec<_> = crates[0]
			.dependencies
			.iter()
			.map(|d| (d.key.as_str(), d.need, d.line))
			.collect();
		assert_eq!(
			found,
			[
				("a", Need::Run, 5),
				("log", Need::Run, 8),
				("c", Need::Run, 9),
				("codec", Need::Run, 11),
				("unixes", Need::Run, 13),
				("builder", Need::Build, 15),
				("a", Need::Test, 17),
			]
		);
		let inherited: Vec<_> = crates[0].dependencies.iter().map(Dependency::is_inherited).collect();
		assert_eq!(inherited, [true, true, false, true, false, false, true]);
	}

	#[test]
	fn the_workspace_s_table() {
		let table = workspace_table(&tree());
		assert_eq!(
			table.iter().map(|d| d.key.as_str()).collect::<Vec<_>>(),
			["a", "codec", "log"]
		);
		assert_eq!(table[1].package(), "parity-scale-codec");
		assert_eq!(table[1].field("version"), Some("3.7"));
		assert_eq!(table[1].field("default-features"), Some("false"));
		assert_eq!(table[2].field("version"), Some("0.4"));
	}

	#[test]
	fn own_crates_are_known_by_their_folder() {
		let tree = tree();
		let (crates, table) = (crates(&tree), workspace_table(&tree));
		let folders: Vec<_> = crates[0]
			.dependencies
			.iter()
			.map(|d| local_folder(&crates[0], d, &table))
			.collect();
		assert_eq!(folders[0].as_deref(), Some("core/a"));
		assert_eq!(folders[1], None);
		assert_eq!(folders[2].as_deref(), Some("primitives/c"));
	}
}
