//! The last blocks that this voter committed to, kept beside the safety file.
//!
//! The client's database queues its commits in memory, so that a killed process forgets its last blocks. Were all
//! voters killed at once, a block that a third of them is locked on could be lost everywhere; then no block could be
//! built on it, and none beside it would be voted for: finality would stop for good. So a voter writes the block that
//! it commits to, with its nearest ancestors, before it votes, and imports them again when it starts.
//!
//! The files are not synced: they outlive the process, not a power cut of every voter's machine at once.

use codec::{DecodeAll, Encode};
use smartchain_chain::{Chain, SealedBlock};
use sp_core::H256;
use sp_runtime::traits::Header as _;
use std::{
	collections::BTreeSet,
	fs, io,
	path::{Path, PathBuf},
};

/// How many blocks are kept: more than a database holds back.
const KEPT: u32 = 16;
const EXTENSION: &str = "block";

/// The last blocks cannot be kept.
#[derive(Debug, thiserror::Error)]
#[error("the last blocks cannot be kept in {}: {source}; make room there, or mend the disk", .folder.display())]
pub struct KeepError {
	folder: PathBuf,
	source: io::Error,
}

/// The files, one for each block.
pub struct KeptBlocks {
	folder: PathBuf,
	written: BTreeSet<(u32, H256)>,
}

impl KeptBlocks {
	/// The files in this folder, which is created with the first of them.
	pub fn new(folder: PathBuf) -> Self {
		Self {
			folder,
			written: BTreeSet::new(),
		}
	}

	/// What an earlier run left, lowest first. Files that do not read are passed over.
	pub fn load(&mut self) -> Vec<SealedBlock> {
		let mut blocks: Vec<SealedBlock> = files(&self.folder)
			.into_iter()
			.filter_map(|path| SealedBlock::decode_all(&mut &fs::read(path).ok()?[..]).ok())
			.collect();
		blocks.sort_by_key(|block| *block.header.number());
		self.written
			.extend(blocks.iter().map(|block| (*block.header.number(), block.header.hash())));
		blocks
	}

	/// Writes a block and those of its ancestors that are near and not written yet, and removes what is old.
	///
	/// # Errors
	/// If that fails, such as on a full disk: then the block must not be committed to.
	pub fn keep(&mut self, chain: &dyn Chain, block: H256) -> Result<(), KeepError> {
		self.try_keep(chain, block).map_err(|source| KeepError {
			folder: self.folder.clone(),
			source,
		})
	}

	fn try_keep(&mut self, chain: &dyn Chain, block: H256) -> io::Result<()> {
		let other = |error: smartchain_chain::ChainError| io::Error::other(error.to_string());
		let mut hash = block;
		let mut highest = None;
		for _ in 0..KEPT {
			let Some(header) = chain.header(hash).map_err(other)? else {
				break;
			};
			let number = *header.number();
			highest = highest.max(Some(number));
			if number == 0 || self.written.contains(&(number, hash)) {
				break;
			}
			let parent = *header.parent_hash();
			let Some(body) = chain.body(hash).map_err(other)? else {
				break;
			};
			fs::create_dir_all(&self.folder)?;
			let path = self.path(number, hash);
			let new = path.with_extension("new");
			fs::write(&new, SealedBlock { header, body }.encode())?;
			fs::rename(&new, &path)?;
			self.written.insert((number, hash));
			hash = parent;
		}
		let keep_from = highest.unwrap_or(0).saturating_sub(KEPT);
		while let Some((number, hash)) = self.written.first().copied().filter(|(number, _)| *number < keep_from) {
			match fs::remove_file(self.path(number, hash)) {
				Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
				_ => (),
			}
			self.written.pop_first();
		}
		Ok(())
	}

	fn path(&self, number: u32, hash: H256) -> PathBuf {
		self.folder.join(format!("{number}-{hash:?}.{EXTENSION}"))
	}
}

fn files(folder: &Path) -> Vec<PathBuf> {
	let Ok(entries) = fs::read_dir(folder) else {
		return Vec::new();
	};
	let mut paths: Vec<PathBuf> = entries
		.filter_map(|entry| entry.ok().map(|entry| entry.path()))
		.filter(|path| path.extension().is_some_and(|extension| extension == EXTENSION))
		.collect();
	paths.sort();
	paths
}

#[cfg(test)]
mod tests {
	use super::*;
	use smartchain_node_testkit::Line;

	fn numbers(folder: &Path) -> Vec<u32> {
		KeptBlocks::new(folder.into())
			.load()
			.iter()
			.map(|b| b.header.number)
			.collect()
	}

	#[test]
	fn a_restart_finds_the_last_blocks_in_order() {
		let folder = tempfile::tempdir().expect("a temporary folder");
		let (chain, hashes) = Line::new(4);
		let mut kept = KeptBlocks::new(folder.path().join("kept"));
		kept.keep(&chain, hashes[3]).expect("is kept");
		assert_eq!(numbers(&folder.path().join("kept")), [1, 2, 3]);
	}

	#[test]
	fn old_blocks_and_damaged_files_do_not_stay_in_the_way() {
		let folder = tempfile::tempdir().expect("a temporary folder");
		let (chain, hashes) = Line::new(60);
		let mut kept = KeptBlocks::new(folder.path().into());
		hashes
			.iter()
			.for_each(|hash| kept.keep(&chain, *hash).expect("is kept"));
		assert_eq!(numbers(folder.path()), (59 - KEPT..60).collect::<Vec<_>>());
		fs::write(folder.path().join("7-damaged.block"), b"nonsense").expect("written");
		assert_eq!(numbers(folder.path()), (59 - KEPT..60).collect::<Vec<_>>());
	}

	#[test]
	fn what_cannot_be_written_is_an_error() {
		let folder = tempfile::tempdir().expect("a temporary folder");
		let file = folder.path().join("file");
		fs::write(&file, b"no folder").expect("written");
		let (chain, hashes) = Line::new(3);
		let error = KeptBlocks::new(file)
			.keep(&chain, hashes[2])
			.expect_err("a file is no folder");
		assert!(error.to_string().contains("make room"));
	}

	#[test]
	fn a_missing_folder_is_empty() {
		assert!(numbers(Path::new("/nonexistent/kept")).is_empty());
	}
}
