//! Keys, a chain, slots on disk, a till, and servers of these on free ports.

use device_primitives::{DeviceId, DeviceKey, DeviceSignature, P256Pair};
use smartchain_transfer::{
	client::{Free, Holder, Identity, Patience, Payer, Remote, Signer},
	server::{Balance, Counter, Device, Grant, Held, Limits, Owed, Reading, Receiving, Rights, Server, Shelf, Till},
	wire::{values, Caller, Deed, Fault, SlotId, Voucher},
};
use std::{
	collections::BTreeMap,
	fs::{File, OpenOptions},
	io::{self, ErrorKind, IoSliceMut},
	net::SocketAddr,
	os::unix::fs::FileExt,
	sync::{
		atomic::{AtomicU32, Ordering},
		Arc, Mutex,
	},
	time::Duration,
};
use storage_proof_primitives::{Hash, Streamed, Tick};
use tokio::runtime::Runtime;

pub const GENESIS: Hash = [9; 32];
pub const KIB: usize = 1_024;
/// The era of the probes of all tests.
pub const ERA: u32 = 12;

/// A slot of the deal of all tests.
pub fn slot(slot: u8) -> SlotId {
	SlotId { deal: 17, slot }
}

/// Bytes that look like chance, the same for a seed.
pub fn bytes(seed: u64, length: usize) -> Vec<u8> {
	smartchain_rng::Rng::new(seed).bytes(length)
}

/// A key of P-256.
pub struct Key(P256Pair);

pub fn key(seed: u8) -> Arc<Key> {
	Arc::new(Key(P256Pair::from_seed(&[seed; 32]).expect("a seed that is a secret")))
}

impl Signer for Key {
	fn key(&self) -> DeviceKey {
		DeviceKey::P256(self.0.public())
	}

	fn sign(&self, payload: &[u8]) -> Option<DeviceSignature> {
		Some(DeviceSignature::P256(self.0.sign(payload)))
	}
}

impl Key {
	pub fn id(&self) -> DeviceId {
		self.key().device_id()
	}
}

/// What serves.
pub struct Served(pub Arc<Key>);

impl Device for Served {
	fn id(&self) -> DeviceId {
		self.0.id()
	}

	fn sign(&self, payload: &[u8]) -> Option<DeviceSignature> {
		Signer::sign(&*self.0, payload)
	}
}

/// Who may what, and the tick.
#[derive(Clone, Default)]
pub struct Chain {
	grants: Arc<Mutex<BTreeMap<DeviceKey, Grant>>>,
	pub tick: Arc<AtomicU32>,
}

impl Chain {
	pub fn grant(&self, to: &Key, length: usize, price: Balance) {
		self.grant_as(to, length, price, Some(ERA));
	}

	/// To one that does not probe.
	pub fn grant_reader(&self, to: &Key, length: usize) {
		self.grant_as(to, length, 0, None);
	}

	fn grant_as(&self, to: &Key, length: usize, price: Balance, probes: Option<u32>) {
		let grant = Grant {
			length: length as u64,
			price,
			probes,
		};
		self.grants.lock().unwrap().insert(to.key(), grant);
	}
}

impl Rights for Chain {
	fn tick(&self) -> Tick {
		self.tick.load(Ordering::Relaxed)
	}

	async fn may(&self, caller: &Caller, _: SlotId, _: Deed) -> Result<Grant, Fault> {
		let grant = self.grants.lock().unwrap().get(&caller.key).copied();
		grant.ok_or_else(Fault::not_yours)
	}
}

/// Slots as files. What is not synced is lost when it is asked to lose it.
#[derive(Clone)]
pub struct Disk(Arc<Inner>);

struct Inner {
	folder: tempfile::TempDir,
	slots: Mutex<BTreeMap<SlotId, Kept>>,
}

#[derive(Clone, Default)]
struct Kept {
	held: Held,
	outboard: Arc<Vec<u8>>,
}

impl Disk {
	pub fn new() -> Self {
		Self(Arc::new(Inner {
			folder: tempfile::tempdir().unwrap(),
			slots: Mutex::default(),
		}))
	}

	/// Puts a whole slot there.
	pub fn put(&self, slot: SlotId, bytes: &[u8]) -> Hash {
		let mut upload = self.receive(slot, bytes.len() as u64).unwrap();
		let mut found = Vec::new();
		values(0, bytes, &mut found);
		upload.write(0, bytes, &found).unwrap();
		upload.keep(bytes.len() as u64).unwrap();
		upload.sync().unwrap().root.unwrap()
	}

