//! Program and inputs, as workers fetch them.

use crate::trouble::Trouble;
use compute_market_primitives::{Input, Program, MAX_INPUT_BYTES, MAX_PROGRAM_BYTES, MAX_UNITS};
use smartchain_bundle::{Index, Kept, Writer};
use smartchain_share::{Server, Serving, Stock};
use std::{
	fs::{self, File},
	io::{self, Read},
	net::SocketAddr,
	path::{Path, PathBuf},
	sync::Arc,
};
use storage_proof_primitives::Contents;

/// What is read and written at once.
const BATCH: usize = 1 << 20;
/// The bundle in the folder of a job, and what proves its ranges.
const BUNDLE: &str = "bundle";
const OUTBOARD: &str = "bundle.outboard";

/// What units read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inputs {
	/// Nothing but their number.
	Number,
	/// All the same file.
	Shared(PathBuf),
	/// Each a file of its own, by number.
	Each(Vec<PathBuf>),
}

/// A program with its inputs.
#[derive(Clone, Debug)]
pub struct Parcel {
	/// The program.
	pub program: Arc<[u8]>,
	/// What its units read.
	pub inputs: Inputs,
	/// How many there are.
	pub units: u32,
}

fn read(path: &Path, most: u64) -> Result<Vec<u8>, Trouble> {
	let file = File::open(path).map_err(|error| Trouble::file(path, &error))?;
	let mut bytes = Vec::new();
	let read = file.take(most.saturating_add(1)).read_to_end(&mut bytes);
	read.map_err(|error| Trouble::file(path, &error))?;
	match bytes.len() as u64 <= most {
		true => Ok(bytes),
		false => Err(Trouble::Usage(format!(
			"{} has more than the {most} bytes that there may be",
			path.display()
		))),
	}
}

impl Inputs {
	/// Files of a folder, in the order of their names, one for each unit.
	///
	/// # Errors
	/// If the folder cannot be read, or has none or too many.
	pub fn of_folder(folder: &Path) -> Result<Self, Trouble> {
		let fault = |error: io::Error| Trouble::file(folder, &error);
		let mut files = Vec::new();
		for place in fs::read_dir(folder).map_err(fault)? {
			let path = place.map_err(fault)?.path();
			if path.is_file() {
				files.push(path);
			}
		}
		files.sort();
		match (1..=MAX_UNITS as usize).contains(&files.len()) {
			true => Ok(Self::Each(files)),
			false => Err(Trouble::Usage(format!(
				"{} has {} files, and a job 1 to {MAX_UNITS} units",
				folder.display(),
				files.len()
			))),
		}
	}
}

impl Parcel {
	/// Of these files. Without a number of units there are as many as inputs.
	///
	/// # Errors
	/// If a file cannot be read or is too large, or the numbers do not fit.
	pub fn new(program: &Path, inputs: Inputs, units: Option<u32>) -> Result<Self, Trouble> {
		let count = match (&inputs, units) {
			(Inputs::Each(files), None) => u32::try_from(files.len()).unwrap_or(u32::MAX),
			(Inputs::Each(files), Some(units)) if units as usize != files.len() => {
				return Err(Trouble::Usage(format!(
					"there are {} inputs and {units} units; leave --units out",
					files.len()
				)));
			}
			(_, Some(units)) => units,
			(_, None) => return Err(Trouble::Usage("say how many units there are: --units 64".into())),
		};
		Ok(Self {
			program: read(program, MAX_PROGRAM_BYTES.into())?.into(),
			inputs,
			units: count,
		})
	}

	/// The program, as the chain names it.
	pub fn named(&self) -> Program {
		Program {
			root: blake3::hash(&self.program).into(),
			length: u32::try_from(self.program.len()).unwrap_or(u32::MAX),
		}
	}

	/// What a unit reads.
	///
	/// # Errors
	/// If it cannot be read, or is too large.
	pub fn input(&self, unit: u32) -> Result<Vec<u8>, Trouble> {
		match &self.inputs {
			Inputs::Number => Ok(Vec::new()),
			Inputs::Shared(file) => read(file, MAX_INPUT_BYTES.into()),
			Inputs::Each(files) => match files.get(unit as usize) {
				Some(file) => read(file, MAX_INPUT_BYTES.into()),
				None => Err(Trouble::Usage(format!("there is no unit {unit}"))),
			},
		}
	}

	/// What tells these inputs from others: what is in them, in their order. It blocks.
	///
	/// # Errors
	/// If one cannot be read.
	pub fn print(&self) -> Result<[u8; 32], Trouble> {
		let (kind, files): (u8, &[PathBuf]) = match &self.inputs {
			Inputs::Number => (0, &[]),
			Inputs::Shared(file) => (1, std::slice::from_ref(file)),
			Inputs::Each(files) => (2, files),
		};
		let mut all = blake3::Hasher::new();
		all.update(&[kind]);
		for path in files {
			let mut one = blake3::Hasher::new();
			let most = u64::from(MAX_INPUT_BYTES).saturating_add(1);
			let read = File::open(path).and_then(|file| io::copy(&mut file.take(most), &mut one));
			read.map_err(|error| Trouble::file(path, &error))?;
			all.update(one.finalize().as_bytes());
		}
		Ok(all.finalize().into())
	}

