//! Slots as files of a folder: for each its bytes, its outboard, and a mark of how much is durable.

mod mark;
mod receive;

use crate::{
	desk::{Held, Reading, Receiving, Shelf},
	stream::Builder,
	wire::{SlotId, GROUP},
};
use mark::Mark;
use receive::Upload;
use rustix::io::preadv;
use std::{
	collections::BTreeMap,
	fs::{self, File},
	io::{self, ErrorKind, IoSliceMut, Read, Write},
	os::unix::fs::FileExt,
	path::{Path, PathBuf},
	sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use storage_proof_primitives::{Hash, PAIR_BYTES};

/// How many slots may be on their way at once.
pub const MOST_BEGUN: usize = 4_096;

/// A folder of slots: `17-03.slot`, `17-03.outboard` and `17-03.mark` for slot 3 of deal 17.
///
/// A mark is written after what it says is synced, and first lowered if durable bytes are to be written again.
pub struct Files {
	shared: Arc<Shared>,
}

struct Shared {
	folder: PathBuf,
	/// Slots that are on their way, of this run.
	begun: Mutex<BTreeMap<SlotId, Begun>>,
}

/// A slot on its way.
#[derive(Clone)]
struct Begun {
	held: Held,
	/// The tree over what is written, if it was seen from its start.
	builder: Builder,
	/// Pairs that are not in the outboard's file yet, and how many bytes are there.
	pairs: Vec<u8>,
	outboard: u64,
	root: Option<Hash>,
}

impl Begun {
	fn new(mark: &Mark) -> Self {
		Self {
			held: Held {
				length: mark.length,
				written: mark.durable,
				durable: mark.durable,
				root: None,
			},
			builder: Builder::new(mark.length),
			pairs: Vec::new(),
			outboard: 0,
			root: None,
		}
	}
}

impl Files {
	/// Opens or makes the folder.
	///
	/// # Errors
	/// The file system's.
	pub fn open(folder: &Path) -> io::Result<Self> {
		fs::create_dir_all(folder)?;
		let shared = Shared {
			folder: folder.to_owned(),
			begun: Mutex::new(BTreeMap::new()),
		};
		Ok(Self {
			shared: Arc::new(shared),
		})
	}

	/// The file with a slot's bytes.
	pub fn path(&self, slot: SlotId) -> PathBuf {
		self.shared.path(slot, "slot")
	}

	/// The file with a slot's outboard.
	pub fn outboard(&self, slot: SlotId) -> PathBuf {
		self.shared.path(slot, "outboard")
	}

	/// All slots of which there is something, in their order.
	///
	/// # Errors
	/// The file system's.
	pub fn slots(&self) -> io::Result<Vec<SlotId>> {
		let mut found = Vec::new();
		for entry in fs::read_dir(&self.shared.folder)? {
			let name = entry?.file_name();
			let slot = name
				.to_str()
				.and_then(|name| name.strip_suffix(".mark"))
				.and_then(of_name);
			found.extend(slot);
		}
		found.sort_unstable();
		Ok(found)
	}

	/// Deletes a slot, and all that is known of it. Nobody should be writing it.
	///
	/// # Errors
	/// The file system's.
	pub fn remove(&self, slot: SlotId) -> io::Result<()> {
		self.shared.begun().remove(&slot);
		// The mark first: without it there is no slot.
		for kind in ["mark", "outboard", "slot"] {
			match fs::remove_file(self.shared.path(slot, kind)) {
				Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
				_ => {}
			}
		}
		self.shared.sync_folder()
	}

	/// Reads all of a slot, and says whether it still has its root: a scrub.
	///
	/// # Errors
	/// The disk's; [`ErrorKind::NotFound`] if it is not whole.
	pub fn is_sound(&self, slot: SlotId) -> io::Result<bool> {
		let mark = self.shared.mark(slot)?;
		let Some(root) = mark.and_then(|mark| mark.root) else {
			return Err(ErrorKind::NotFound.into());
		};
		let mut hasher = blake3::Hasher::new();
		let mut file = File::open(self.path(slot))?;
		let mut buffer = vec![0; 1 << 20];
		loop {
			let read = file.read(&mut buffer)?;
			if read == 0 {
				return Ok(hasher.finalize() == root);
			}
			hasher.update(buffer.get(..read).unwrap_or_default());
		}
	}
}

/// The slot whose files have this name.
fn of_name(name: &str) -> Option<SlotId> {
	let (deal, slot) = name.split_once('-')?;
	let found = SlotId {
		deal: deal.parse().ok()?,
		slot: slot.parse().ok()?,
	};
	(name_of(found) == name).then_some(found)
}

fn name_of(slot: SlotId) -> String {
	format!("{}-{:02}", slot.deal, slot.slot)
}

impl Shared {
	fn path(&self, slot: SlotId, kind: &str) -> PathBuf {
		self.folder.join(format!("{}.{kind}", name_of(slot)))
	}

	fn begun(&self) -> MutexGuard<'_, BTreeMap<SlotId, Begun>> {
		self.begun.lock().unwrap_or_else(PoisonError::into_inner)
	}

	fn sync_folder(&self) -> io::Result<()> {
		File::open(&self.folder)?.sync_all()
	}

	/// What the mark says. A damaged one is as none: the slot comes again.
	fn mark(&self, slot: SlotId) -> io::Result<Option<Mark>> {
		match fs::read(self.path(slot, "mark")) {
			Ok(bytes) => Ok(Mark::decode(&bytes)),
			Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
			Err(error) => Err(error),
		}
	}

	/// Writes a mark; it is durable afterwards.
	fn set_mark(&self, slot: SlotId, mark: &Mark) -> io::Result<()> {
		let new = self.path(slot, "new");
		let mut file = File::create(&new)?;
		file.write_all(&mark.encode())?;
		file.sync_all()?;
		fs::rename(new, self.path(slot, "mark"))?;
		self.sync_folder()
	}
}

