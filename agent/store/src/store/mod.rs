//! A folder of plots.

mod create;
mod layout;
mod look;
mod round;

pub use create::{Created, Order, Progress};
pub use look::Looked;
pub use round::Find;

use crate::{
	container::{Cache, Container, Header, CACHE},
	error::{Damage, StoreError},
	plotter::Cancel,
};
use layout::Layout;
use proof_of_space_primitives::{group_id, Hash, Plot, META_GROUP};
use round::Lookers;
use std::{
	collections::{HashMap, HashSet},
	fs,
	os::unix::fs::MetadataExt,
	path::{Path, PathBuf},
	sync::{
		atomic::{AtomicBool, Ordering},
		Arc, Mutex, PoisonError, RwLock,
	},
	time::{Duration, Instant},
};

/// So long after the folder was read, files that could not be read are tried again: a bad sector takes its disk seconds
/// each time.
const AGAIN: Duration = Duration::from_secs(300);

/// Whose plots these are: ids of groups are made from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner {
	/// The chain, by the hash of its first block.
	pub genesis: Hash,
	/// The device, as the chain calls it.
	pub device: Hash,
}

impl Owner {
	/// One plot of this owner.
	pub fn plot(&self, k: u8, strength: u8, number: u32, index: u16) -> Plot {
		Plot {
			group: group_id(&self.genesis, &self.device, strength, k, number),
			index,
			meta: META_GROUP,
			k,
			strength,
		}
	}
}

/// Whether a container is of use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
	/// It is looked into.
	Sound,
	/// It is not, for it is damaged.
	Damaged(Damage),
	/// It is not, for it is of another chain or device.
	Foreign,
}

/// A container, as a list shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
	/// The name of its file, by which it is deleted.
	pub name: String,
	/// Bytes of the file when it was last read as a whole, or taken into use.
	pub bytes: u64,
	/// What it says of itself; if that cannot be read, kind, number and plots as its name says.
	pub header: Option<Header>,
	/// Whether it is of use.
	pub state: State,
}

/// What a verification found of one container.
#[derive(Debug)]
pub struct Verdict {
	/// The name of its file.
	pub name: String,
	/// How many fragments it has, or why it cannot be used.
	pub result: Result<u64, StoreError>,
}

/// By what a file or folder is known to be as it was: its number, and when it was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp(u64, i64, i64);

impl Stamp {
	fn of(path: &Path) -> Option<Self> {
		let found = fs::metadata(path).ok()?;
		Some(Self(found.ino(), found.mtime(), found.mtime_nsec()))
	}
}

/// How the folder of containers was when it was read.
#[derive(Debug, Default)]
struct Seen {
	stamp: Option<Stamp>,
	/// Whether it was read again after that.
	twice: bool,
	/// When it was read last.
	at: Option<Instant>,
}

#[derive(Clone, Debug)]
struct Kept {
	path: PathBuf,
	/// Bytes of the file when it was read.
	bytes: u64,
	container: Option<Arc<Container>>,
	/// What its name says, if nothing else does.
	named: Option<Box<Header>>,
	/// How the file was before it was read.
	stamp: Option<Stamp>,
	state: State,
}

/// An open store. It may be looked into while it plots.
#[derive(Debug)]
pub struct Store {
	owner: Owner,
	layout: Layout,
	kept: RwLock<Vec<Kept>>,
	seen: Mutex<Seen>,
	/// Whether something was not there: the folder is read again, changed or not.
	stale: AtomicBool,
	cache: Arc<Cache>,
	lookers: Arc<Lookers>,
	/// Held by the one that plots.
	plotting: Mutex<()>,
}

impl Store {
	/// Opens a folder for the one process that looks into it, and makes it if its parent is there. No other can open it
	/// so meanwhile; another may make plots, see [`Self::refresh`].
	///
	/// # Errors
	/// `InUse` if another looks; `NoStore`; `NoParent`; those of the operating system.
	pub fn open(folder: &Path, owner: Owner) -> Result<Self, StoreError> {
		let store = Self::of(Layout::open(folder)?, owner)?;
		let making = store.layout.making();
		match making {
			Ok(_alone) => {
				// The list is older than the lock: what is a part by it may be all that is left.
				store.rescan()?;
				store.drop_parts()?;
			}
			// Who makes does it.
			Err(StoreError::Making(_)) => (),
			Err(other) => return Err(other),
		}
		Ok(store)
	}

