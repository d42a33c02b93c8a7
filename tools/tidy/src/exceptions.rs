//! The list of exceptions. It only shrinks: what it grants and nobody needs is a violation itself.

use crate::report::Violation;

/// Where the list is.
pub const PATH: &str = "tools/tidy/exceptions.txt";

/// The name under which faults of the list are reported.
pub const RULE: &str = "exceptions";

/// An exception may grant this many hundredths more than there is, so that not every edit touches the list.
const SLACK_PERCENT: usize = 10;

/// One line of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Exception<'a> {
	line: usize,
	subject: &'a str,
	/// The size granted; `None` if the rule is one of yes or no.
	limit: Option<usize>,
}

/// Takes out of `violations` what the list allows, and adds what is wrong with the list.
pub fn apply(list: &str, violations: Vec<Violation>) -> Vec<Violation> {
	let (exceptions, mut wrong) = read(list);
	let mut used = vec![false; exceptions.len()];
	let mut left = Vec::new();
	for violation in violations {
		let fitting = exceptions
			.iter()
			.position(|exception| violation.subject.as_deref() == Some(exception.subject));
		match fitting {
			Some(index) => {
				used[index] = true;
				left.extend(judge(&exceptions[index], violation, &mut wrong));
			}
			None => left.push(violation),
		}
	}
	for (exception, _) in exceptions.iter().zip(used).filter(|(_, used)| !used) {
		let message = format!("`{}` needs no exception any more; take the line out", exception.subject);
		wrong.push(Violation::new(RULE, PATH, exception.line, message));
	}
	left.append(&mut wrong);
	left
}

/// The violation, if the exception does not cover it; `wrong` gets an exception that grants too much.
fn judge(exception: &Exception<'_>, violation: Violation, wrong: &mut Vec<Violation>) -> Option<Violation> {
	let subject = exception.subject;
	match (exception.limit, violation.measured) {
		(None, None) => None,
		(Some(limit), Some(measured)) if measured > limit => {
			let message = format!("{}; it even exceeds its exception of {limit}", violation.message);
			Some(Violation { message, ..violation })
		}
		(Some(limit), Some(measured)) => {
			if limit > measured + measured * SLACK_PERCENT / 100 {
				let message =
					format!("`{subject}` has {measured}, the exception grants {limit}; lower it to {measured}");
				wrong.push(Violation::new(RULE, PATH, exception.line, message));
			}
			None
		}
		(Some(_), None) => {
			let message = format!("`{subject}` has no size that could be limited; write - for its limit");
			wrong.push(Violation::new(RULE, PATH, exception.line, message));
			None
		}
		(None, Some(measured)) => {
			let message = format!("the exception of `{subject}` grants no size; write {measured} for its limit");
			wrong.push(Violation::new(RULE, PATH, exception.line, message));
			None
		}
	}
}

fn read(list: &str) -> (Vec<Exception<'_>>, Vec<Violation>) {
	let mut exceptions: Vec<Exception<'_>> = Vec::new();
	let mut wrong = Vec::new();
	let lines = list.lines().enumerate().map(|(index, line)| (index + 1, line.trim()));
	for (line, text) in lines.filter(|(_, text)| !text.is_empty() && !text.starts_with('#')) {
		let mut fault = |message: String| wrong.push(Violation::new(RULE, PATH, line, message));
		let mut words = text.split_whitespace();
		let (Some(subject), Some(limit), Some(_reason)) = (words.next(), words.next(), words.next()) else {
			fault("a line needs a subject, a limit and a reason; add what is missing".to_owned());
			continue;
		};
		let limit = match (limit, limit.parse()) {
			("-", _) => None,
			(_, Ok(limit)) => Some(limit),
			_ => {
				fault(format!(
					"the limit `{limit}` is neither a number nor -; write one of them"
				));
				continue;
			}
		};
		if exceptions.iter().any(|other| other.subject == subject) {
			fault(format!("`{subject}` stands here twice; take one out"));
			continue;
		}
		exceptions.push(Exception { line, subject, limit });
	}
	(exceptions, wrong)
}

#[cfg(test)]
mod tests {
	use super::*;

	fn long(measured: usize) -> Violation {
		Violation::new("file", "a.rs", 1, "too long; cut it")
			.excusable("a.rs")
			.of_size(measured)
	}

	fn messages(list: &str, found: Vec<Violation>) -> Vec<String> {
		apply(list, found)
			.into_iter()
			.map(|violation| violation.message)
			.collect()
	}

	#[test]
	fn what_is_granted_passes() {
		assert!(messages("# Files\n\na.rs 900 one table\n", vec![long(890)]).is_empty());
		let edge = Violation::new("layers", "Cargo.toml", 1, "no").excusable("a->b");
		assert!(messages("a->b - until b is cut\n", vec![edge]).is_empty());
	}

	#[test]
	fn what_is_not_granted_stays() {
		assert_eq!(messages("", vec![long(900)]), ["too long; cut it"]);
		assert!(messages("a.rs 900 one table", vec![long(901)])[0].contains("exceeds its exception of 900"));
		let never = Violation::new("words", "a.rs", 1, "no");
		assert_eq!(messages("", vec![never]), ["no"]);
	}

	#[test]
	fn the_list_shrinks() {
		assert!(messages("a.rs 900 one table", Vec::new())[0].contains("needs no exception any more"));
		assert!(messages("a.rs 1000 one table", vec![long(900)])[0].contains("lower it to 900"));
	}

	#[test]
	fn lines_have_to_be_whole() {
		assert!(messages("a.rs 900", vec![])[0].contains("a reason"));
		assert!(messages("a.rs many one table", vec![])[0].contains("neither a number"));
		assert!(messages("a.rs - one table", vec![long(900)])[0].contains("write 900"));
		let twice = "a.rs 900 one table\na.rs 900 one table";
		assert!(messages(twice, vec![long(900)])[0].contains("twice"));
		let edge = Violation::new("layers", "Cargo.toml", 1, "no").excusable("a->b");
		assert!(messages("a->b 3 until b is cut", vec![edge])[0].contains("write -"));
	}
}
