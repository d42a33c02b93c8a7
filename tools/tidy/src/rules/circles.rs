//! Within a crate no files need each other in a circle: a reader can begin with one that needs none. A module and those
//! in its folder are parts of one thing, and may use each other.

use super::Rule;
use crate::{
	modules::{needs, Need, Path},
	report::Violation,
	tree::{File, Tree},
};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

pub const RULE: Rule = Rule {
	name: "circles",
	about: "no files of a crate import each other in a circle",
	check,
};

/// From each module to those that it needs.
type Edges<'n> = BTreeMap<&'n Path, BTreeMap<&'n Path, &'n Need>>;

fn check(tree: &Tree) -> Vec<Violation> {
	let roots = tree.rust().filter(|file| {
		let beside_library = || tree.has(&format!("{}/lib.rs", file.folder()));
		file.folder().ends_with("src") && (file.name() == "lib.rs" || (file.name() == "main.rs" && !beside_library()))
	});
	roots.flat_map(|root| of_crate(root, &needs(tree, root))).collect()
}

fn of_crate(root: &File, needs: &[Need]) -> Vec<Violation> {
	let mut edges = Edges::new();
	// The root of a crate is above all its modules: what FRAME's macros make has to be there.
	let is_kin = |need: &Need| need.from.starts_with(&need.to) || need.to.starts_with(&need.from);
	for need in needs.iter().filter(|need| !is_kin(need)) {
		edges.entry(&need.from).or_default().entry(&need.to).or_insert(need);
	}
	let mut found = Vec::new();
	let mut seen = BTreeSet::new();
	for module in edges.keys() {
		let circle = circle(&edges, module).filter(|_| !seen.contains(module));
		let Some(circle) = circle else { continue };
		seen.extend(circle.iter().copied());
		let names: Vec<String> = circle.iter().map(|path| path.join("::")).collect();
		let (shown, first) = (names.join(" -> "), &names[0]);
		let message =
			format!("{shown} -> {first} is a circle; move what they share into a file that needs none of them");
		let need = edges[circle[0]][circle[1]];
		let subject = format!("{}::{}", root.folder(), names.join("+"));
		found.push(Violation::new(RULE.name, &need.path, need.line, message).excusable(subject));
	}
	found
}

/// The shortest way from `start` back to it.
fn circle<'n>(edges: &Edges<'n>, start: &'n Path) -> Option<Vec<&'n Path>> {
	let mut waiting = VecDeque::from([vec![start]]);
	let mut seen = BTreeSet::new();
	while let Some(way) = waiting.pop_front() {
		for next in edges.get(way.last()?)?.keys() {
			if *next == start {
				return Some(way);
			}
			if seen.insert(*next) && edges.contains_key(next) {
				waiting.push_back([way.as_slice(), &[*next]].concat());
			}
		}
	}
	None
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::tree::of;

	fn found(files: &[(&str, &str)]) -> Vec<String> {
		let mut all = vec![("core/a/src/lib.rs", "mod a;\nmod b;\nmod c;\npub use a::Item;\n")];
		all.retain(|(path, _)| files.iter().all(|(other, _)| other != path));
		all.extend(files);
		check(&of(&all))
			.into_iter()
			.map(|violation| violation.subject.unwrap_or_default())
			.collect()
	}

	const A: &str = "core/a/src/a.rs";
	const B: &str = "core/a/src/b.rs";
	const C: &str = "core/a/src/c/mod.rs";
	const D: &str = "core/a/src/c/d.rs";
	const ROOT: &str = "core/a/src/lib.rs";

	#[test]
	fn one_way() {
		assert_eq!(
			found(&[
				(A, "pub struct Item;"),
				(B, "use crate::a::Item;"),
				(C, "use crate::{a, b};\nfn f() { b::g() }")
			]),
			[""; 0]
		);
		assert_eq!(
			found(&[(A, "pub struct Item;"), (B, "use crate::Item;")]),
			[""; 0],
			"a re-export"
		);
		assert_eq!(
			found(&[(C, "mod d;\npub struct Own;"), (D, "use super::Own;")]),
			[""; 0],
			"a child"
		);
		assert_eq!(
			found(&[
				(C, "mod d;\npub use d::Other;\npub struct Own;"),
				(D, "use super::Own;\nstruct Other;")
			]),
			[""; 0]
		);
	}

	#[test]
	fn a_module_and_its_children_are_one() {
		let child = [(C, "mod d;\nuse d::help;\npub struct Own;"), (D, "use super::Own;")];
		assert_eq!(found(&child), [""; 0]);
		let root = [
			(ROOT, "mod a;\npub struct Error;\nfn start() { a::run() }"),
			(A, "use crate::Error;"),
		];
		assert_eq!(found(&root), [""; 0]);
	}

	#[test]
	fn tests_may_go_round() {
		let tests =
			"pub struct Item;\n#[cfg(test)]\nmod tests { use crate::b::Thing; }\n#[cfg(test)]\nuse crate::{b::X, c};";
		assert_eq!(found(&[(A, tests), (B, "use crate::a::Item;")]), [""; 0]);
		let declared = "mod a;\nmod b;\n#[cfg(all(test, unix))]\nmod c;\n";
		assert_eq!(
			found(&[
				(ROOT, declared),
				(A, ""),
				(B, "use crate::c::X;"),
				(C, "use crate::b::Y;")
			]),
			[""; 0]
		);
	}

	#[test]
	fn circles_of_two() {
		let two = ["core/a/src::a+b"];
		assert_eq!(found(&[(A, "use crate::b::X;"), (B, "use crate::a::Y;")]), two);
		assert_eq!(
			found(&[
				(A, "fn f() -> crate::b::X { x }"),
				(B, "use super::a;\nfn g(y: a::Y) {}")
			]),
			two
		);
		assert_eq!(
			found(&[(A, "use crate::b::X as Y; struct Item;"), (B, "use crate::Item;")]),
			two,
			"by a re-export"
		);
		assert_eq!(found(&[(A, "use crate::b::*;"), (B, "use crate::a::{Y, Z};")]), two);
		assert_eq!(
			found(&[(A, "mod m { use super::super::b::X; }"), (B, "use crate::a::Y;")]),
			two,
			"from an inline module"
		);
	}

	#[test]
	fn circles_of_more() {
		let three = [
			(A, "use crate::b::X;"),
			(B, "use crate::c::Y;"),
			(C, "use crate::a::Z;"),
		];
		assert_eq!(found(&three), ["core/a/src::a+b+c"]);
		let inner = [(C, "mod d;"), (D, "use crate::a::X;"), (A, "use crate::c::d::Y;")];
		assert_eq!(found(&inner), ["core/a/src::a+c::d"]);
	}
}
