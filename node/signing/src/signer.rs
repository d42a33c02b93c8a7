//! The one place that signs: nothing is signed before what covers it is durable.

use crate::safety::{last_authored, Damage, Far, Opened, Record, SafetyError, SafetyFile};
use bft_finality_primitives::{BlockRef, SetId, SignedVote, Vote, VoterId, VoterIndex, VoterSet, VoterSignature};
use codec::Encode;
use parking_lot::Mutex;
use poca_primitives::{AuthorityId, Slot, SlotDuration};
use smartchain_chain::{clock, clock_guard::Clock, Chain, Metrics, LOG_TARGET};
use sp_application_crypto::ByteArray;
use sp_core::H256;
use sp_keystore::KeystorePtr;
use std::{
	fs,
	path::{Path, PathBuf},
	sync::Arc,
	time::{Duration, Instant},
};

/// Why nothing is signed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Silence {
	/// There is nothing to sign with.
	#[error(
		"this node holds no voting key (key type `pbft`); insert one with `smartchain key insert`, or leave \
		 out --validator"
	)]
	NoKey,
	/// The safety file proves nothing.
	#[error("the safety file {path} cannot be relied on: {damage}. {}", sentence(damage.remedy()))]
	Damaged {
		/// The file.
		path: String,
		/// What is wrong with it.
		damage: Damage,
	},
	/// The file cannot be had or written.
	#[error("{0}")]
	File(String),
	/// The keystore does not sign.
	#[error("the keystore does not sign with the key {0}; check the keystore's folder")]
	Keystore(VoterId),
	/// Someone else signs with this key.
	#[error(
		"another machine signs with this node's key (seen: {0}); stop one of the two, wait a minute, and start \
			 this one again"
	)]
	SignedElsewhere(String),
	/// The slot has been signed for.
	#[error(
		"slot {slot} is not above slot {last}, up to which this node has authored, or may have (a new safety file \
		 begins some slots above the clock's)"
	)]
	SlotUsed {
		/// The slot asked for.
		slot: Slot,
		/// The last one that was used, or may have been: of a new safety file the one that it begins with.
		last: Slot,
	},
}

/// How far above the clock's slot a new safety file starts: clocks differ.
pub const NEW_FILE_MARGIN_SLOTS: u64 = 4;

/// How often the keystore is looked through for new keys.
const NEW_KEYS_INTERVAL: Duration = Duration::from_secs(1);

/// Keeps what a voter says of its clock apart from its votes.
const CLOCK_DOMAIN: &[u8; 22] = b"SmartChain BFT time v1";

/// The bytes that a voter signs to say that its clock is in this slot.
pub fn clock_payload(genesis: &H256, set_id: SetId, slot: u64) -> Vec<u8> {
	(CLOCK_DOMAIN, genesis, set_id, slot).encode()
}

struct State {
	key: Option<VoterId>,
	file: Option<SafetyFile>,
	record: Record,
	/// What this key may have signed before is known to be nothing, or is risked: an operator said so.
	waived: bool,
	silence: Option<Silence>,
}

/// Signs votes and authorizes blocks with the voting key of this node.
pub struct Signer {
	keystore: KeystorePtr,
	genesis: H256,
	state: Mutex<State>,
	folder: PathBuf,
	metrics: Metrics,
}

/// What became of the safety file of a key that does not vote yet.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Prepared {
	/// It is there.
	#[error("There is a safety file for the new key {0} from now on")]
	Made(VoterId),
	/// There was one.
	#[error(
		"The new key {key} will not sign when it is to vote, for its safety file {path} cannot be relied on: {damage}. \
		 {} (--reset-voter-state is for the key that votes: it helps once this one does)",
		sentence(damage.remedy())
	)]
	Damaged {
		/// The key.
		key: VoterId,
		/// Its file.
		path: String,
		/// What is wrong with it.
		damage: Damage,
	},
	/// It cannot be made; it is tried again.
	#[error("No safety file for the new key {key} yet: {error}")]
	Failed {
		/// The key.
		key: VoterId,
		/// Cause and remedy.
		error: String,
	},
}

