//! Path order: folders before what is in them, names by their bytes.

use super::entry::is_path;
use crate::{
	manifest::{Entry, Kind},
	ManifestError,
};

/// Checks entry after entry: in order, none twice, each within a folder that came before. So nothing lies below a link,
/// and whoever restores the entries never follows one out of the folder. And the bytes of each lie behind those of the
/// one before: no volume brings back more than it has.
#[derive(Clone, Debug, Default)]
pub struct Order {
	last: Vec<u8>,
	/// Lengths of those starts of `last` that are folders.
	folders: Vec<usize>,
	/// Behind the bytes of the last entry.
	end: u64,
}

fn names(path: &[u8]) -> impl Iterator<Item = &[u8]> {
	path.split(|byte| *byte == b'/')
}

impl Order {
	/// Takes the next entry: its path, and where its bytes lie.
	pub fn take(&mut self, entry: &Entry) -> Result<(), ManifestError> {
		self.check(&entry.path, entry.kind)?;
		if entry.offset < self.end {
			return Err(ManifestError::Numbers);
		}
		self.end = entry.offset.saturating_add(entry.size);
		Ok(())
	}

	/// Takes the next path.
	pub fn check(&mut self, path: &[u8], kind: Kind) -> Result<(), ManifestError> {
		if !is_path(path) {
			return Err(ManifestError::Path);
		}
		if !self.last.is_empty() && names(&self.last).cmp(names(path)).is_ge() {
			return Err(ManifestError::Order);
		}
		let parent = path.iter().rposition(|byte| *byte == b'/').unwrap_or(0);
		while let Some(folder) = self.folders.last() {
			if *folder <= parent && self.last.get(..*folder) == path.get(..*folder) && path.get(*folder) == Some(&b'/')
			{
				break;
			}
			self.folders.pop();
		}
		if self.folders.last().copied().unwrap_or(0) != parent {
			return Err(ManifestError::Order);
		}
		self.last.clear();
		self.last.extend_from_slice(path);
		if kind == Kind::Folder {
			self.folders.push(path.len());
		}
		Ok(())
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn check(paths: &[(&str, Kind)]) -> Result<(), ManifestError> {
		let mut order = Order::default();
		paths
			.iter()
			.try_for_each(|(path, kind)| order.check(path.as_bytes(), *kind))
	}

	#[test]
	fn folders_come_before_what_is_in_them() {
		use Kind::{File, Folder};
		let sound = [
			("a", Folder),
			("a/b", Folder),
			("a/b/c", File),
			("a/d", File),
			// By names: a slash is less than any other byte.
			("a!", File),
			("e", Folder),
			("e/f", File),
		];
		assert_eq!(check(&sound), Ok(()));
		assert_eq!(check(&[("a!", File), ("a", Folder)]), Err(ManifestError::Order));
		assert_eq!(check(&[("b", File), ("a", File)]), Err(ManifestError::Order));
		assert_eq!(check(&[("a", File), ("a", File)]), Err(ManifestError::Order));
		assert_eq!(check(&[("a/b", File)]), Err(ManifestError::Order));
		assert_eq!(check(&[("a", Folder), ("a/b/c", File)]), Err(ManifestError::Order));
		assert_eq!(check(&[("ab", Folder), ("abc/d", File)]), Err(ManifestError::Order));
		assert_eq!(
			check(&[("a", Folder), ("b", Folder), ("b/../a", File)]),
			Err(ManifestError::Path)
		);
	}

	#[test]
	fn the_climber_finds_nothing_below_a_link() {
		let climber = [("out", Kind::Link), ("out/passwd", Kind::File)];
		assert_eq!(check(&climber), Err(ManifestError::Order));
	}
}
