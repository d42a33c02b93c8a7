//! The files of the repository.

use std::{
	collections::BTreeSet,
	fmt, fs, io,
	path::{Path, PathBuf},
	process::Command,
};

/// Why the files could not be read.
#[derive(Debug)]
pub enum Failure {
	/// No folder from here upward is the root of a workspace.
	NoRoot(PathBuf),
	/// git could not be started.
	NoGit(io::Error),
	/// git did not list the files.
	Git(String),
	/// A file could not be read.
	Read(String, io::Error),
}

impl fmt::Display for Failure {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::NoRoot(from) => {
				let from = from.display();
				write!(
					f,
					"no Cargo.toml with a list of members in {from} or above it; start it within the repository"
				)
			}
			Self::NoGit(error) => write!(f, "git could not be started ({error}); install it, or put it into PATH"),
			Self::Git(said) => write!(
				f,
				"git did not list the files ({said}); the root has to lie in a git checkout"
			),
			Self::Read(path, error) => write!(f, "{path} could not be read ({error}); check its permissions"),
		}
	}
}

/// A text file.
#[derive(Clone, Debug)]
pub struct File {
	/// Its path from the root, with `/` between folders.
	pub path: String,
	/// What it holds.
	pub text: String,
}

impl File {
	/// The last part of its path.
	pub fn name(&self) -> &str {
		self.path.rsplit('/').next().unwrap_or("")
	}

	/// The folder that holds it; empty for the root.
	pub fn folder(&self) -> &str {
		parent(&self.path)
	}

	/// Whether its name ends with `.` and this.
	pub fn has_extension(&self, extension: &str) -> bool {
		self.name()
			.rsplit_once('.')
			.is_some_and(|(_, found)| found == extension)
	}

	/// Rust source.
	pub fn is_rust(&self) -> bool {
		self.has_extension("rs")
	}

	/// What people write in another language: shell scripts, also those without an extension, and JavaScript.
	pub fn is_script(&self) -> bool {
		let by_name = ["sh", "js", "mjs", "ts"]
			.iter()
			.any(|extension| self.has_extension(extension));
		by_name || self.text.starts_with("#!/")
	}

	/// Weights are written by the benchmarks.
	pub fn is_generated(&self) -> bool {
		self.path.starts_with("runtime/src/weights/")
	}

	/// Locks and chain specifications are written by programs, and nobody reads them line by line.
	pub fn is_written_by_programs(&self) -> bool {
		["Cargo.lock", "package-lock.json"].contains(&self.name()) || self.has_extension("json")
	}
}

