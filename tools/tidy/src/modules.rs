//! The files of a crate, and which of them needs which.
//!
//! What is read: all paths that begin with `crate`, `self`, `super`, a child or an imported module, outside of what is
//! built for tests only. A name that a module re-exports, or imports where its children find it, counts for the module
//! that has it. What macros expand to is not read, nor which module a method comes from.

use crate::{
	lexer::{closing, code, Kind, Token},
	tree::{File, Tree},
};
use std::collections::{BTreeMap, BTreeSet};

/// How many re-exports are followed for one name.
const MAX_HOPS: usize = 8;

/// What names follow; `mod` is not among them, for a module is known by its file.
const ITEMS: [&str; 8] = ["fn", "struct", "enum", "union", "trait", "type", "const", "static"];

/// The names that lead from the root of a crate to a module or an item.
pub type Path = Vec<String>;

/// A file that needs another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
	/// The module that needs something.
	pub from: Path,
	/// The module that has it.
	pub to: Path,
	/// The file of the first.
	pub path: String,
	/// The line that says so.
	pub line: usize,
}

/// What a file says.
struct Module<'a> {
	file: &'a File,
	children: BTreeSet<String>,
	/// The names that it defines, methods and what stands within functions included.
	items: BTreeSet<&'a str>,
	/// What it imports, by the names that these have here.
	imports: BTreeMap<String, Path>,
	/// Those of them that others see, too.
	re_exports: BTreeSet<String>,
	/// The modules of which it imports everything.
	globs: Vec<Path>,
	/// The paths by which it needs something, with their lines. One that ends with `*` means all of a module.
	needs: Vec<(Path, usize)>,
}

type Modules<'a> = BTreeMap<Path, Module<'a>>;

/// Which files of the crate whose root is `root` need which others, in their order.
pub fn needs(tree: &Tree, root: &File) -> Vec<Need> {
	let mut modules = Modules::new();
	load(tree, root, &[], &mut modules);
	let mut found = Vec::new();
	for (from, module) in &modules {
		// An import of a module alone shows nothing: what is then taken from it may be its child's.
		for (path, line) in module.needs.iter().filter(|(path, _)| !modules.contains_key(path)) {
			let to = owner(&modules, path);
			if to != from.as_slice() {
				let (path, line) = (module.file.path.clone(), *line);
				found.push(Need {
					from: from.clone(),
					to: to.to_vec(),
					path,
					line,
				});
			}
		}
	}
	found
}

/// Reads the module at `path` and its children, but those for tests.
fn load<'a>(tree: &'a Tree, file: &'a File, path: &[String], modules: &mut Modules<'a>) {
	let tokens = without_tests(&code(&file.text));
	let is_folder = ["lib.rs", "main.rs", "mod.rs"].contains(&file.name());
	let folder = if is_folder {
		file.folder()
	} else {
		file.path.trim_end_matches(".rs")
	};
	let mut children = BTreeSet::new();
	for three in tokens
		.windows(3)
		.filter(|three| three[0].is_word("mod") && three[2].is_sign(';'))
	{
		let name = three[1].text;
		let places = [format!("{folder}/{name}.rs"), format!("{folder}/{name}/mod.rs")];
		if let Some(child) = places.iter().find_map(|place| tree.file(place)) {
			children.insert(name.to_owned());
			load(tree, child, &[path, &[name.to_owned()]].concat(), modules);
		}
	}
	let items = tokens
		.windows(2)
		.filter(|two| ITEMS.iter().any(|item| two[0].is_word(item)));
	let items = items.map(|two| two[1].text).collect();
	let (imports, re_exports, globs, needs) = Default::default();
	let mut module = Module {
		file,
		children,
		items,
		imports,
		re_exports,
		globs,
		needs,
	};
	module.read(&tokens, path);
	modules.insert(path.to_vec(), module);
}

/// The tokens without items under `#[cfg(test)]` and the like.
fn without_tests<'a>(tokens: &[Token<'a>]) -> Vec<Token<'a>> {
	let mut kept = Vec::with_capacity(tokens.len());
	let mut index = 0;
	while let Some(token) = tokens.get(index) {
		let is_attribute = token.is_sign('#') && tokens.get(index + 1).is_some_and(|next| next.is_sign('['));
		let end = if is_attribute {
			closing(tokens, index + 1).min(tokens.len())
		} else {
			index
		};
		let has = |word| tokens[index..end].iter().any(|token| token.is_word(word));
		if has("cfg") && has("test") && !has("not") {
			index = end_of_item(tokens, end + 1);
		} else {
			kept.push(*token);
			index += 1;
		}
	}
	kept
}