	/// The power fails: what is not durable is gone.
	pub fn lose(&self) {
		for kept in self.0.slots.lock().unwrap().values_mut() {
			kept.held.written = kept.held.durable;
		}
	}

	/// Changes a byte of a slot, behind its holder's back.
	pub fn rot(&self, slot: SlotId, at: u64) {
		let file = self.0.file(slot).unwrap();
		let mut byte = [0];
		file.read_exact_at(&mut byte, at).unwrap();
		file.write_all_at(&[byte[0] ^ 1], at).unwrap();
	}

	/// Cuts a slot's file.
	pub fn cut(&self, slot: SlotId, length: u64) {
		self.0.file(slot).unwrap().set_len(length).unwrap();
	}
}

impl Inner {
	fn file(&self, slot: SlotId) -> io::Result<File> {
		let path = self.folder.path().join(format!("{}-{}", slot.deal, slot.slot));
		OpenOptions::new()
			.read(true)
			.write(true)
			.create(true)
			.truncate(false)
			.open(path)
	}
}

impl Shelf for Disk {
	fn held(&self, slot: SlotId) -> io::Result<Option<Held>> {
		Ok(self.0.slots.lock().unwrap().get(&slot).map(|kept| kept.held))
	}

	fn open(&self, slot: SlotId) -> io::Result<Option<Arc<dyn Reading>>> {
		let kept = self.0.slots.lock().unwrap().get(&slot).cloned();
		let Some(kept) = kept.filter(|kept| kept.held.root.is_some()) else {
			return Ok(None);
		};
		Ok(Some(Arc::new(Opened {
			length: kept.held.length,
			file: self.0.file(slot)?,
			outboard: kept.outboard,
		})))
	}

	fn receive(&self, slot: SlotId, length: u64) -> io::Result<Box<dyn Receiving>> {
		let mut slots = self.0.slots.lock().unwrap();
		let kept = slots.entry(slot).or_insert_with(|| Kept {
			held: Held {
				length,
				..Held::default()
			},
			..Kept::default()
		});
		if kept.held.root.is_some() || kept.held.length != length {
			return Err(ErrorKind::AlreadyExists.into());
		}
		Ok(Box::new(Upload {
			disk: self.clone(),
			slot,
			file: self.0.file(slot)?,
			held: kept.held,
		}))
	}
}

struct Opened {
	length: u64,
	file: File,
	outboard: Arc<Vec<u8>>,
}

impl Reading for Opened {
	fn length(&self) -> u64 {
		self.length
	}

	fn data(&self, mut offset: u64, parts: &mut [IoSliceMut<'_>]) -> io::Result<()> {
		for part in parts {
			self.file.read_exact_at(part, offset)?;
			offset += part.len() as u64;
		}
		Ok(())
	}

	fn outboard(&self, offset: u64, into: &mut [u8]) -> io::Result<()> {
		let from = offset as usize;
		let found = self.outboard.get(from..from + into.len());
		into.copy_from_slice(found.ok_or(ErrorKind::UnexpectedEof)?);
		Ok(())
	}
}

struct Upload {
	disk: Disk,
	slot: SlotId,
	file: File,
	held: Held,
}

impl Upload {
	fn store(&self, outboard: Vec<u8>) {
		let kept = Kept {
			held: self.held,
			outboard: Arc::new(outboard),
		};
		self.disk.0.slots.lock().unwrap().insert(self.slot, kept);
	}
}

impl Receiving for Upload {
	fn held(&self) -> Held {
		self.held
	}

	fn write(&mut self, offset: u64, bytes: &[u8], given: &[Hash]) -> io::Result<()> {
		let mut found = Vec::new();
		values(offset, bytes, &mut found);
		assert_eq!(found, given, "values of groups");
		self.file.write_all_at(bytes, offset)
	}

	fn keep(&mut self, end: u64) -> io::Result<()> {
		self.held.written = end;
		self.held.durable = self.held.durable.min(end);
		self.store(Vec::new());
		Ok(())
	}

