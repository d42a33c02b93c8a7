//! Links between the pages of the repository lead somewhere.

use super::Rule;
use crate::{
	report::Violation,
	tree::{join, File, Tree},
};
use std::collections::BTreeMap;

pub const RULE: Rule = Rule {
	name: "links",
	about: "relative links in pages lead to a file, and to a heading in it",
	check,
};

fn check(tree: &Tree) -> Vec<Violation> {
	let pages: BTreeMap<&str, Vec<String>> = tree
		.files
		.iter()
		.filter(|file| file.has_extension("md"))
		.map(|page| (page.path.as_str(), anchors(&page.text)))
		.collect();
	let files = tree.files.iter().filter(|file| file.has_extension("md"));
	files
		.flat_map(|page| links(&page.text).into_iter().map(move |link| (page, link)))
		.filter_map(|(page, (line, link))| {
			let message = fault(tree, &pages, page, &link)?;
			Some(Violation::new(RULE.name, &page.path, line, message))
		})
		.collect()
}

fn fault(tree: &Tree, pages: &BTreeMap<&str, Vec<String>>, page: &File, link: &str) -> Option<String> {
	// Of another place, or an item of Rust in a README that is the head of a crate.
	let elsewhere = link.contains("://") || link.starts_with("mailto:") || link.contains("::");
	if elsewhere || link.is_empty() {
		return None;
	}
	let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
	let target = if path.is_empty() {
		Some(page.path.clone())
	} else {
		join(page.folder(), path)
	};
	let Some(target) = target.filter(|target| !path.starts_with('/') && tree.has(target)) else {
		return Some(format!(
			"`{link}` leads to no file; mend the path, it is relative to this page"
		));
	};
	let known = pages.get(target.as_str())?;
	if anchor.is_empty() || known.iter().any(|known| known == anchor) {
		return None;
	}
	Some(format!(
		"`{link}` leads to no heading of {target}; mend what follows the #"
	))
}

/// The lines of a page outside of fenced code, with their numbers.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
	let mut fence = None;
	text.lines().enumerate().filter_map(move |(index, line)| {
		let trimmed = line.trim_start().trim_start_matches("> ");
		let mark = ["```", "~~~"].into_iter().find(|mark| trimmed.starts_with(mark));
		match (fence, mark) {
			(None, Some(_)) => fence = mark,
			(Some(open), Some(close)) if open == close => fence = None,
			(None, None) => return Some((index + 1, line)),
			(Some(_), _) => {}
		}
		None
	})
}

/// The line without what stands between backticks.
fn without_code(line: &str) -> String {
	line.split('`').step_by(2).collect::<Vec<_>>().join("``")
}

/// The targets of `[text](target)` and of `[name]: target`.
fn links(text: &str) -> Vec<(usize, String)> {
	let mut all = Vec::new();
	for (number, line) in prose(text) {
		let line = without_code(line);
		let mut found = Vec::new();
		let mut rest = line.as_str();
		while let Some((_, after)) = rest.split_once("](") {
			let target = after.split(')').next().unwrap_or("");
			found.push(target);
			rest = after;
		}
		if let Some((name, target)) = line.split_once("]: ") {
			if name.starts_with('[') && !name.starts_with("[^") {
				found.push(target);
			}
		}
		// A title may follow the target.
		let targets = found.into_iter().map(|target: &str| {
			let target = target.split_whitespace().next().unwrap_or("");
			(number, target.trim_matches(['<', '>']).to_owned())
		});
		all.extend(targets);
	}
	all
}

/// The anchors of a page's headings, as GitHub makes them, and those set by hand.
fn anchors(text: &str) -> Vec<String> {
	let mut counts = BTreeMap::<String, usize>::new();
	let mut found = Vec::new();
	for (_, line) in prose(text) {
		let title = line.trim_start_matches('#');
		let level = line.len() - title.len();
		if (1..=6).contains(&level) && title.starts_with(' ') {
			let slug = slug(title.trim());
			let count = counts.entry(slug.clone()).or_default();
			found.push(if *count == 0 { slug } else { format!("{slug}-{count}") });
			*count += 1;
		}
		for attribute in ["id=\"", "name=\""] {
			let by_hand = line
				.split_once(attribute)
				.and_then(|(_, after)| after.split('"').next());
			found.extend(by_hand.map(str::to_owned));
		}
	}
	found
}

fn slug(title: &str) -> String {
	// Of a link only its text is part of the anchor.
	let mut text = String::new();
	let mut rest = title;
	while let Some((before, after)) = rest.split_once("](") {
		text.push_str(before);
		rest = after.split_once(')').map_or("", |(_, after)| after);
	}
	text.push_str(rest);
	text.to_lowercase()
		.chars()
		.filter(|sign| sign.is_alphanumeric() || [' ', '-', '_'].contains(sign))
		.map(|sign| if sign == ' ' { '-' } else { sign })
		.collect()
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::tree::of;

	fn found(page: &str) -> Vec<(usize, String)> {
		let other = "# Other page\n\n## A `b`, c\n\n## A `b`, c\n\n```\n# no heading\n```\n";
		let tree = of(&[("docs/page.md", page), ("docs/other.md", other), ("node/src/a.rs", "")]);
		check(&tree).into_iter().map(|v| (v.line, v.message)).collect()
	}

	#[test]
	fn links_that_lead_somewhere() {
		for page in [
			"[a](other.md) and [b](../node/src/a.rs), [c](../node/)",
			"[a](other.md#a-b-c) [b](other.md#a-b-c-1 \"title\")",
			"# Here\n[a](#here)",
			"<a id=\"x\"></a>[a](#x)",
			"[a](https://example.org/x.md) [b](mailto:a@example.org) [c](crate::Item)",
			"`[a](nowhere.md)`\n```\n[a](nowhere.md)\n```",
			"[a]\n\n[a]: other.md",
			"[`a`](other.md)",
		] {
			assert_eq!(found(page), [], "{page}");
		}
	}

	#[test]
	fn links_that_lead_nowhere() {
		for page in [
			"[a](nowhere.md)",
			"[a](other.md) [b](nowhere.md)",
			"[`a`](nowhere.md)",
			"[a](../../outside.md)",
			"[a](/docs/other.md)",
			"[a]: nowhere.md",
		] {
			assert!(found(page)[0].1.contains("no file"), "{page}");
		}
		for page in ["[a](other.md#no-heading)", "[a](#there)", "[a](other.md#a-b-c-2)"] {
			assert!(found(page)[0].1.contains("no heading"), "{page}");
		}
		assert_eq!(found("\n\n[a](nowhere.md)")[0].0, 3);
	}
}