	/// Takes a folder to make plots, or makes it if its parent is there, whether another process looks into it or not.
	///
	/// # Errors
	/// `NoStore`; `NoParent`; those of the operating system.
	pub fn make(folder: &Path, owner: Owner) -> Result<Self, StoreError> {
		Self::of(Layout::make(folder)?, owner)
	}

	/// Takes a folder as it is, to list, verify or delete: makes, removes and locks nothing by itself.
	///
	/// # Errors
	/// `Nowhere` if it is no store; those of the operating system.
	pub fn read(folder: &Path, owner: Owner) -> Result<Self, StoreError> {
		Self::of(Layout::read(folder)?, owner)
	}

	/// Whether a store was ever made in a folder, if only by a newer program. It makes, removes and locks nothing.
	pub fn is_there(folder: &Path) -> bool {
		layout::is_marked(folder)
	}

	fn of(layout: Layout, owner: Owner) -> Result<Self, StoreError> {
		let store = Self {
			owner,
			layout,
			kept: RwLock::default(),
			seen: Mutex::default(),
			stale: AtomicBool::default(),
			cache: Arc::new(Cache::new(CACHE)),
			lookers: Arc::default(),
			plotting: Mutex::default(),
		};
		store.refresh()?;
		Ok(store)
	}

	/// Takes into account what other processes made and deleted: `true` if anything may have changed. If nothing was
	/// renamed in the folder since, it asks the disk for one file's times.
	///
	/// # Errors
	/// Those of the operating system.
	pub fn refresh(&self) -> Result<bool, StoreError> {
		let now = Stamp::of(&self.layout.plots);
		let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
		let same = now.is_some() && seen.stamp == now;
		let stale = self.stale.swap(false, Ordering::Relaxed);
		let again = seen.at.is_none_or(|at| at.elapsed() >= AGAIN) && self.has_unreadable();
		if same && seen.twice && !stale && !again {
			return Ok(false);
		}
		if let Err(error) = self.rescan() {
			self.stale.store(true, Ordering::Relaxed);
			return Err(error);
		}
		// Times are coarse: what changes in the same moment is seen by a second reading.
		*seen = Seen {
			stamp: now,
			twice: same,
			at: Some(Instant::now()),
		};
		Ok(true)
	}

	/// Whether files are there that could not be read: they may be by now, and nothing in the folder shows it.
	fn has_unreadable(&self) -> bool {
		let all = self.kept.read().unwrap_or_else(PoisonError::into_inner);
		all.iter().any(|kept| kept.state == State::Damaged(Damage::Unreadable))
	}

	/// Reads the folder, and each file that is another than before.
	fn rescan(&self) -> Result<(), StoreError> {
		let paths = self.layout.containers()?;
		let known = self.kept();
		let mut all = Vec::with_capacity(paths.len());
		for path in paths {
			// Both are in the order of their paths.
			let at = known.binary_search_by(|kept| kept.path.cmp(&path));
			let before = at.ok().and_then(|at| known.get(at));
			let readable = before.filter(|kept| kept.state != State::Damaged(Damage::Unreadable));
			let same = readable.filter(|kept| kept.stamp.is_some() && kept.stamp == Stamp::of(&path));
			all.push(match same {
				Some(kept) => kept.clone(),
				// Gone since the folder was read.
				None if fs::symlink_metadata(&path).is_err() => continue,
				None => Kept::read(path, &self.owner),
			});
		}
		let number = |kept: &Kept| kept.container.as_ref().map(|container| container.number());
		let stay: HashSet<u64> = all.iter().filter_map(number).collect();
		let gone = known.iter().filter_map(|kept| kept.container.as_ref());
		gone.filter(|container| !stay.contains(&container.number()))
			.for_each(|container| container.forget(&self.cache));
		self.change(|kept| *kept = all);
		Ok(())
	}

	/// Whether a process makes, verifies or deletes plots at the moment.
	pub fn is_making(&self) -> bool {
		self.layout.is_making()
	}

	/// Whose it is.
	pub fn owner(&self) -> &Owner {
		&self.owner
	}

	/// Where it lies.
	pub fn folder(&self) -> &Path {
		&self.layout.folder
	}

	/// All containers, by name. It asks no disk.
	pub fn list(&self) -> Vec<Listed> {
		self.kept().iter().map(Kept::listed).collect()
	}