impl Prepared {
	fn tell(&self) {
		match self {
			Self::Made(_) => log::info!(target: LOG_TARGET, "{self}"),
			Self::Damaged { .. } | Self::Failed { .. } => log::warn!(target: LOG_TARGET, "{self}"),
		}
	}
}

/// With a capital.
fn sentence(words: &str) -> String {
	let mut characters = words.chars();
	let first = characters.next().map(|first| first.to_uppercase().to_string());
	first.unwrap_or_default() + characters.as_str()
}

/// What an operator says of what a key has signed before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Past {
	/// The safety file says it. If there is none, nothing is signed until whatever was signed lies below what is final.
	#[default]
	InFile,
	/// A missing, damaged or sound file is replaced by a new one, and it goes on as if there had been none.
	Forgotten,
	/// As [`Past::Forgotten`], and votes are signed at once. Votes of before may be contradicted.
	Risked,
	/// A key without a file has signed nothing on this chain: votes are signed at once. A file that is there counts.
	NeverSigned,
}

impl Past {
	/// Whether what the files say is put aside.
	fn resets(self) -> bool {
		matches!(self, Self::Forgotten | Self::Risked)
	}
}

/// What a [`Signer`] is opened with.
pub struct SignerParams<'a> {
	/// The keys.
	pub keystore: KeystorePtr,
	/// The chain's genesis.
	pub genesis: H256,
	/// The voter set in force.
	pub set: &'a VoterSet,
	/// The folder of the safety file; it is created where it is missing.
	pub folder: &'a Path,
	/// What the operator says of what this key has signed.
	pub past: Past,
	/// The block that a new file starts from.
	pub start: BlockRef,
	/// A slot that nothing signed before can lie above: the clock's, and some.
	pub horizon: Slot,
	/// Where fsync times go.
	pub metrics: Metrics,
}

impl Signer {
	/// Opens the safety file of this node's voting key. A node without one gets a signer that signs nothing and says
	/// why.
	pub fn open(params: SignerParams<'_>) -> Arc<Self> {
		let SignerParams {
			keystore,
			genesis,
			set,
			folder,
			past,
			start,
			horizon,
			metrics,
		} = params;
		let mut state = State {
			key: voting_key(&keystore, set),
			file: None,
			record: fresh(set, start),
			waived: false,
			silence: None,
		};
		match state.key.clone() {
			None => {
				state.remember_authored(folder, genesis, None, horizon);
				state.silence = Some(Silence::NoKey);
			}
			Some(key) => {
				let opening = Opening {
					folder,
					genesis,
					key: &key,
					past,
					horizon,
				};
				if let Err(silence) = open_file(&mut state, opening) {
					state.silence = Some(silence);
				}
			}
		}
		state.begin(set, start);
		Arc::new(Self {
			keystore,
			genesis,
			state: Mutex::new(state),
			folder: folder.into(),
			metrics,
		})
	}

	/// From here on this set votes, above its start. Where another key of this node is in it than in the last one, that
	/// one signs, with a safety file of its own.
	pub fn enter(&self, set: &VoterSet, start: BlockRef, horizon: Slot) {
		let mut state = self.state.lock();
		let key = voting_key(&self.keystore, set);
		// What has silenced this node but for a lack of keys is nothing that another key would mend.
		let free = matches!(state.silence, None | Some(Silence::NoKey));
		if let Some(key) = key.filter(|key| free && state.key.as_ref() != Some(key)) {
			log::info!(target: LOG_TARGET, "This node votes with the key {key} from voter set {} on", set.set_id);
			let before = std::mem::replace(
				&mut *state,
				State {
					key: Some(key.clone()),
					file: None,
					record: fresh(set, start),
					waived: false,
					silence: None,
				},
			);
			let opening = Opening {
				folder: &self.folder,
				genesis: self.genesis,
				key: &key,
				past: Past::InFile,
				horizon,
			};
			if let Err(silence) = open_file(&mut state, opening) {
				log::error!(target: LOG_TARGET, "This node stops voting and authoring: {silence}");
				state.silence = Some(silence);
			}
			// The authoring key goes on, whichever key votes.
			state.authored_up_to(before.record.last_authored_slot);
		}
		state.begin(set, start);
	}

