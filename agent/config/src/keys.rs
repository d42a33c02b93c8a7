//! The keys that a configuration may have.

/// What a key's value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
	/// A text.
	Text,
	/// A whole number in this range.
	Number(i64, i64),
	/// A list of texts.
	List,
	/// `true` or `false`.
	Flag,
}

/// A key of a section.
#[derive(Clone, Copy, Debug)]
pub(super) struct Key {
	/// In which section.
	pub section: &'static str,
	/// Its name there.
	pub name: &'static str,
	/// What its value is.
	pub kind: Kind,
}

const fn key(section: &'static str, name: &'static str, kind: Kind) -> Key {
	Key { section, name, kind }
}

/// All of them, in the order of the example.
pub(super) const KEYS: &[Key] = &[
	key("chain", "nodes", Kind::List),
	key("chain", "genesis", Kind::Text),
	key("device", "name", Kind::Text),
	key("device", "password_file", Kind::Text),
	key("device", "endpoints", Kind::List),
	key("plots", "folder", Kind::Text),
	key("plots", "cores", Kind::Number(1, 1024)),
	key("plots", "nice", Kind::Number(0, 19)),
	key("plots", "threads", Kind::Number(1, 64)),
	key("compute", "segments", Kind::Number(0, u32::MAX as i64)),
	key("compute", "cores", Kind::Number(1, 1024)),
	key("uptime", "enabled", Kind::Flag),
	key("earnings", "claim", Kind::Text),
	key("earnings", "password_file", Kind::Text),
	key("storage", "enabled", Kind::Flag),
	key("storage", "folder", Kind::Text),
	key("storage", "listen", Kind::Text),
	key("storage", "scrub_hour", Kind::Number(0, 23)),
	key("work", "enabled", Kind::Flag),
	key("work", "folder", Kind::Text),
	key("work", "listen", Kind::Text),
	key("work", "slots", Kind::Number(1, 1024)),
	key("work", "when", Kind::Text),
	key("work", "battery", Kind::Flag),
	key("work", "nice", Kind::Number(0, 19)),
	key("work", "program", Kind::Text),
	key("status", "listen", Kind::Text),
	key("log", "level", Kind::Text),
];

/// What names of environment variables begin with.
pub(super) const PREFIX: &str = "SMART_AGENT_";

impl Key {
	/// As an error names it.
	pub fn full(&self) -> String {
		format!("{}.{}", self.section, self.name)
	}

	/// The environment variable that takes its place.
	pub fn variable(&self) -> String {
		format!("{PREFIX}{}_{}", self.section, self.name).to_ascii_uppercase()
	}
}

/// The name that is most like one that is unknown.
pub(super) fn nearest(unknown: &str, known: impl Iterator<Item = String>) -> Option<String> {
	known
		.map(|name| (strsim::damerau_levenshtein(unknown, &name), name))
		.min_by_key(|(far, _)| *far)
		.map(|(_, name)| name)
}