	/// Reads the named containers, or all of them, as a whole. What is damaged is set aside as `NAME.damaged`, so that
	/// no process looks into it or counts it, and an order makes it anew. What a newer program made, or cannot be read,
	/// stays. `tell` gets the name and thousandths.
	pub fn verify(
		&self,
		names: Option<&[String]>,
		cancel: &Cancel,
		mut tell: impl FnMut(&str, u16),
	) -> Result<Vec<Verdict>, StoreError> {
		let _alone = self.layout.making()?;
		self.rescan()?;
		let mut verdicts = Vec::new();
		for kept in self.named(names)? {
			let name = kept.name();
			// The header too: it may have been read long ago.
			let read = match kept.state {
				State::Foreign => continue,
				_ => Container::open(&kept.path),
			};
			let result = read.and_then(|container| {
				let pages = container.header.pages();
				container.verify(|page| {
					tell(&name, ((page + 1) * 1000 / pages) as u16);
					cancel.check()
				})
			});
			match &result {
				Err(StoreError::Cancelled) => return Err(StoreError::Cancelled),
				Err(StoreError::Damaged { damage, .. }) => self.condemn(kept, *damage)?,
				Ok(_) if kept.state != State::Sound => self.keep(Kept::read(kept.path, &self.owner)),
				_ => (),
			}
			verdicts.push(Verdict { name, result });
		}
		Ok(verdicts)
	}

	/// Takes a damaged container out of use for good: the next process reads headers alone, and would find it sound.
	fn condemn(&self, kept: Kept, damage: Damage) -> Result<(), StoreError> {
		let state = State::Damaged(damage);
		self.set_state(&kept.path, state);
		let kept = Kept { state, ..kept };
		if kept.may_go() {
			self.layout.set_aside(&kept.path)?;
			self.forget(&kept.path);
		}
		Ok(())
	}

	/// Removes the named containers for good, and says how many bytes that frees.
	pub fn delete(&self, names: &[String]) -> Result<u64, StoreError> {
		let _alone = self.layout.making()?;
		self.rescan()?;
		let mut freed = 0;
		for kept in self.named(Some(names))? {
			let bytes = kept.listed().bytes;
			self.layout.remove(&kept.path)?;
			self.forget(&kept.path);
			freed += bytes;
		}
		Ok(freed)
	}

	/// Bytes of memory that the decoded indices take at the moment; they have a bound.
	pub fn cached(&self) -> usize {
		self.cache.weight()
	}

	/// Bytes of memory that the list of containers takes: headers, names and places, some 450 for each.
	pub fn list_bytes(&self) -> usize {
		let all = self.kept.read().unwrap_or_else(PoisonError::into_inner);
		let of_container = |container: &Arc<Container>| size_of::<Container>() + container.path.capacity();
		let rest = all
			.iter()
			.map(|kept| kept.path.capacity() + kept.container.as_ref().map_or(0, of_container));
		all.capacity() * size_of::<Kept>() + rest.sum::<usize>()
	}

	/// How many threads look at the moment, those included that a disk holds up and nobody waits for.
	pub fn looking(&self) -> usize {
		self.lookers.count()
	}

	fn named(&self, names: Option<&[String]>) -> Result<Vec<Kept>, StoreError> {
		let kept = self.kept();
		let Some(names) = names else {
			return Ok(kept);
		};
		let all: HashMap<String, Kept> = kept.into_iter().map(|kept| (kept.name(), kept)).collect();
		let find = |name: &String| all.get(name).cloned();
		let found = names
			.iter()
			.map(|name| find(name).ok_or_else(|| StoreError::Unknown(name.clone())));
		found.collect()
	}

	fn kept(&self) -> Vec<Kept> {
		self.kept.read().unwrap_or_else(PoisonError::into_inner).clone()
	}

	/// Whether this very container is in the list.
	fn has(&self, container: &Container) -> bool {
		let all = self.kept.read().unwrap_or_else(PoisonError::into_inner);
		let mut known = all.iter().filter_map(|kept| kept.container.as_ref());
		known.any(|known| known.number() == container.number())
	}

	fn change(&self, change: impl FnOnce(&mut Vec<Kept>)) {
		change(&mut self.kept.write().unwrap_or_else(PoisonError::into_inner));
	}

	fn set_state(&self, path: &Path, state: State) {
		self.change(|all| {
			all.iter_mut()
				.filter(|kept| kept.path == path)
				.for_each(|kept| kept.state = state)
		});
	}

