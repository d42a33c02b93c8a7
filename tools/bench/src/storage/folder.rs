//! What is stored: files of random bytes, which nothing can compress.

use smartchain_rng::Rng;
use smartchain_tests::{ensure, Result};
use std::{
	fs,
	io::Write,
	path::{Path, PathBuf},
	process::Command,
};

/// Bytes that are made at once.
const PIECE: u64 = 1 << 20;
/// Files lie in so many folders.
const FOLDERS: u64 = 10;

/// A folder.
pub struct Source {
	/// Where it is.
	pub folder: PathBuf,
	/// Bytes of all files.
	pub bytes: u64,
	/// How many files there are.
	pub files: u64,
}

impl Source {
	/// Makes so many bytes in so many files, all of one length but the last, below `place`.
	///
	/// # Errors
	/// If they cannot be written.
	pub fn make(place: &Path, bytes: u64, files: u64) -> Result<Self> {
		let folder = place.join(format!("files-{files}"));
		let (mut rng, each) = (Rng::new(files), bytes / files.max(1));
		for number in 0..files {
			let last = number + 1 == files;
			let length = if last { bytes - each * number } else { each };
			let parent = folder.join((number % FOLDERS).to_string());
			fs::create_dir_all(&parent)?;
			write(&parent.join(number.to_string()), length, &mut rng)?;
		}
		Ok(Self { folder, bytes, files })
	}

	/// Its only file, if it has one.
	pub fn file(&self) -> Option<PathBuf> {
		(self.files == 1).then(|| self.folder.join("0").join("0"))
	}

	/// How it is called in a table.
	pub fn name(&self) -> String {
		let bytes = size(self.bytes);
		match self.files {
			1 => format!("{bytes} in one file"),
			files => format!("{bytes} in {files} files"),
		}
	}

	/// Demands that what came back is the same, byte for byte.
	///
	/// # Errors
	/// If it is not.
	pub fn compare(&self, back: &Path) -> Result<()> {
		let compared = Command::new("diff")
			.args(["--recursive", "--brief"])
			.arg(&self.folder)
			.arg(back)
			.output()?;
		let said = String::from_utf8_lossy(&compared.stdout);
		ensure!(compared.status.success(), "what came back differs: {}", said.trim());
		Ok(())
	}
}

/// Writes a file of random bytes.
///
/// # Errors
/// If it cannot be written.
pub fn write(path: &Path, length: u64, rng: &mut Rng) -> Result<()> {
	let (mut file, mut left) = (fs::File::create(path)?, length);
	let mut piece = vec![0; PIECE as usize];
	while left > 0 {
		for word in piece.chunks_exact_mut(8) {
			word.copy_from_slice(&rng.next_u64().to_le_bytes());
		}
		let count = left.min(PIECE);
		file.write_all(&piece[..count as usize])?;
		left -= count;
	}
	Ok(())
}

/// Bytes in words.
pub fn size(bytes: u64) -> String {
	match bytes {
		0..=0x3fff_ffff => format!("{} MiB", bytes >> 20),
		_ => format!("{} GiB", bytes >> 30),
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_folder_has_what_was_asked_for_and_differs_from_others() {
		let place = tempfile::tempdir().unwrap();
		let many = Source::make(place.path(), 100_003, 7).unwrap();
		let lengths = (0..7).map(|number| {
			let file = many.folder.join(number.to_string()).join(number.to_string());
			fs::metadata(file).unwrap().len()
		});
		assert_eq!(lengths.sum::<u64>(), 100_003);
		many.compare(&many.folder).unwrap();
		let one = Source::make(place.path(), 100_003, 1).unwrap();
		assert_eq!(fs::metadata(one.file().unwrap()).unwrap().len(), 100_003);
		assert!(many.compare(&one.folder).is_err());
		assert_eq!(size(1 << 30), "1 GiB");
		assert_eq!(size(128 << 20), "128 MiB");
	}
}
