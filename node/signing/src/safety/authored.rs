//! What the files of a folder say of authoring. A voting key that is replaced leaves its file behind, and whichever key
//! votes, the node authors: so the last slot in which it did may stand in any of them.

use super::{
	layout::{read_any, Newest},
	lock::has_recorded,
	Damage, SafetyFile, FILE_LENGTH, FILE_PREFIX, FILE_SUFFIX,
};
use bft_finality_primitives::VoterId;
use poca_primitives::Slot;
use sp_core::H256;
use std::{
	collections::BTreeSet,
	fs::{self, File},
	io::{self, ErrorKind, Read},
	path::{Path, PathBuf},
};

/// How many files of a folder are read; more are as good as damaged.
const MAX_FILES: usize = 1024;

/// In which slots this node may have authored, as the files of a folder have it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Authored {
	/// The highest slot that a file names, of those that have come.
	pub slot: u64,
	/// A file may have named a higher one: it is damaged, gone, cannot be read, or names one that has not come.
	pub unsure: bool,
	/// The files that name a slot that has not come.
	pub far: Vec<Far>,
}

/// A file that names a slot that has not come: it was written while the clock was wrong, or that is wrong now. Were it
/// believed, the node would author nothing until then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Far {
	/// The file.
	pub path: PathBuf,
	/// Whose it is.
	pub key: VoterId,
	/// The slot.
	pub slot: u64,
}

/// What a file says.
enum Said {
	/// This, of this key.
	Record(VoterId, Newest),
	/// Nothing, and never has.
	Nothing,
	/// Nothing any more.
	Lost,
}

/// What the files in `folder` say, but for the one of the key `except`. Slots above `horizon` have not come. Files of
/// other chains say nothing. A folder that is not there has no files.
pub fn last_authored(folder: &Path, genesis: &H256, except: Option<&VoterId>, horizon: Slot) -> Authored {
	let except = except.map(|key| folder.join(SafetyFile::file_name(key)));
	let mut authored = Authored::default();
	let Ok(paths) = files_in(folder) else {
		authored.unsure = true;
		return authored;
	};
	authored.unsure = paths.len() > MAX_FILES;
	for path in paths
		.into_iter()
		.take(MAX_FILES)
		.filter(|path| except.as_ref() != Some(path))
	{
		match said_in(&path, genesis) {
			Said::Record(key, newest) => {
				let slot = newest.record.last_authored_slot;
				let is_far = slot > *horizon;
				authored.unsure |= newest.one_damaged || is_far;
				if is_far {
					authored.far.push(Far { path, key, slot });
				} else {
					authored.slot = authored.slot.max(slot);
				}
			}
			Said::Nothing => (),
			Said::Lost => authored.unsure = true,
		}
	}
	authored
}

/// The safety files of a folder, and those of which only the lock file is left.
fn files_in(folder: &Path) -> io::Result<BTreeSet<PathBuf>> {
	let entries = match fs::read_dir(folder) {
		Err(error) if error.kind() == ErrorKind::NotFound => return Ok(BTreeSet::new()),
		entries => entries?,
	};
	let mut paths = BTreeSet::new();
	for entry in entries {
		let name = entry?.file_name();
		let Some(name) = name.to_str() else { continue };
		let name = name.strip_suffix(".lock").unwrap_or(name);
		if name.starts_with(FILE_PREFIX) && name.ends_with(FILE_SUFFIX) && paths.len() <= MAX_FILES {
			paths.insert(folder.join(name));
		}
	}
	Ok(paths)
}

fn said_in(path: &Path, genesis: &H256) -> Said {
	let mut bytes = Vec::with_capacity(FILE_LENGTH + 1);
	match File::open(path).and_then(|file| file.take(FILE_LENGTH as u64 + 1).read_to_end(&mut bytes)) {
		Ok(_) => match read_any(&bytes, genesis) {
			Ok((key, newest)) => Said::Record(key, newest),
			Err(Damage::OtherChain { .. }) => Said::Nothing,
			Err(_) => Said::Lost,
		},
		Err(error) if error.kind() == ErrorKind::NotFound => match has_recorded(path) {
			Ok(false) => Said::Nothing,
			Ok(true) | Err(_) => Said::Lost,
		},
		Err(_) => Said::Lost,
	}
}
