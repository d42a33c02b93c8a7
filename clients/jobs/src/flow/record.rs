//! What is under way, durable before each step.

use crate::trouble::Trouble;
use codec::{DecodeAll, Encode};
use compute_market_primitives::{Assurance, JobId, Price, Spec};
use serde::{Deserialize, Serialize};
use std::{
	fs::{self, File},
	io::Write,
	net::SocketAddr,
	path::{Path, PathBuf},
};

/// The file in the folder of a job.
const FILE: &str = "job.json";
/// Its version. Those of version 1 do not know what was given.
const VERSION: u32 = 2;
/// All outputs together, in the folder of outputs.
const OUTPUT: &str = "output";

/// A job that is under way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Kept {
	version: u32,
	/// What is submitted, as SCALE has it, in digits: a job is known again by it.
	order: String,
	/// What is put in for workers, in planck,
	pub escrow: String,
	/// and for state.
	pub deposit: String,
	/// What tells this order from another one of the same program; empty if that is not known.
	#[serde(default)]
	given: String,
	/// Where outputs go.
	pub out: PathBuf,
	/// Where program and inputs are served.
	pub listen: SocketAddr,
	/// Of a thousand units so many are run again here.
	pub spot_check: u32,
	/// How far it is.
	pub step: Step,
	/// Units that were run again here, and whether that came to the same.
	pub checked: Vec<(u32, bool)>,
}

/// How far a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "at")]
pub enum Step {
	/// Nothing was sent.
	Planned,
	/// It is being submitted: at this height, when this was the newest job.
	Submitting {
		/// The newest job before.
		after: JobId,
		/// The highest final block before.
		block: u32,
	},
	/// The chain has it.
	Submitted {
		/// By this number.
		job: JobId,
	},
	/// All outputs are here, and the chain was told.
	Received {
		/// The job.
		job: JobId,
	},
	/// All units have a result that is right, and the outputs are being stored.
	Storing {
		/// The job.
		job: JobId,
	},
}

impl Step {
	/// The job's number, if it has one.
	pub fn job(&self) -> Option<JobId> {
		match self {
			Self::Submitted { job } | Self::Received { job } | Self::Storing { job } => Some(*job),
			Self::Planned | Self::Submitting { .. } => None,
		}
	}
}

impl Kept {
	/// Of an order that nothing was sent of.
	pub fn new(
		(spec, max_price, assurance): (&Spec, Price, Assurance),
		(escrow, deposit): (u128, u128),
		out: &Path,
		listen: SocketAddr,
		spot_check: u32,
		given: String,
	) -> Self {
		let order = (spec, max_price, assurance).encode();
		Self {
			version: VERSION,
			order: order.iter().map(|byte| format!("{byte:02x}")).collect(),
			escrow: escrow.to_string(),
			deposit: deposit.to_string(),
			given,
			out: out.to_owned(),
			listen,
			spot_check,
			step: Step::Planned,
			checked: Vec::new(),
		}
	}

	/// Whether it may be what is given now.
	pub fn is_of(&self, given: &str) -> bool {
		self.given.is_empty() || self.given == given
	}

	/// Where all outputs lie together.
	pub fn output(&self) -> PathBuf {
		self.out.join(OUTPUT)
	}

	/// What was ordered.
	///
	/// # Errors
	/// If the record is damaged.
	pub fn order(&self) -> Result<(Spec, Price, Assurance), Trouble> {
		let damaged = || Trouble::Other("the record of the job is damaged: remove its folder below jobs".into());
		let digits = self.order.as_bytes().chunks(2);
		let bytes = digits.map(|two| {
			let text = std::str::from_utf8(two).ok()?;
			u8::from_str_radix(text, 16).ok()
		});
		let bytes = bytes.collect::<Option<Vec<u8>>>().ok_or_else(damaged)?;
		<(Spec, Price, Assurance)>::decode_all(&mut &bytes[..]).map_err(|_| damaged())
	}

	/// What is put in, in planck: for workers, and for state.
	pub fn put_in(&self) -> (u128, u128) {
		let number = |text: &str| text.parse().unwrap_or(0);
		(number(&self.escrow), number(&self.deposit))
	}
}

/// A record on disk.
#[derive(Debug)]
pub struct Record {
	folder: PathBuf,
	kept: Kept,
}

impl Record {
	/// That in a folder, if there is one.
	///
	/// # Errors
	/// If it cannot be read, or is of another version.
	pub fn open(folder: &Path) -> Result<Option<Self>, Trouble> {
		let path = folder.join(FILE);
		if !path.is_file() {
			return Ok(None);
		}
		let text = fs::read_to_string(&path).map_err(|error| Trouble::file(&path, &error))?;
		let mut kept: Kept = serde_json::from_str(&text)
			.map_err(|error| Trouble::Other(format!("{} is damaged ({error}); remove it", path.display())))?;
		if !(1..=VERSION).contains(&kept.version) {
			return Err(Trouble::Other(format!(
				"{} is of version {}, and this program knows {VERSION}; use a newer one",
				path.display(),
				kept.version
			)));
		}
		// What is written from now on may say what older programs do not know.
		kept.version = VERSION;
		Ok(Some(Self {
			folder: folder.to_owned(),
			kept,
		}))
	}