	/// Makes a safety file for each voting key that came into the keystore since: the sooner it is there, the sooner
	/// all that such a key may have signed elsewhere lies below what is final, and it may vote from its first set on.
	/// What became of those that have none.
	pub(crate) fn prepare_new_keys(&self, start: BlockRef, horizon: Slot) -> Vec<Prepared> {
		let keys = self
			.keystore
			.ed25519_public_keys(bft_finality_primitives::KEY_TYPE)
			.into_iter()
			.map(VoterId::from);
		let mut prepared = Vec::new();
		for key in keys {
			let path = self.folder.join(SafetyFile::file_name(&key));
			// Held while the file is open: a set that is entered meanwhile wants the same file.
			let state = self.state.lock();
			if state.key.as_ref() == Some(&key) || path.exists() {
				continue;
			}
			// The set is not known yet: one that is entered is above.
			let mut record = fresh(&VoterSet::default(), start);
			forget(&mut record, horizon);
			let failed = |error: String| Prepared::Failed {
				key: key.clone(),
				error,
			};
			if let Err(error) = fs::create_dir_all(&self.folder) {
				prepared.push(failed(error.to_string()));
				continue;
			}
			prepared.push(match SafetyFile::open(path, self.genesis, key.clone()) {
				Ok(Opened::Fresh(mut file)) => match file.record(&record) {
					Ok(()) => Prepared::Made(key),
					Err(error) => failed(error.to_string()),
				},
				Ok(Opened::Damaged(damaged)) => Prepared::Damaged {
					key,
					path: damaged.path().display().to_string(),
					damage: damaged.damage().clone(),
				},
				// It has come this moment.
				Ok(Opened::Valid { .. }) => continue,
				Err(error) => failed(error.to_string()),
			});
		}
		prepared
	}

	/// Up to which slot this key may have signed votes that nobody remembers here; none if all is remembered. No vote
	/// is right until a block of a later slot is final: then whatever was signed lies below it and cannot matter.
	pub fn forgotten_until(&self) -> Option<Slot> {
		let state = self.state.lock();
		(state.file.is_some() && !state.waived)
			.then(|| forgotten_until(&state.record))
			.flatten()
	}

	/// The voting key, where there is one.
	pub fn key(&self) -> Option<VoterId> {
		self.state.lock().key.clone()
	}

	/// The newest record.
	pub fn record(&self) -> Record {
		self.state.lock().record
	}

	/// Why nothing is signed; `None` while all is well.
	pub fn silence(&self) -> Option<Silence> {
		self.state.lock().silence.clone()
	}

	/// Signs nothing any more. The first reason stays.
	pub fn stop(&self, why: Silence) {
		let mut state = self.state.lock();
		if state.silence.is_none() {
			log::error!(target: LOG_TARGET, "This node stops voting and authoring: {why}");
			state.silence = Some(why);
		}
	}

	/// Makes `last_prevote`, `other_branch_slot` and `lock` durable, then signs the votes that they cover.
	///
	/// # Errors
	/// Why nothing was signed. Then nothing may be sent.
	pub fn sign_votes(&self, me: VoterIndex, votes: &[Vote], covers: Cover) -> Result<Vec<SignedVote>, Silence> {
		self.write(|record| {
			record.set_id = covers.set_id;
			record.last_prevote = covers.last_prevote;
			record.other_branch_slot = covers.other_branch_slot;
			record.lock = covers.lock;
			Ok(())
		})?;
		let key = self.key().ok_or(Silence::NoKey)?;
		votes
			.iter()
			.map(|vote| {
				let signature = self
					.signature(&key, &vote.payload(&self.genesis))
					.ok_or_else(|| Silence::Keystore(key.clone()))?;
				Ok(SignedVote {
					vote: *vote,
					voter: me,
					signature,
				})
			})
			.collect()
	}

