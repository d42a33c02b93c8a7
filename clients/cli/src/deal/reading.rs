//! What is needed to read a deal: what the chain says of it, its key, and the devices that hold it.

use crate::{
	access::Access,
	failure::{Code, Failure},
};
use smart_market::{self as market, stage_words, DealView, Market, Whose};
use smartchain_slots::{
	edge::{Log, Sink, SlotSource},
	manifest::{Entry, Kind},
	meter::Meter,
	Error, Reader, Stored, VolumeKey,
};
use smartchain_transfer::client::Holder;
use std::io;
use storage_market_primitives::{DealId, Stage};

/// A deal that can be read.
#[derive(Debug)]
pub struct Readable {
	/// Its number.
	pub deal: DealId,
	/// As the chain has it.
	pub view: DealView,
	/// How its volume lies in slots.
	pub stored: Stored,
	/// The volume's key.
	pub key: VolumeKey,
	/// Who holds its slots.
	pub holders: Vec<Holder>,
}

/// A deal that is not there.
pub fn no_deal(deal: DealId) -> Failure {
	Failure::usage(format!(
		"the chain has no deal {deal}: it never was, or was closed; `smart ls` shows those of this account"
	))
}

/// What is needed to read a deal.
///
/// # Errors
/// If there is no such deal, nothing of it can be read yet or any more, or this account may not.
pub async fn readable(market: &dyn Market, access: &Access, deal: DealId) -> Result<Readable, Failure> {
	let view = market.deal(deal).await?.ok_or_else(|| no_deal(deal))?;
	let Some(key_box) = market.key_box(deal, &access.account()).await? else {
		return Err(Failure::other(format!(
			"this account has no key of deal {deal}: ask its owner, {}, to share it (`smart share {deal} {} --code \
			 {}`)",
			smart_agent_keys::address(&<[u8; 32]>::from(view.deal.owner.clone())),
			access.owner.address(),
			access.code(),
		)));
	};
	let key = access.open(&key_box)?;
	let stored = match market::stored(&view.deal)? {
		Some(stored) if !matches!(view.deal.stage, Stage::Placing { .. } | Stage::Uploading { .. }) => stored,
		_ => {
			return Err(Failure::new(
				Code::NotReady,
				format!(
					"deal {deal} is not stored yet ({}): finish it with `smart put` on the machine where it was begun",
					stage_words(&view.deal.stage)
				),
			))
		}
	};
	let holders = market::holders(deal, &view, Whose::Held);
	let enough = usize::from(view.deal.order.geometry.enough);
	if holders.len() < enough {
		return Err(Failure::new(
			Code::Unreachable,
			format!(
				"{} devices hold slots of deal {deal} and {enough} are needed ({}); what is lost does not come back",
				holders.len(),
				stage_words(&view.deal.stage)
			),
		));
	}
	Ok(Readable {
		deal,
		view,
		stored,
		key,
		holders,
	})
}

/// Looks for one entry of a volume by its path.
///
/// # Errors
/// If there is none, it is a folder, or reading fails.
pub fn find(reader: &mut Reader<'_>, path: &str) -> Result<Entry, Failure> {
	let wanted = path.trim_matches('/').as_bytes();
	for page in 0..reader.pages() {
		for entry in reader.page(page)? {
			if entry.path == wanted {
				return match entry.kind {
					Kind::Folder => Err(Failure::usage(format!(
						"`{path}` is a folder; `smart get DEAL FOLDER --path {path}` brings all of it"
					))),
					_ => Ok(entry),
				};
			}
		}
	}
	Err(Failure::usage(format!(
		"there is no `{path}` in the deal; `smart ls DEAL` lists what there is"
	)))
}

/// Calls something with every entry of a volume, in path order.
///
/// # Errors
/// If reading fails, or the call does.
pub fn each_entry(
	stored: &Stored,
	key: &VolumeKey,
	slots: &mut dyn SlotSource,
	meter: &Meter,
	mut act: impl FnMut(Entry) -> Result<(), Failure>,
) -> Result<(), Failure> {
	let mut reader = Reader::open(stored, key, slots, meter)?;
	let mut order = smartchain_slots::manifest::Order::default();
	for page in 0..reader.pages() {
		for entry in reader.page(page)? {
			order.take(&entry).map_err(Error::from)?;
			act(entry)?;
		}
	}
	Ok(())
}

/// A sink that tells how many bytes went into another one.
pub struct Counted<'a> {
	/// Where they go.
	pub sink: &'a mut dyn Sink,
	/// Told of each piece.
	pub count: &'a (dyn Fn(u64) + 'a),
}

impl Sink for Counted<'_> {
	fn begin(&mut self, entry: &Entry, have: u64) -> io::Result<u64> {
		let there = self.sink.begin(entry, have)?;
		(self.count)(there);
		Ok(there)
	}

	fn read_back(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
		self.sink.read_back(offset, buffer)
	}

	fn write(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
		self.sink.write(offset, bytes)?;
		(self.count)(bytes.len() as u64);
		Ok(())
	}

	fn finish(&mut self, entry: &Entry) -> io::Result<()> {
		self.sink.finish(entry)
	}

	fn sync(&mut self) -> io::Result<()> {
		self.sink.sync()
	}

	fn end(&mut self) -> io::Result<()> {
		self.sink.end()
	}
}

/// Whether a journal has something in it: then what lies in the folder is of an interrupted run.
///
/// # Errors
/// Of the file system.
pub fn was_begun(log: &mut dyn Log) -> Result<bool, Failure> {
	let bytes = log
		.load(u64::MAX)
		.map_err(|error| Failure::other(format!("cannot read the journal of the restore: {error}")))?;
	Ok(!bytes.is_empty())
}
