//! Disks that belong at a place and are not there: what is left is an empty folder, on whatever disk is below.

use std::{
	fs,
	path::{Path, PathBuf},
};

/// Which disks belong where,
const TABLE: &str = "/etc/fstab";
/// and which places have one, as this process sees them.
const MOUNTED: &str = "/proc/self/mountinfo";

/// The place at or above a folder where a disk belongs and none is mounted; none if all is as it should be, or if this
/// system does not say.
pub fn missing(folder: &Path) -> Option<PathBuf> {
	let read = |path: &str| Some(String::from_utf8_lossy(&fs::read(path).ok()?).into_owned());
	unmounted(&real(folder), &read(TABLE)?, &read(MOUNTED)?)
}

/// A folder that is there, at or above a path: what a disk is measured by.
pub fn existing(path: &Path) -> &Path {
	path.ancestors().find(|path| path.exists()).unwrap_or(Path::new("/"))
}

/// A folder without links, as far as it is there.
fn real(folder: &Path) -> PathBuf {
	let absolute = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
	let there = existing(&absolute);
	let rest = absolute.strip_prefix(there).unwrap_or(Path::new(""));
	fs::canonicalize(there).map_or_else(|_| absolute.clone(), |real| real.join(rest))
}

fn unmounted(folder: &Path, table: &str, mounted: &str) -> Option<PathBuf> {
	let places = table
		.lines()
		.filter_map(place)
		.filter(|place| folder.starts_with(place));
	let nearest = places.max_by_key(|place| place.components().count())?;
	let mounts = mounted.lines().filter_map(|line| line.split(' ').nth(4));
	// One that somebody mounted below that place by hand is the folder's.
	let is_mounted = mounts
		.map(|mount| PathBuf::from(plain(mount)))
		.any(|mount| mount.starts_with(&nearest) && folder.starts_with(&mount));
	(!is_mounted).then_some(nearest)
}

/// Where a line of the table has its disk; none if it is a remark, or has none. The first of all is always there.
fn place(line: &str) -> Option<PathBuf> {
	let line = line.trim_start();
	let place = line.split_whitespace().nth(1).filter(|_| !line.starts_with('#'))?;
	let place = PathBuf::from(plain(place));
	(place.is_absolute() && place.parent().is_some()).then_some(place)
}

/// A name as it is: both files write blanks and the like as a backslash and three octal digits.
fn plain(name: &str) -> String {
	let mut bytes = Vec::with_capacity(name.len());
	let mut rest = name.as_bytes();
	while let Some((first, after)) = rest.split_first() {
		let digits = after.get(..3).and_then(|digits| std::str::from_utf8(digits).ok());
		let written = digits
			.filter(|_| *first == b'\\')
			.and_then(|digits| u8::from_str_radix(digits, 8).ok());
		bytes.push(written.unwrap_or(*first));
		rest = match written {
			Some(_) => after.get(3..).unwrap_or_default(),
			None => after,
		};
	}
	String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
	use super::*;

	const TABLE: &str = "\
# <device> <place> <kind>
UUID=1 / ext4 defaults 0 1
  # UUID=9 /srv ext4 defaults 0 2
UUID=2\t/mnt/plots\text4\tdefaults,nofail 0 2
UUID=3 /mnt/my\\040disk/ xfs noauto 0 0
UUID=4 none swap sw 0 0

broken
";

	/// What the kernel says if these are mounted.
	fn mounted(places: &[&str]) -> String {
		let line = |place: &&str| format!("30 22 8:2 / {place} rw,relatime shared:1 - ext4 /dev/sda1 rw\n");
		places.iter().map(line).collect()
	}

	#[test]
	fn a_disk_that_belongs_at_a_place_is_missed_there_and_nowhere_else() {
		let missing = |folder: &str, places: &[&str]| unmounted(Path::new(folder), TABLE, &mounted(places));
		let (plots, disk) = (Some(PathBuf::from("/mnt/plots")), Some(PathBuf::from("/mnt/my disk")));
		for folder in ["/mnt/plots", "/mnt/plots/a/b"] {
			assert_eq!(missing(folder, &["/", "/mnt"]), plots, "{folder}");
			assert_eq!(missing(folder, &["/", "/mnt/plots"]), None, "{folder}");
		}
		assert_eq!(missing("/mnt/my disk/plots", &["/"]), disk);
		assert_eq!(missing("/mnt/my disk/plots", &["/", "/mnt/my\\040disk"]), None);
		// By hand, below it or beside the folder.
		assert_eq!(missing("/mnt/plots/a/b", &["/", "/mnt/plots/a"]), None);
		assert_eq!(missing("/mnt/plots/a/b", &["/", "/mnt/plots/c"]), plots);
		for folder in ["/mnt/plots2", "/mnt", "/srv/plots", "/var/lib", "/"] {
			assert_eq!(missing(folder, &[]), None, "{folder}");
		}
	}

	#[test]
	fn names_are_read_as_they_are_meant() {
		for (written, meant) in [
			("/a", "/a"),
			("/a\\040b\\134c", "/a b\\c"),
			("/a\\04", "/a\\04"),
			("/a\\999", "/a\\999"),
			("/\\303\\244", "/\u{e4}"),
		] {
			assert_eq!(plain(written), meant);
		}
	}

	#[test]
	fn a_folder_that_is_not_there_yet_is_where_it_will_be() {
		let folder = tempfile::tempdir().unwrap();
		let there = fs::canonicalize(folder.path()).unwrap();
		std::os::unix::fs::symlink(&there, folder.path().join("link")).unwrap();
		assert_eq!(real(&folder.path().join("link/a/b")), there.join("a/b"));
		assert_eq!(real(folder.path()), there);
	}
}