	/// Makes durable that the key authors in `slot`; only then may the block leave the process.
	///
	/// # Errors
	/// Why it may not.
	pub fn authorize_block(&self, slot: Slot) -> Result<(), Silence> {
		self.write(|record| {
			if *slot <= record.last_authored_slot {
				return Err(Silence::SlotUsed {
					slot,
					last: record.last_authored_slot.into(),
				});
			}
			record.last_authored_slot = *slot;
			Ok(())
		})
	}

	/// The certificate behind the lock, kept over restarts: were it lost everywhere, nobody could show why to build
	/// there. It is written without a sync: it is needed to go on, not to be safe.
	pub fn keep_lock_certificate(&self, bytes: &[u8]) {
		if let Some(path) = self.beside("lock-certificate") {
			keep(&path, bytes);
		}
	}

	/// What [`Signer::keep_lock_certificate`] kept last.
	pub fn kept_lock_certificate(&self) -> Option<Vec<u8>> {
		fs::read(self.beside("lock-certificate")?).ok()
	}

	/// The proofs of the last changes of voters, kept over restarts: a voter that has voted in a set abstains in those
	/// before. Were all killed at once, and their databases had forgotten the change, nobody else could show that it
	/// was final. Not synced, as above.
	pub fn keep_changes(&self, bytes: &[u8]) {
		if let Some(path) = self.beside("changes") {
			keep(&path, bytes);
		}
	}

	/// What [`Signer::keep_changes`] kept last.
	pub fn kept_changes(&self) -> Option<Vec<u8>> {
		fs::read(self.beside("changes")?).ok()
	}

	/// A file beside the safety file.
	fn beside(&self, extension: &str) -> Option<PathBuf> {
		let key = self.key()?;
		Some(self.folder.join(SafetyFile::file_name(&key)).with_extension(extension))
	}

	fn write(&self, change: impl FnOnce(&mut Record) -> Result<(), Silence>) -> Result<(), Silence> {
		let mut state = self.state.lock();
		if let Some(silence) = &state.silence {
			return Err(silence.clone());
		}
		let mut record = state.record;
		change(&mut record)?;
		let Some(file) = state.file.as_mut() else {
			return Err(Silence::NoKey);
		};
		let started = Instant::now();
		match file.record(&record) {
			Ok(()) => {
				self.metrics.safety_file_written(started.elapsed());
				state.record = record;
				Ok(())
			}
			Err(error) => {
				let silence = Silence::File(error.to_string());
				// A full disk may pass: the next vote tries again.
				if !error.may_pass() {
					log::error!(target: LOG_TARGET, "This node stops voting and authoring: {silence}");
					state.silence = Some(silence.clone());
				}
				Err(silence)
			}
		}
	}

	/// Says in which slot this node's clock is. That binds it to nothing, so that nothing is written before; a silent
	/// node says nothing.
	pub fn sign_clock(&self, set_id: SetId, slot: u64) -> Option<VoterSignature> {
		let key = self.key().filter(|_| self.silence().is_none())?;
		self.signature(&key, &clock_payload(&self.genesis, set_id, slot))
	}

	fn signature(&self, key: &VoterId, payload: &[u8]) -> Option<VoterSignature> {
		let public = sp_core::ed25519::Public::from(key.clone());
		match self
			.keystore
			.ed25519_sign(bft_finality_primitives::KEY_TYPE, &public, payload)
		{
			Ok(Some(signature)) => Some(signature.into()),
			_ => None,
		}
	}
}

/// Makes safety files for new keys, for as long as the node runs.
pub async fn watch_new_keys(signer: Arc<Signer>, chain: Arc<dyn Chain>, guard: Clock, slot_duration: SlotDuration) {
	// What lasts is said once.
	let mut told = Vec::new();
	loop {
		futures_timer::Delay::new(NEW_KEYS_INTERVAL).await;
		// A horizon of a clock that is wrong would mute the key until that time comes.
		if guard.doubts() {
			continue;
		}
		let horizon = clock::slot_now(slot_duration).saturating_add(NEW_FILE_MARGIN_SLOTS);
		match chain.target(chain.info().finalized_hash) {
			Ok(start) => {
				let prepared = signer.prepare_new_keys(start, horizon);
				prepared
					.iter()
					.filter(|one| !told.contains(*one))
					.for_each(Prepared::tell);
				told = prepared;
			}
			Err(error) => log::debug!(target: LOG_TARGET, "The final block cannot be read: {error}"),
		}
	}
}