	fn forget(&self, path: &Path) {
		self.change(|all| {
			let gone = all
				.iter()
				.filter(|kept| kept.path == path)
				.filter_map(|kept| kept.container.as_ref());
			gone.for_each(|container| container.forget(&self.cache));
			all.retain(|kept| kept.path != path);
		});
	}

	/// Takes a container into use. A damaged one of that name is set aside; any other is somebody's plot.
	fn adopt(&self, made: &Path, header: &Header) -> Result<(), StoreError> {
		let path = self.layout.place(header);
		if fs::symlink_metadata(&path).is_ok() {
			let now = Kept::read(path.clone(), &self.owner);
			// That a page is damaged only a whole reading shows.
			let known = self.kept().into_iter().find(|kept| kept.path == path);
			let was_verified = now.state == State::Sound && known.is_some_and(|known| known.may_go());
			if !now.may_go() && !was_verified {
				return Err(self.in_the_way(1));
			}
			self.layout.set_aside(&path)?;
		}
		self.layout.adopt(made, &path)?;
		self.keep(Kept::read(path, &self.owner));
		Ok(())
	}

	fn in_the_way(&self, count: usize) -> StoreError {
		let folder = self.layout.folder.clone();
		StoreError::InTheWay { count, folder }
	}

	/// In place of one of the same name, if there was one.
	fn keep(&self, kept: Kept) {
		self.forget(&kept.path);
		self.change(|all| {
			let place = all.partition_point(|other| other.path < kept.path);
			all.insert(place, kept);
		});
	}

	/// The sound containers.
	fn sound(&self) -> Vec<Arc<Container>> {
		let all = self.kept.read().unwrap_or_else(PoisonError::into_inner);
		let sound = all.iter().filter(|kept| kept.state == State::Sound);
		sound.filter_map(|kept| kept.container.clone()).collect()
	}

	/// Removes containers whose plots are all in a larger one: a process was killed between the two.
	fn drop_parts(&self) -> Result<(), StoreError> {
		let sound = self.sound();
		let mut groups: HashMap<Hash, Vec<&Arc<Container>>> = HashMap::new();
		for container in &sound {
			groups.entry(container.header.group).or_default().push(container);
		}
		let is_part = |part: &&Arc<Container>| {
			let whole = |other: &&Arc<Container>| {
				other.header.plots > part.header.plots
					&& range(&other.header).start <= range(&part.header).start
					&& range(&part.header).end <= range(&other.header).end
			};
			groups
				.get(&part.header.group)
				.is_some_and(|group| group.iter().any(whole))
		};
		for part in sound.iter().filter(is_part) {
			self.layout.remove(&part.path)?;
			self.forget(&part.path);
		}
		Ok(())
	}
}

/// The indices of a container's plots.
fn range(header: &Header) -> std::ops::Range<u32> {
	let first = u32::from(header.first);
	first..first + u32::from(header.plots)
}

impl Kept {
	fn read(path: PathBuf, owner: &Owner) -> Self {
		let stamp = Stamp::of(&path);
		let (container, state) = match Container::open(&path) {
			Ok(container) => {
				let header = &container.header;
				let own = owner.plot(header.k, header.strength, header.number, header.first);
				let is_own = own == header.plot(0);
				(
					Some(Arc::new(container)),
					if is_own { State::Sound } else { State::Foreign },
				)
			}
			Err(StoreError::Damaged { damage, .. }) => (None, State::Damaged(damage)),
			// One that cannot be read must not keep the others from use.
			Err(_) => (None, State::Damaged(Damage::Unreadable)),
		};
		let bytes = fs::metadata(&path).map_or(0, |found| found.len());
		let named = match container {
			Some(_) => None,
			None => layout::named(&path, owner).map(Box::new),
		};
		Self {
			path,
			bytes,
			container,
			named,
			stamp,
			state,
		}
	}

	fn name(&self) -> String {
		self.path.file_name().unwrap_or_default().to_string_lossy().into_owned()
	}

	fn listed(&self) -> Listed {
		Listed {
			name: self.name(),
			bytes: self.bytes,
			header: self.header(),
			state: self.state,
		}
	}

	fn header(&self) -> Option<Header> {
		self.container
			.as_ref()
			.map(|container| container.header)
			.or(self.named.as_deref().copied())
	}

	/// Whether another may take its place: not if it is somebody's, or of a newer program, or nobody knows.
	fn may_go(&self) -> bool {
		match self.state {
			State::Damaged(damage) => !matches!(damage, Damage::Version(_) | Damage::Unreadable),
			State::Sound | State::Foreign => false,
		}
	}
}
