//! What can go wrong, with what to do about it.

use std::{fmt, io};

/// Why a flow ended. What was done until then stays done: the same call goes on from there, unless the text says
/// otherwise.
#[derive(Debug, thiserror::Error)]
pub enum Error {
	/// A file, a connection or a disk failed.
	#[error("cannot {what}: {source}; see to the disk or connection, then do the same again: it goes on where it was")]
	Io {
		/// What was tried, with which file.
		what: String,
		/// What the operating system said.
		source: io::Error,
	},
	/// k, n or the unit is none that can be.
	#[error("{k} of {n} slots in units of {unit} bytes cannot be: 1 <= k <= n <= 32, the unit 2^6 to 2^18 bytes")]
	Geometry {
		/// How many slots bring all back.
		k: u8,
		/// How many there are.
		n: u8,
		/// Bytes of a unit.
		unit: u32,
	},
	/// A slot would be longer than one may be.
	#[error("a slot of {length} bytes is longer than the {most} that one may have; store the folder in several parts")]
	TooLong {
		/// Bytes that it would have.
		length: u64,
		/// Bytes that it may have.
		most: u64,
	},
	/// The limit of memory is too low for this.
	#[error("{wanted} bytes of memory are needed at once and {limit} allowed; take a smaller n or unit")]
	Memory {
		/// Bytes that would be held.
		wanted: usize,
		/// Bytes that may be.
		limit: usize,
	},
	/// A list has more than its bound.
	#[error("more than {most} {what}; store the folder in several parts")]
	TooMany {
		/// Of what.
		what: &'static str,
		/// The bound.
		most: u64,
	},
	/// A file was not what it had been a moment ago.
	#[error("{path} had {planned} bytes and has {found} now; store it again if nobody writes to it, with a new key")]
	Changed {
		/// Which entry.
		path: String,
		/// Bytes when it was looked at.
		planned: u64,
		/// Bytes that were read.
		found: u64,
	},
	/// What is read now is not what was sealed before.
	#[error(
		"what is to be stored changed since it was begun, within {span} x 16 MiB from its start; begin anew with a new \
		 key, an empty journal and empty slots: the old key must never seal other bytes"
	)]
	Resumed {
		/// Which span differs.
		span: u64,
	},
	/// There are bytes in slots, and the journal does not tell of which plaintext.
	#[error(
		"slots hold bytes of which the journal does not tell, so it is lost or an old copy; begin anew with a new key \
		 and empty slots"
	)]
	JournalLost,
	/// The journal is of something else.
	#[error(
		"the journal is of another volume, key or geometry; name the one of this deal, or begin with an empty one"
	)]
	JournalOther,
	/// The journal is damaged in its middle.
	#[error("the journal is damaged at byte {at}; begin anew, a store with a new key, a restore into an empty folder")]
	JournalDamaged {
		/// Where.
		at: u64,
	},
	/// Too few slots are left.
	#[error("{found} sound slots of the {need} that are needed; bring back one of these: {faults}")]
	TooFew {
		/// How many bring all back.
		need: u8,
		/// How many are left.
		found: u8,
		/// What is wrong with the others.
		faults: Faults,
	},
	/// Bytes do not open under the key though slots have their roots.
	#[error(
		"frame {frame} does not open; the key is of another volume, or what serves the slots answers differently each \
		 time: check the key, then fetch from others"
	)]
	Unsealed {
		/// Which frame.
		frame: u64,
	},
	/// All sources have their roots, and what they rebuild has not.
	#[error("the roots are of no codeword, so slot {slot} cannot be rebuilt: whoever stored it committed other bytes")]
	NotACodeword {
		/// Which slot.
		slot: u8,
	},
	/// There is no such slot.
	#[error("there is no slot {slot}: they are numbered from 0 to {last}")]
	NoSuchSlot {
		/// Which one was named.
		slot: u8,
		/// The highest number.
		last: u8,
	},
	/// What was decrypted is no manifest.
	#[error("the manifest is wrong: {0}; a newer program may have written it, else whoever stored it did so wrongly")]
	Manifest(
		/// In which way.
		ManifestError,
	),
	/// A file's bytes are not those of its entry.
	#[error(
		"{path} does not have the hash of its entry: whoever stored it wrote a wrong manifest; restore other paths"
	)]
	WrongFile {
		/// Which entry.
		path: String,
	},
	/// A key box does not open, or cannot be made.
	#[error("the key box is of another account, chain or version; take the one that is wrapped for this seed phrase")]
	KeyBox,
	/// The code refused, which its bounds exclude.
	#[error("the code of Reed and Solomon refused ({0}); report this with the sizes that were used")]
	Code(
		/// What it said.
		String,
	),
}

/// In which way a manifest is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ManifestError {
	/// Another start than this format has.
	#[error("it is of another format or version")]
	Magic,
	/// It ends before it should.
	#[error("it ends too early")]
	Short,
	/// A number is above its bound, or two do not fit.
	#[error("its numbers do not fit")]
	Numbers,
	/// A path leads out of the folder, or is none.
	#[error("a path is empty, absolute or leads upward")]
	Path,
	/// Entries out of order, twice, or below what is no folder.
	#[error("entries are out of order, or lie below what is no folder")]
	Order,
}

impl From<ManifestError> for Error {
	fn from(error: ManifestError) -> Self {
		Self::Manifest(error)
	}
}

impl Error {
	/// Of an operation that failed.
	pub(crate) fn io(what: impl Into<String>, source: io::Error) -> Self {
		Self::Io {
			what: what.into(),
			source,
		}
	}
}

/// What is wrong with one slot.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SlotFault {
	/// It is not there.
	#[error("missing")]
	Missing,
	/// It has another length than the chain says.
	#[error("{found} bytes instead of {wanted}")]
	Length {
		/// Bytes that it has.
		found: u64,
		/// Bytes that it must have.
		wanted: u64,
	},
	/// Its bytes are not those of its root.
	#[error("other bytes than its root says")]
	Wrong,
	/// Reading it failed.
	#[error("unreadable: {0}")]
	Unreadable(
		/// Why.
		String,
	),
}

/// Slots with what is wrong with each, in the order in which it was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults(pub Vec<(u8, SlotFault)>);

impl Faults {
	/// Whether something is wrong with the slot.
	pub fn has(&self, slot: u8) -> bool {
		self.0.iter().any(|(named, _)| *named == slot)
	}

	/// Adds what is wrong, once a slot.
	pub fn add(&mut self, slot: u8, fault: SlotFault) {
		if !self.has(slot) {
			self.0.push((slot, fault));
		}
	}
}

impl fmt::Display for Faults {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		if self.0.is_empty() {
			return f.write_str("none is known");
		}
		for (i, (slot, fault)) in self.0.iter().enumerate() {
			write!(f, "{}slot {slot} ({fault})", if i > 0 { ", " } else { "" })?;
		}
		Ok(())
	}
}