/// The folder of a path; empty for the root.
pub fn parent(path: &str) -> &str {
	path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// `path` as seen from `folder`, without `.` and `..`; `None` if it leads out of the repository.
pub fn join(folder: &str, path: &str) -> Option<String> {
	let mut parts: Vec<&str> = Vec::new();
	for part in folder.split('/').chain(path.split('/')) {
		match part {
			"" | "." => {}
			".." => {
				parts.pop()?;
			}
			_ => parts.push(part),
		}
	}
	Some(parts.join("/"))
}

/// All files that git tracks, or would if they were added.
#[derive(Debug, Default)]
pub struct Tree {
	/// Those that hold text.
	pub files: Vec<File>,
	/// The paths of all.
	pub paths: BTreeSet<String>,
}

impl Tree {
	/// The tree of files with these paths and contents.
	pub fn new(files: impl IntoIterator<Item = (String, Vec<u8>)>) -> Self {
		let mut tree = Self::default();
		for (path, bytes) in files {
			tree.paths.insert(path.clone());
			if let Ok(text) = String::from_utf8(bytes) {
				tree.files.push(File { path, text });
			}
		}
		tree.files.sort_by(|one, other| one.path.cmp(&other.path));
		tree
	}

	/// Reads what lies below `root`.
	///
	/// # Errors
	/// If git does not list the files, or one of them cannot be read.
	pub fn read(root: &Path) -> Result<Self, Failure> {
		let listed = Command::new("git")
			.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
			.current_dir(root)
			.output()
			.map_err(Failure::NoGit)?;
		if !listed.status.success() {
			return Err(Failure::Git(String::from_utf8_lossy(&listed.stderr).trim().to_owned()));
		}
		let paths: BTreeSet<String> = listed
			.stdout
			.split(|byte| *byte == 0)
			.filter(|path| !path.is_empty())
			.map(|path| String::from_utf8_lossy(path).into_owned())
			.collect();
		let mut files = Vec::with_capacity(paths.len());
		for path in paths {
			let place = root.join(&path);
			// What has been deleted or moved is still listed until that is committed; links are seen where they lead.
			if !fs::symlink_metadata(&place).is_ok_and(|found| found.is_file()) {
				continue;
			}
			let bytes = fs::read(&place).map_err(|error| Failure::Read(path.clone(), error))?;
			files.push((path, bytes));
		}
		Ok(Self::new(files))
	}

	/// The text file at this path.
	pub fn file(&self, path: &str) -> Option<&File> {
		let found = self.files.binary_search_by(|file| file.path.as_str().cmp(path)).ok()?;
		self.files.get(found)
	}

	/// Whether there is a file or a folder at this path.
	pub fn has(&self, path: &str) -> bool {
		let below = format!("{path}/");
		path.is_empty()
			|| self.paths.contains(path)
			|| self
				.paths
				.range(below.clone()..)
				.next()
				.is_some_and(|first| first.starts_with(&below))
	}

	/// All Rust sources.
	pub fn rust(&self) -> impl Iterator<Item = &File> {
		self.files.iter().filter(|file| file.is_rust())
	}
}

/// The root of the repository: the first folder from `start` upward whose Cargo.toml lists members of a workspace.
///
/// # Errors
/// If there is none.
pub fn root(start: &Path) -> Result<&Path, Failure> {
	let is_root = |folder: &&Path| {
		let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
		manifest.contains("[workspace]") && manifest.lines().any(|line| line.starts_with("members"))
	};
	start
		.ancestors()
		.find(is_root)
		.ok_or_else(|| Failure::NoRoot(start.to_owned()))
}

/// A tree for tests.
#[cfg(test)]
pub fn of(files: &[(&str, &str)]) -> Tree {
	Tree::new(
		files
			.iter()
			.map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())),
	)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn paths() {
		assert_eq!(
			join("docs", "../node/src/./main.rs").as_deref(),
			Some("node/src/main.rs")
		);
		assert_eq!(join("", "a").as_deref(), Some("a"));
		assert_eq!(join("docs", ".."), Some(String::new()));
		assert_eq!(join("docs", "../.."), None);
		assert_eq!(parent("a/b/c"), "a/b");
		assert_eq!(parent("a"), "");
	}

	#[test]
	fn files_and_folders() {
		let tree = of(&[("b/c.rs", ""), ("a.md", ""), ("b-d/e", "#!/bin/sh\n")]);
		for path in ["", "a.md", "b", "b/c.rs", "b-d"] {
			assert!(tree.has(path), "{path}");
		}
		for path in ["b/d", "c.rs", "b-"] {
			assert!(!tree.has(path), "{path}");
		}
		assert!(tree.file("b-d/e").is_some_and(File::is_script));
		assert!(tree.file("b").is_none());
		assert_eq!(tree.rust().count(), 1);
	}

	#[test]
	fn what_is_no_text_has_a_path_only() {
		let tree = Tree::new([("picture.png".to_owned(), vec![0xff, 0xfe])]);
		assert!(tree.has("picture.png"));
		assert!(tree.files.is_empty());
	}

	#[test]
	fn no_root_is_an_error() {
		assert!(matches!(root(Path::new("/nowhere/at/all")), Err(Failure::NoRoot(_))));
	}
}