impl State {
	/// Whichever key voted: the authoring keys have authored up to the highest slot that a file of this node names, and
	/// if one of them can no longer say, or names a slot that has not come, up to the horizon.
	fn remember_authored(&mut self, folder: &Path, genesis: H256, key: Option<&VoterId>, horizon: Slot) {
		let authored = last_authored(folder, &genesis, key, horizon);
		for Far { path, slot, .. } in &authored.far {
			log::warn!(
				target: LOG_TARGET,
				"The safety file {} says that this node authored in slot {slot}, which has not come: the clock was \
				 wrong then, or is wrong now; check it. Up to slot {horizon} nothing is authored; from then on the \
				 file does not count. --reset-voter-state puts it aside",
				path.display()
			);
		}
		self.authored_up_to(authored.slot);
		if authored.unsure {
			self.authored_up_to(*horizon);
		}
	}

	/// Nothing up to this slot is authored from here on.
	fn authored_up_to(&mut self, slot: u64) {
		let last = &mut self.record.last_authored_slot;
		*last = (*last).max(slot);
	}

	/// A record of an earlier set covers nothing in this one; what it says of authoring stays, and what is forgotten
	/// stays forgotten unless the set begins above it: a node that syncs again may have voted in this set before.
	fn begin(&mut self, set: &VoterSet, start: BlockRef) {
		if self.record.set_id >= set.set_id {
			return;
		}
		let forgotten = forgotten_until(&self.record).filter(|horizon| start.slot <= **horizon);
		self.record = Record {
			last_authored_slot: self.record.last_authored_slot,
			..fresh(set, start)
		};
		if let Some(horizon) = forgotten {
			forget(&mut self.record, horizon);
		}
	}
}

fn fresh(set: &VoterSet, start: BlockRef) -> Record {
	Record {
		set_id: set.set_id,
		last_prevote: start,
		other_branch_slot: 0,
		lock: start,
		last_authored_slot: 0,
	}
}

/// A record below whose horizon anything may have been signed: [`forget`] makes both slots equal, and the first vote
/// above the horizon sets them apart for good.
fn forgotten_until(record: &Record) -> Option<Slot> {
	let horizon = record.other_branch_slot;
	(horizon > 0 && horizon >= record.last_prevote.slot).then(|| horizon.into())
}

/// What has to be durable before votes are signed.
#[derive(Clone, Copy, Debug)]
pub struct Cover {
	/// The set in which they are cast.
	pub set_id: SetId,
	/// As in [`Record`].
	pub last_prevote: BlockRef,
	/// As in [`Record`].
	pub other_branch_slot: u64,
	/// As in [`Record`].
	pub lock: BlockRef,
}

/// Whole or not at all.
fn keep(path: &Path, bytes: &[u8]) {
	let mut new = path.as_os_str().to_owned();
	new.push(".new");
	if let Err(error) = fs::write(&new, bytes).and_then(|()| fs::rename(&new, path)) {
		log::warn!(target: LOG_TARGET, "cannot keep {}: {error}", path.display());
	}
}

/// Whether the keystore holds an authoring key.
pub fn holds(keystore: &KeystorePtr, key: &AuthorityId) -> bool {
	keystore.has_keys(&[(key.to_raw_vec(), poca_primitives::KEY_TYPE)])
}

/// The key that votes: one of the set where there is one, otherwise any.
fn voting_key(keystore: &KeystorePtr, set: &VoterSet) -> Option<VoterId> {
	let keys: Vec<VoterId> = keystore
		.ed25519_public_keys(bft_finality_primitives::KEY_TYPE)
		.into_iter()
		.map(VoterId::from)
		.collect();
	keys.iter()
		.find(|key| set.index_of(key).is_some())
		.or(keys.first())
		.cloned()
}

/// Which file is to be opened, and how.
#[derive(Clone, Copy)]
struct Opening<'a> {
	folder: &'a Path,
	genesis: H256,
	key: &'a VoterId,
	past: Past,
	horizon: Slot,
}