impl Shelf for Files {
	fn held(&self, slot: SlotId) -> io::Result<Option<Held>> {
		if let Some(begun) = self.shared.begun().get(&slot) {
			return Ok(Some(begun.held));
		}
		Ok(self.shared.mark(slot)?.map(|mark| Held {
			length: mark.length,
			written: mark.durable,
			durable: mark.durable,
			root: mark.root,
		}))
	}

	fn open(&self, slot: SlotId) -> io::Result<Option<Arc<dyn Reading>>> {
		let Some(mark) = self.shared.mark(slot)?.filter(|mark| mark.root.is_some()) else {
			return Ok(None);
		};
		Ok(Some(Arc::new(Whole {
			length: mark.length,
			data: File::open(self.path(slot))?,
			outboard: File::open(self.outboard(slot))?,
		})))
	}

	fn receive(&self, slot: SlotId, length: u64) -> io::Result<Box<dyn Receiving>> {
		Ok(Box::new(Upload::begin(&self.shared, slot, length)?))
	}
}

/// A whole slot's files.
struct Whole {
	length: u64,
	data: File,
	outboard: File,
}

impl Reading for Whole {
	fn length(&self) -> u64 {
		self.length
	}

	fn data(&self, mut offset: u64, mut parts: &mut [IoSliceMut<'_>]) -> io::Result<()> {
		// A call may stop within a part, and takes no more than 1,024.
		while !parts.is_empty() {
			let most = parts.len().min(MOST_PARTS);
			let read = preadv(&self.data, &mut parts[..most], offset)?;
			if read == 0 {
				return Err(ErrorKind::UnexpectedEof.into());
			}
			offset += read as u64;
			IoSliceMut::advance_slices(&mut parts, read);
		}
		Ok(())
	}

	fn outboard(&self, offset: u64, into: &mut [u8]) -> io::Result<()> {
		self.outboard.read_exact_at(into, offset)
	}
}

/// Parts that one call of the operating system reads into.
const MOST_PARTS: usize = 1_024;

/// Bytes of the outboard of a slot of so many.
fn outboard_len(length: u64) -> u64 {
	length.div_ceil(GROUP).saturating_sub(1) * PAIR_BYTES as u64
}