	fn sync(&mut self) -> io::Result<Held> {
		self.held.durable = self.held.written;
		let mut outboard = Vec::new();
		if self.held.durable == self.held.length {
			let mut all = vec![0; self.held.length as usize];
			self.file.read_exact_at(&mut all, 0)?;
			let mut streamed = Streamed::new(self.held.length, &[]).unwrap();
			streamed.push(&all, &mut outboard).unwrap();
			let (contents, _) = streamed.finish(&mut outboard).unwrap();
			self.held.root = Some(contents.root);
		}
		self.store(outboard);
		Ok(self.held)
	}
}

/// A till that takes whatever has this proof.
pub const GOOD: &[u8] = b"good";

#[derive(Clone, Default)]
pub struct Cash(Arc<Mutex<BTreeMap<(DeviceKey, SlotId), Owed>>>);

impl Cash {
	pub fn of(&self, key: &Key, slot: SlotId) -> Owed {
		self.0
			.lock()
			.unwrap()
			.get(&(key.key(), slot))
			.copied()
			.unwrap_or_default()
	}

	pub fn set(&self, key: &Key, slot: SlotId, owed: Owed) {
		self.0.lock().unwrap().insert((key.key(), slot), owed);
	}
}

impl Till for Cash {
	async fn show(&self, caller: &Caller, slot: SlotId, voucher: &Voucher) -> Result<Balance, Fault> {
		if voucher.proof != GOOD {
			return Err(Fault::bad_voucher("it proves nothing"));
		}
		let mut all = self.0.lock().unwrap();
		let owed = all.entry((caller.key, slot)).or_default();
		owed.promised = owed.promised.max(voucher.total);
		Ok(owed.promised)
	}

	fn owed(&self, caller: &Caller, slot: SlotId) -> Owed {
		self.0
			.lock()
			.unwrap()
			.get(&(caller.key, slot))
			.copied()
			.unwrap_or_default()
	}

	fn charge(&self, caller: &Caller, slot: SlotId, planck: Balance) {
		self.0.lock().unwrap().entry((caller.key, slot)).or_default().total += planck;
	}
}

/// A server, which ends when this is dropped.
pub struct Host {
	pub device: Arc<Key>,
	pub address: SocketAddr,
	pub chain: Chain,
	pub disk: Disk,
	pub cash: Cash,
	pub counter: Counter,
	_runtime: Runtime,
}

impl Host {
	pub fn start(seed: u8) -> Self {
		Self::with(seed, Limits::default())
	}

	pub fn with(seed: u8, limits: Limits) -> Self {
		let runtime = tokio::runtime::Builder::new_multi_thread()
			.worker_threads(2)
			.enable_all()
			.build()
			.unwrap();
		let (device, chain, disk, cash) = (key(seed), Chain::default(), Disk::new(), Cash::default());
		let address = "127.0.0.1:0".parse().unwrap();
		let served = Served(device.clone());
		let server = Server::bind(
			address,
			limits,
			GENESIS,
			served,
			chain.clone(),
			disk.clone(),
			cash.clone(),
		);
		let server = runtime.block_on(server).unwrap();
		let (address, counter) = (server.address(), server.counter());
		runtime.spawn(server.serve());
		Self {
			device,
			address,
			chain,
			disk,
			cash,
			counter,
			_runtime: runtime,
		}
	}

	/// One of its slots, as whoever reads or writes it knows it.
	pub fn holder(&self, number: u8, length: usize, root: Option<Hash>) -> Holder {
		Holder {
			device: self.device.id(),
			addresses: vec![self.address.to_string()],
			slot: slot(number),
			length: length as u64,
			root,
			price: 0,
		}
	}

	/// A reader of a whole slot, which is put there, with a key that may.
	pub fn reader(&self, number: u8, bytes: &[u8], who: &Arc<Key>) -> Remote {
		let root = self.disk.put(slot(number), bytes);
		self.chain.grant(who, bytes.len(), 0);
		Remote::new(identity(who), self.holder(number, bytes.len(), Some(root)))
	}
}

/// Waits less than people would, so that tests end soon.
pub fn patience() -> Patience {
	Patience {
		connect: Duration::from_secs(2),
		answer: Duration::from_secs(5),
		tries: 2,
		pause: Duration::from_millis(10),
		..Patience::default()
	}
}

pub fn identity(who: &Arc<Key>) -> Arc<Identity> {
	paying(who, Arc::new(Free), patience())
}

pub fn paying(who: &Arc<Key>, payer: Arc<dyn Payer>, patience: Patience) -> Arc<Identity> {
	Arc::new(Identity {
		genesis: GENESIS,
		signer: who.clone(),
		payer,
		patience,
	})
}