/// Opens the file of the key that votes, and looks what the other files of this node say of authoring.
fn open_file(state: &mut State, opening: Opening<'_>) -> Result<(), Silence> {
	let opened = open_own_file(state, opening);
	// A reset has put the horizon above whatever was authored.
	if !opening.past.resets() {
		state.remember_authored(opening.folder, opening.genesis, Some(opening.key), opening.horizon);
	} else if opened.is_ok() {
		for far in last_authored(opening.folder, &opening.genesis, Some(opening.key), opening.horizon).far {
			reset_far(far, opening.genesis, &state.record);
		}
	}
	// What it says cannot be read.
	if opened.is_err() {
		state.authored_up_to(*opening.horizon);
	}
	opened
}

/// Puts aside the file of a key that does not vote now, and writes a new one: were there none, that key could not vote
/// when its time comes.
fn reset_far(far: Far, genesis: H256, record: &Record) {
	let Far { path, key, slot } = far;
	let shown = path.display().to_string();
	let reset = SafetyFile::open(path, genesis, key).and_then(|opened| match opened {
		Opened::Valid { file, .. } => file.reset()?.record(record),
		// It has gone this moment.
		Opened::Fresh(_) | Opened::Damaged(_) => Ok(()),
	});
	match reset {
		Ok(()) => log::warn!(target: LOG_TARGET, "{shown} is reset as ordered: slot {slot} in it has not come"),
		Err(error) => log::warn!(target: LOG_TARGET, "{shown} is not reset, and does not count: {error}"),
	}
}

fn open_own_file(state: &mut State, opening: Opening<'_>) -> Result<(), Silence> {
	let Opening {
		folder,
		genesis,
		key,
		past,
		horizon,
	} = opening;
	fs::create_dir_all(folder)
		.map_err(|error| Silence::File(format!("cannot create the folder {}: {error}", folder.display())))?;
	let failed = |error: SafetyError| Silence::File(error.to_string());
	let reset = past.resets();
	state.waived = past == Past::Risked;
	let path = folder.join(SafetyFile::file_name(key));
	match SafetyFile::open(path, genesis, key.clone()).map_err(failed)? {
		Opened::Fresh(file) => {
			state.file = Some(file);
			if past == Past::NeverSigned {
				state.waived = true;
			} else {
				forget(&mut state.record, horizon);
			}
		}
		// A sound file is reset where the chain itself was started anew: what it is locked on exists no more.
		Opened::Valid { file, .. } if reset => {
			log::warn!(target: LOG_TARGET, "{} is reset as ordered", file.path().display());
			state.file = Some(file.reset().map_err(failed)?);
			forget(&mut state.record, horizon);
		}
		Opened::Valid {
			file,
			record,
			one_damaged,
		} => {
			state.record = record;
			if one_damaged {
				log::warn!(
					target: LOG_TARGET,
					"A write to {} was cut short. Its last sound record counts, and nothing is signed until a \
						 block above slot {horizon} is final",
					file.path().display()
				);
				forget(&mut state.record, horizon);
			}
			state.file = Some(file);
		}
		Opened::Damaged(damaged) if reset => {
			log::warn!(target: LOG_TARGET, "{} is reset as ordered: {}", damaged.path().display(), damaged.damage());
			state.file = Some(damaged.reset().map_err(failed)?);
			forget(&mut state.record, horizon);
		}
		Opened::Damaged(damaged) => {
			return Err(Silence::Damaged {
				path: damaged.path().display().to_string(),
				damage: damaged.damage().clone(),
			})
		}
	}
	Ok(())
}

/// If nobody knows what was signed last, all of it lies at or below the horizon: nothing up to there is signed again,
/// nothing below it is committed to, and [`forgotten_until`] tells of it.
fn forget(record: &mut Record, horizon: Slot) {
	let above = |slot: u64| slot.max(*horizon);
	record.last_prevote.slot = above(record.last_prevote.slot);
	record.other_branch_slot = record.last_prevote.slot;
	record.last_authored_slot = above(record.last_authored_slot);
}

#[cfg(test)]
#[path = "signer_tests.rs"]
mod tests;