/// Where the item that begins at `start` is over.
fn end_of_item(tokens: &[Token<'_>], start: usize) -> usize {
	let mut index = start;
	let mut is_use = false;
	while let Some(token) = tokens.get(index).filter(|token| !token.is_sign(';')) {
		is_use |= token.is_word("use");
		if token.opens() {
			let is_body = token.is_sign('{') && !is_use;
			index = closing(tokens, index);
			if is_body {
				break;
			}
		}
		index += 1;
	}
	index + 1
}

impl Module<'_> {
	/// Reads what the module at `path` imports and needs.
	fn read(&mut self, tokens: &[Token<'_>], path: &[String]) {
		let mut scope = path.to_vec();
		let mut ends: Vec<usize> = Vec::new();
		let mut index = 0;
		while let Some(token) = tokens.get(index) {
			while ends.last().is_some_and(|end| *end <= index) {
				ends.pop();
				scope.pop();
			}
			let follows = |back: usize, sign| index >= back && tokens[index - back].is_sign(sign);
			let (next, after) = (tokens.get(index + 1), tokens.get(index + 2));
			let mut written = Vec::new();
			if token.is_word("mod") && after.is_some_and(|open| open.is_sign('{')) {
				ends.push(closing(tokens, index + 2));
				scope.extend(next.map(|name| name.text.to_owned()));
				index += 3;
			} else if token.is_word("use") && !next.is_some_and(|next| next.is_sign('<')) {
				let re_exports = index > 0 && (tokens[index - 1].is_word("pub") || tokens[index - 1].is_sign(')'));
				index = branches(tokens, index + 1, &[], &mut written);
				for branch in written {
					self.import(branch, path, &scope, re_exports);
				}
			} else if token.kind == Kind::Word && is_join(tokens, index + 1) && !(follows(1, ':') && follows(2, ':')) {
				index = branches(tokens, index, &[], &mut written);
				for Branch { written, line, .. } in written {
					self.needs
						.extend(self.absolute(&written, path, &scope).map(|path| (path, line)));
				}
			} else {
				index += 1;
			}
		}
	}

	fn import(&mut self, branch: Branch, path: &[String], scope: &[String], re_exports: bool) {
		let Branch {
			mut written,
			name,
			line,
		} = branch;
		let is_glob = name == "*";
		if is_glob {
			written.pop();
		}
		let Some(target) = self.absolute(&written, path, scope) else {
			return;
		};
		if !re_exports {
			let all = is_glob.then(|| name.clone());
			self.needs.push((target.iter().cloned().chain(all).collect(), line));
		} else if !is_glob {
			self.re_exports.insert(name.clone());
		}
		if is_glob {
			self.globs.push(target);
		} else {
			self.imports.insert(name, target);
		}
	}

	/// The path from the root of the crate; `None` if it leads out of it, or is a local name.
	fn absolute(&self, written: &[String], path: &[String], scope: &[String]) -> Option<Path> {
		let (first, mut rest) = written.split_first()?;
		let mut start = match first.as_str() {
			"crate" => Path::new(),
			"self" => scope.to_vec(),
			"super" => scope.split_last()?.1.to_vec(),
			name if self.children.contains(name) => [path, &[name.to_owned()]].concat(),
			name => self.imports.get(name)?.clone(),
		};
		while let Some((_, after)) = rest.split_first().filter(|(next, _)| *next == "super") {
			start.pop()?;
			rest = after;
		}
		start.extend_from_slice(rest);
		Some(start)
	}
}

/// One path of a `use` with braces, or a path in an expression or a type.
struct Branch {
	written: Path,
	/// What it is called from here on; `*` for everything in it.
	name: String,
	line: usize,
}

/// Whether `::` stands at `index`.
fn is_join(tokens: &[Token<'_>], index: usize) -> bool {
	matches!(tokens.get(index..index + 2), Some([one, two]) if one.is_sign(':') && two.is_sign(':'))
}

/// Reads the paths that begin at `index` after `prefix`, and returns where they end.
fn branches(tokens: &[Token<'_>], mut index: usize, prefix: &[String], found: &mut Vec<Branch>) -> usize {
	let mut written = prefix.to_vec();
	while let Some(token) = tokens.get(index) {
		if token.is_sign('{') {
			let end = closing(tokens, index);
			index += 1;
			while index < end {
				index = branches(tokens, index, &written, found) + 1;
			}
			return end + 1;
		}
		if token.kind != Kind::Word && !token.is_sign('*') {
			break;
		}
		// `a::{self}` is `a`.
		if !token.is_word("self") || written.is_empty() {
			written.push(token.text.to_owned());
		}
		index += 1;
		if !is_join(tokens, index) {
			break;
		}
		index += 2;
	}
	let line = tokens.get(index.saturating_sub(1)).map_or(1, |token| token.line);
	let mut name = written.last().cloned().unwrap_or_default();
	if tokens.get(index).is_some_and(|token| token.is_word("as")) {
		name = tokens.get(index + 1).map_or("", |alias| alias.text).to_owned();
		index += 2;
	}
	found.push(Branch { written, name, line });
	index
}

/// The module that has what the path leads to.
fn owner<'m>(modules: &'m Modules<'_>, path: &[String]) -> &'m [String] {
	let mut path = path.to_vec();
	let mut found: &[String] = &[];
	for _ in 0..MAX_HOPS {
		let depth = (0..=path.len())
			.rev()
			.find(|depth| modules.contains_key(&path[..*depth]))
			.unwrap_or(0);
		let Some((own, module)) = modules.get_key_value(&path[..depth]) else {
			break;
		};
		found = own;
		let Some(item) = path.get(depth).filter(|item| !module.items.contains(item.as_str())) else {
			break;
		};
		let in_glob = |glob: &&Path| {
			modules.get(*glob).is_some_and(|source| {
				let imported = source.imports.contains_key(item) && own.starts_with(glob);
				source.items.contains(item.as_str()) || source.re_exports.contains(item) || imported
			})
		};
		let next = match (module.imports.get(item), module.globs.iter().find(in_glob)) {
			(Some(target), _) => target.clone(),
			(None, Some(glob)) => [glob.as_slice(), std::slice::from_ref(item)].concat(),
			(None, None) => break,
		};
		path = [next.as_slice(), &path[depth + 1..]].concat();
	}
	found
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::tree::of;

	/// Who needs whom in a crate whose module `a` is this source.
	fn found(a: &str) -> Vec<(String, usize)> {
		let tree = of(&[
			(
				"src/lib.rs",
				"mod a;\nmod b;\npub use b::{c::Deep, Shown as Other};\nuse b::Hidden;\n",
			),
			("src/a.rs", a),
			(
				"src/b/mod.rs",
				"pub mod c;\npub use c::Deep;\npub struct Shown;\nstruct Hidden;\n",
			),
			("src/b/c.rs", "pub struct Deep;\n"),
		]);
		let root = tree.file("src/lib.rs").expect("is there");
		let of_a = needs(&tree, root).into_iter().filter(|need| need.from == ["a"]);
		of_a.map(|need| (need.to.join("::"), need.line)).collect()
	}

	fn to(a: &str) -> Vec<String> {
		found(a).into_iter().map(|(to, _)| to).collect()
	}

	#[test]
	fn paths_of_all_kinds() {
		assert_eq!(
			found("\nuse crate::b::{\n\tShown,\n\tc::Deep,\n};"),
			[("b".into(), 3), ("b::c".into(), 4)]
		);
		assert_eq!(
			to("fn f() -> super::b::Shown { crate::b::c::Deep::new::<u8>() }"),
			["b", "b::c"]
		);
		assert_eq!(
			to("use crate::b as other;\nfn f() { other::c::g() }"),
			["b::c"],
			"an import alone needs nothing"
		);
		assert_eq!(to("use crate::b::*;"), ["b"]);
		assert_eq!(to("use crate::b::{self};\nfn f() { b::g() }"), ["b"]);
		assert_eq!(
			to("mod inner { use super::super::b::Shown; }\nuse super::b::c::X;"),
			["b", "b::c"]
		);
	}

	#[test]
	fn re_exports_lead_on() {
		assert_eq!(to("use crate::Other;"), ["b"]);
		assert_eq!(to("use crate::Deep;"), ["b::c"]);
		assert_eq!(to("use crate::b::Deep;"), ["b::c"]);
		assert_eq!(to("use super::Hidden;"), ["b"], "an import of the parent");
		assert_eq!(to("use super::*;"), [""]);
	}

	#[test]
	fn what_is_not_read() {
		assert!(to("use std::b::X;\n::b::X;\nlet c = b::X;\nSelf::b::Y;").is_empty());
		assert!(to("// crate::b::X\n\"crate::b::X\"").is_empty());
		assert!(
			to("#[cfg(test)]\nuse crate::{b::X, b::Y};\n#[cfg(any(test, doc))]\nfn f() { crate::b::X }").is_empty()
		);
		assert_eq!(to("#[cfg(not(test))]\nuse crate::b::X;"), ["b"]);
		assert!(to("use crate::self::super::super::super::X;\nuse {};\nuse ;\nuse crate::{").is_empty());
	}
}