	/// The inputs as one bundle in the folder of a job, durable; how the chain names it.
	///
	/// # Errors
	/// If it cannot be written, or files change meanwhile.
	pub fn pack(&self, folder: &Path) -> Result<Input, Trouble> {
		let (index, files): (Index, Vec<&PathBuf>) = match &self.inputs {
			Inputs::Number => return Ok(Input::Number),
			Inputs::Shared(file) => (Index::shared(self.units, length(file)?)?, vec![file]),
			Inputs::Each(files) => {
				let lengths = files.iter().map(|file| length(file)).collect::<Result<Vec<u32>, _>>()?;
				(Index::parts(&lengths)?, files.iter().collect())
			}
		};
		let create = |name: &str| {
			let path = folder.join(name);
			File::create(&path).map_err(|error| Trouble::file(&path, &error))
		};
		let mut writer = Writer::new(&index, create(BUNDLE)?, create(OUTBOARD)?)?;
		let mut batch = vec![0; BATCH];
		for path in files {
			let mut file = File::open(path).map_err(|error| Trouble::file(path, &error))?;
			loop {
				let count = file.read(&mut batch).map_err(|error| Trouble::file(path, &error))?;
				if count == 0 {
					break;
				}
				writer.write(batch.get(..count).unwrap_or_default())?;
			}
		}
		let (Contents { root, bytes }, bundle, outboard) = writer.finish()?;
		for file in [bundle, outboard] {
			file.sync_all().map_err(|error| Trouble::file(folder, &error))?;
		}
		Ok(Input::Bundle { root, length: bytes })
	}
}

fn length(file: &Path) -> Result<u32, Trouble> {
	let found = fs::metadata(file).map_err(|error| Trouble::file(file, &error))?.len();
	let length = u32::try_from(found).ok().filter(|length| *length <= MAX_INPUT_BYTES);
	length.ok_or_else(|| {
		Trouble::Usage(format!(
			"{} has {found} bytes, and an input {MAX_INPUT_BYTES} at most",
			file.display()
		))
	})
}

/// Program and inputs, served until this is dropped.
pub struct Served {
	serving: Serving,
}

impl Served {
	/// At this address: the program, and the bundle in the folder of a job, if its input is one.
	///
	/// # Errors
	/// If nothing can be served there, or the bundle is not there.
	pub fn new(listen: SocketAddr, program: &[u8], input: &Input, folder: &Path) -> Result<Self, Trouble> {
		let stock = Stock::default();
		let memory = |error: io::Error| Trouble::Other(error.to_string());
		stock.put(program.to_vec()).map_err(memory)?;
		if let Input::Bundle { root, .. } = input {
			let open = |name: &str| {
				let path = folder.join(name);
				File::open(&path).map_err(|error| Trouble::file(&path, &error))
			};
			let kept = Kept::new(open(BUNDLE)?, open(OUTBOARD)?);
			stock.insert(*root, Arc::new(kept.map_err(|error| Trouble::file(folder, &error))?));
		}
		let server = Server::bind(listen, "{\"version\":0,\"serves\":\"jobs\"}", stock);
		let serving = server.and_then(Server::serve).map_err(|error| {
			Trouble::Other(format!(
				"cannot serve at {listen}: {error}; name another address with --serve"
			))
		})?;
		Ok(Self { serving })
	}

	/// Where.
	pub fn address(&self) -> SocketAddr {
		self.serving.address()
	}

	/// Bytes that workers have fetched.
	pub fn sent(&self) -> u64 {
		self.serving.counts().sent
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn inputs_are_packed_in_the_order_of_their_names() {
		let place = tempfile::tempdir().unwrap();
		let (program, inputs) = (place.path().join("p.wasm"), place.path().join("in"));
		fs::write(&program, b"\0asm\x01\0\0\0").unwrap();
		fs::create_dir(&inputs).unwrap();
		for (name, bytes) in [("b", &b"two"[..]), ("a", b"one"), ("c", b"")] {
			fs::write(inputs.join(name), bytes).unwrap();
		}
		let each = Inputs::of_folder(&inputs).unwrap();
		let parcel = Parcel::new(&program, each.clone(), None).unwrap();
		assert_eq!(parcel.units, 3);
		assert_eq!(parcel.input(0).unwrap(), b"one");
		let packed = parcel.pack(place.path()).unwrap();
		let Input::Bundle { root, length } = packed else {
			panic!("{packed:?}");
		};
		let bundle = fs::read(place.path().join(BUNDLE)).unwrap();
		assert_eq!((blake3::hash(&bundle) == root, bundle.len() as u64), (true, length));
		assert!(bundle.ends_with(b"onetwo"));
		// It is served.
		let served = Served::new("127.0.0.1:0".parse().unwrap(), &parcel.program, &packed, place.path()).unwrap();
		let peer = smartchain_share::Peer::new([served.address().to_string()]);
		let halt = smartchain_share::Halt::default();
		for (root, wanted) in [(root, &bundle[..]), (parcel.named().root, &parcel.program[..])] {
			let came = smartchain_share::fetch(std::slice::from_ref(&peer), &root, 1 << 20, &halt).unwrap();
			assert!(came == wanted);
		}
		assert!(Parcel::new(&program, each, Some(4)).is_err());
		// Other bytes are other inputs, also if they are as many; so are the same in another order.
		let print = parcel.print().unwrap();
		assert_eq!(print, parcel.print().unwrap());
		fs::write(inputs.join("a"), b"six").unwrap();
		assert_ne!(print, parcel.print().unwrap());
		fs::write(inputs.join("a"), b"two").unwrap();
		fs::write(inputs.join("b"), b"one").unwrap();
		assert_ne!(print, parcel.print().unwrap());
		let [shared, none] = [Inputs::Shared(inputs.join("a")), Inputs::Number]
			.map(|inputs| Parcel::new(&program, inputs, Some(1)).unwrap().print().unwrap());
		assert_ne!(shared, none);
		assert!(Parcel::new(&program, Inputs::Number, None).is_err());
		assert_eq!(
			Parcel::new(&program, Inputs::Number, Some(2))
				.unwrap()
				.pack(place.path())
				.unwrap(),
			Input::Number
		);
	}
}
