//! A deal comes back into a folder, and goes on where it was interrupted.

use crate::{
	failure::Failure,
	holders::Holders,
	progress::{Show, Tally},
	reading::{was_begun, Counted, Readable},
	store,
};
use serde::Serialize;
use smartchain_slots::{
	edge::{FileLog, Log, RestoreFolder},
	get,
	meter::Meter,
	Get, Selection,
};
use std::{fs, io, path::Path};

/// What becomes of the journal of what is whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum After {
	/// It goes: the same folder is not taken again.
	Forget,
	/// It stays, so that a run over many deals finds which are here.
	Keep,
}

/// What came back, for `--json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Back {
	/// The deal.
	pub deal: u64,
	/// Where it is.
	pub folder: String,
	/// Files, folders and links that were selected.
	pub entries: u64,
	/// Bytes that this run wrote.
	pub bytes: u64,
	/// What this run promised to devices, in planck.
	pub promised: String,
	/// Slots that could not be read. Nothing is missing for it.
	pub faults: Vec<Fault>,
}

/// A slot that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
	/// Which.
	pub slot: u8,
	/// Why.
	pub why: String,
}

/// What fetching needs.
pub struct Fetching<'a> {
	/// The devices.
	pub holders: &'a dyn Holders,
	/// The deal.
	pub deal: &'a Readable,
	/// Where journals are.
	pub data: &'a store::Folder,
	/// The chain.
	pub genesis: &'a [u8; 32],
	/// Counts memory.
	pub meter: &'a Meter,
	/// Where it is shown.
	pub show: Show,
}

impl Fetching<'_> {
	/// Fetches all of the deal, or what lies under a path if that is not empty, into a folder: a new or empty one, or
	/// one that an interrupted run has left. It waits for devices.
	///
	/// # Errors
	/// What hinders it; the same call goes on later.
	pub fn into_folder(&self, folder: &Path, path: &str, after: After) -> Result<Back, Failure> {
		let failed = |error: io::Error| match error.kind() {
			io::ErrorKind::AlreadyExists => Failure::usage(error.to_string()),
			_ => Failure::other(format!(
				"cannot write into {}: {error}; see to the disk and to who may write there",
				folder.display()
			)),
		};
		let target = std::path::absolute(folder).map_err(failed)?;
		fs::create_dir_all(&target).map_err(failed)?;
		let file = self.data.get(self.genesis, self.deal.deal, &target, path)?;
		let mut log = FileLog::open(&file).map_err(|error| match error.kind() {
			io::ErrorKind::WouldBlock => {
				Failure::other("another program fetches into this folder; wait for it, or end it")
			}
			_ => Failure::other(format!("cannot open {}: {error}", file.display())),
		})?;
		// Somebody may have emptied the folder meanwhile: then it is begun anew.
		let begun = was_begun(&mut log)? && !is_empty(&target);
		if !begun {
			log.cut(0).map_err(failed)?;
		}
		let mut sink = RestoreFolder::create(&target, begun).map_err(failed)?;
		let selection = match path {
			"" => Selection::All,
			path => Selection::Under(path.as_bytes().to_vec()),
		};
		let total = matches!(selection, Selection::All).then_some(self.deal.stored.volume_len());
		let tally = Tally::new(total);
		let _shown = self.show.tally("Fetching", &tally);
		let count = |bytes: u64| tally.add(bytes);
		let mut slots = self.holders.best(&self.deal.stored, self.deal.holders.clone());
		let restored = get(Get {
			stored: &self.deal.stored,
			key: &self.deal.key,
			slots: &mut *slots,
			selection,
			sink: &mut Counted {
				sink: &mut sink,
				count: &count,
			},
			log: &mut log,
			meter: self.meter,
		});
		self.holders.keep();
		let restored =
			restored.map_err(|error| Failure::from(error).with("run the same again, it goes on where it was"))?;
		if after == After::Forget {
			// If it stays, the next run finds that nothing is missing.
			let _ = fs::remove_file(&file);
		}
		let faults = restored.faults.0.iter().map(|(slot, fault)| Fault {
			slot: *slot,
			why: fault.to_string(),
		});
		Ok(Back {
			deal: self.deal.deal,
			folder: target.display().to_string(),
			entries: restored.entries,
			bytes: restored.bytes,
			promised: "0".into(),
			faults: faults.collect(),
		})
	}
}

fn is_empty(folder: &Path) -> bool {
	fs::read_dir(folder).map_or(true, |mut entries| entries.next().is_none())
}