	/// A new one. The folder may be there, with what was packed.
	///
	/// # Errors
	/// If it cannot be written.
	pub fn begin(folder: &Path, kept: Kept) -> Result<Self, Trouble> {
		fs::create_dir_all(folder).map_err(|error| Trouble::file(folder, &error))?;
		let record = Self {
			folder: folder.to_owned(),
			kept,
		};
		record.write()?;
		Ok(record)
	}

	/// Where it lies.
	pub fn folder(&self) -> &Path {
		&self.folder
	}

	/// What it says.
	pub fn kept(&self) -> &Kept {
		&self.kept
	}

	/// Changes it, durably.
	///
	/// # Errors
	/// If it cannot be written: then nothing has changed.
	pub fn update(&mut self, change: impl FnOnce(&mut Kept)) -> Result<(), Trouble> {
		let before = self.kept.clone();
		change(&mut self.kept);
		let written = self.write();
		if written.is_err() {
			self.kept = before;
		}
		written
	}

	fn write(&self) -> Result<(), Trouble> {
		let (path, part) = (self.folder.join(FILE), self.folder.join(format!("{FILE}.part")));
		let text = serde_json::to_string_pretty(&self.kept).map_err(Trouble::thread)?;
		let written = File::create(&part).and_then(|mut file| {
			file.write_all(text.as_bytes())?;
			file.sync_all()?;
			fs::rename(&part, &path)?;
			File::open(&self.folder)?.sync_all()
		});
		written.map_err(|error| Trouble::file(&path, &error))
	}

	/// It need not be known any more.
	///
	/// # Errors
	/// If it cannot be removed.
	pub fn end(self) -> Result<(), Trouble> {
		self.forget()
	}

	/// The same, where it is another's: whoever opens it next finds none.
	///
	/// # Errors
	/// If it cannot be removed.
	pub fn forget(&self) -> Result<(), Trouble> {
		fs::remove_dir_all(&self.folder).map_err(|error| Trouble::file(&self.folder, &error))
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::fake::spec;

	fn kept() -> Kept {
		let order = (&spec(), Price(7), Assurance::Strict);
		let listen = "127.0.0.1:9979".parse().unwrap();
		Kept::new(order, (9, 4), Path::new("/out"), listen, 20, "00ff".into())
	}

	/// A record of this version, which says that of what was given.
	fn golden(version: u32, given: &str) -> String {
		let order: String = (spec(), Price(7), Assurance::Strict)
			.encode()
			.iter()
			.map(|byte| format!("{byte:02x}"))
			.collect();
		format!(
			"{{\"version\":{version},\"order\":\"{order}\",\"escrow\":\"9\",\"deposit\":\"4\",{given}\"out\":\"/out\",\
			 \"listen\":\"127.0.0.1:9979\",\"spotCheck\":20,\
			 \"step\":{{\"at\":\"submitting\",\"after\":16,\"block\":900}},\"checked\":[[3,true]]}}"
		)
	}

	/// It is gone on with whatever is given: what that was is not known.
	#[test]
	fn the_record_of_version_1_is_read() {
		let place = tempfile::tempdir().unwrap();
		fs::write(place.path().join(FILE), golden(1, "")).unwrap();
		let read = Record::open(place.path()).unwrap().unwrap();
		assert!(read.kept().is_of("00ff") && read.kept().is_of("00fe"));
		let mut wanted = kept();
		wanted.given = String::new();
		wanted.step = Step::Submitting { after: 16, block: 900 };
		wanted.checked.push((3, true));
		assert_eq!(read.kept(), &wanted);
		for version in [0, 3] {
			fs::write(place.path().join(FILE), golden(version, "")).unwrap();
			assert!(Record::open(place.path()).is_err(), "{version}");
		}
	}

	#[test]
	fn the_record_of_version_2_stays() {
		let golden = golden(2, r#""given":"00ff","#);
		let mut wanted = kept();
		wanted.step = Step::Submitting { after: 16, block: 900 };
		wanted.checked.push((3, true));
		assert_eq!(serde_json::from_str::<Kept>(&golden).unwrap(), wanted);
		let written: serde_json::Value = serde_json::to_value(&wanted).unwrap();
		assert_eq!(written, serde_json::from_str::<serde_json::Value>(&golden).unwrap());
		let storing = serde_json::to_string(&Step::Storing { job: 17 }).unwrap();
		assert_eq!(storing, r#"{"at":"storing","job":17}"#);
		assert!(wanted.is_of("00ff") && !wanted.is_of("00fe"));
	}

	#[test]
	fn what_is_written_is_there_afterwards() {
		let place = tempfile::tempdir().unwrap();
		assert!(Record::open(place.path()).unwrap().is_none());
		let mut record = Record::begin(place.path(), kept()).unwrap();
		record.update(|kept| kept.step = Step::Submitted { job: 17 }).unwrap();
		let again = Record::open(place.path()).unwrap().unwrap();
		assert_eq!(again.kept().step.job(), Some(17));
		assert_eq!(again.kept().order().unwrap(), (spec(), Price(7), Assurance::Strict));
		assert_eq!(again.kept().put_in(), (9, 4));
		fs::write(place.path().join(FILE), "{").unwrap();
		assert!(Record::open(place.path()).is_err());
		again.end().unwrap();
		assert!(!place.path().exists());
	}
}
