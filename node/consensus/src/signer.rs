//! The one place that signs: nothing is signed before what covers it is durable.

use crate::{
	chain::Chain,
	metrics::Metrics,
	safety::{Opened, Record, SafetyError, SafetyFile},
	LOG_TARGET,
};
use bft_finality_primitives::{SetId, SignedVote, Target, Vote, VoterId, VoterIndex, VoterSet, VoterSignature};
use parking_lot::Mutex;
use poca_primitives::{AuthorityId, Slot};
use sp_application_crypto::ByteArray;
use sp_core::H256;
use sp_keystore::KeystorePtr;
use std::{
	fs,
	path::{Path, PathBuf},
	sync::Arc,
	time::Instant,
};

/// Why nothing is signed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Silence {
	/// There is nothing to sign with.
	#[error("this node holds no voting key (key type `pbft`); insert one with `smartchain key insert`, or leave out --validator")]
	NoKey,
	/// The safety file proves nothing.
	#[error(
		"the safety file {path} cannot be relied on: {damage}. This key may have signed what nobody remembers here. \
		 If you are sure that no other node uses it, start once with --reset-voter-state"
	)]
	Damaged {
		/// The file.
		path: String,
		/// What is wrong with it.
		damage: String,
	},
	/// The key has signed before, and there is no safety file.
	#[error(
		"there is no safety file, but this key has authored blocks on this chain before. Put the file back, or, if you are sure \
		 that no other node uses the key, start once with --reset-voter-state"
	)]
	VotedBefore,
	/// The file cannot be had or written.
	#[error("{0}")]
	File(String),
	/// The keystore does not sign.
	#[error("the keystore does not sign with the key {0}; check the keystore's folder")]
	Keystore(VoterId),
	/// Someone else signs with this key.
	#[error(
		"another machine signs with this node's key (seen: {0}); stop one of the two, wait a minute, and start this one again"
	)]
	SignedElsewhere(String),
	/// The slot has been signed for.
	#[error("slot {slot} is not above slot {last}, in which this key authored last")]
	SlotUsed {
		/// The slot asked for.
		slot: Slot,
		/// The last one.
		last: Slot,
	},
}

struct State {
	file: Option<SafetyFile>,
	record: Record,
	/// The file is new: whether the key has signed before has to be learnt from the chain.
	unproven: bool,
	silence: Option<Silence>,
}

/// Signs votes and authorizes blocks with the voting key of this node.
pub struct Signer {
	keystore: KeystorePtr,
	genesis: H256,
	key: Option<VoterId>,
	state: Mutex<State>,
	folder: PathBuf,
	metrics: Metrics,
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
	/// The operator's explicit order to start anew where the file is missing or damaged.
	pub reset: bool,
	/// The block that a new file starts from.
	pub start: Target,
	/// A slot that nothing signed before can lie above: the clock's, and some.
	pub horizon: Slot,
	/// Where fsync times go.
	pub metrics: Metrics,
}

impl Signer {
	/// Opens the safety file of this node's voting key. A node without one gets a signer that signs nothing and says why.
	pub fn open(params: SignerParams<'_>) -> Arc<Self> {
		let SignerParams {
			keystore,
			genesis,
			set,
			folder,
			reset,
			start,
			horizon,
			metrics,
		} = params;
		let fresh = Record {
			set_id: set.set_id,
			last_prevote: start,
			other_branch_slot: 0,
			lock: start,
			last_authored_slot: 0,
		};
		let key = voting_key(&keystore, set);
		let mut state = State {
			file: None,
			record: fresh,
			unproven: false,
			silence: None,
		};
		match &key {
			None => state.silence = Some(Silence::NoKey),
			Some(key) => {
				if let Err(silence) = open_file(&mut state, folder, genesis, key, reset, horizon) {
					state.silence = Some(silence);
				}
			}
		}
		// A record of another set covers nothing in this one; what it says of authoring stays.
		if state.record.set_id < set.set_id {
			state.record = Record {
				last_authored_slot: state.record.last_authored_slot,
				..fresh
			};
		}
		Arc::new(Self {
			keystore,
			genesis,
			key,
			state: Mutex::new(state),
			folder: folder.into(),
			metrics,
		})
	}

	/// The voting key, where there is one.
	pub fn key(&self) -> Option<&VoterId> {
		self.key.as_ref()
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

	/// Signs again what the record says was voted last, for those who have not heard it: the last prevote and the Commit on the lock.
	pub fn last_votes(&self, chain: &dyn Chain, me: VoterIndex, above: u64) -> Vec<SignedVote> {
		use bft_finality_primitives::Phase::{Commit, Prevote};
		let record = self.record();
		if self.silence().is_some() {
			return Vec::new();
		}
		[(Prevote, record.last_prevote), (Commit, record.lock)]
			.into_iter()
			// After a reset the record names a slot that is no block's.
			.filter(|(_, target)| target.slot > above && chain.target(target.hash).is_ok_and(|known| known == *target))
			.filter_map(|(phase, target)| {
				let vote = Vote {
					set_id: record.set_id,
					phase,
					relaxed: false,
					target,
				};
				self.signature(&vote).map(|signature| SignedVote {
					vote,
					voter: me,
					signature,
				})
			})
			.collect()
	}

	/// Makes `last_prevote`, `other_branch_slot` and `lock` durable, then signs the votes that they cover.
	///
	/// # Errors
	/// Why nothing was signed. Then nothing may be sent.
	pub fn sign_votes(
		&self,
		chain: &dyn Chain,
		me: VoterIndex,
		votes: &[Vote],
		covers: Cover,
	) -> Result<Vec<SignedVote>, Silence> {
		self.write(chain, |record| {
			record.set_id = covers.set_id;
			record.last_prevote = covers.last_prevote;
			record.other_branch_slot = covers.other_branch_slot;
			record.lock = covers.lock;
			Ok(())
		})?;
		votes
			.iter()
			.map(|vote| {
				let signature = self.signature(vote).ok_or_else(|| self.no_signature())?;
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
	pub fn authorize_block(&self, chain: &dyn Chain, slot: Slot) -> Result<(), Silence> {
		self.write(chain, |record| {
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

	/// The certificate behind the lock, kept over restarts: were it lost everywhere, nobody could show why to build there. It is
	/// written without a sync: it is needed to go on, not to be safe.
	pub fn keep_lock_certificate(&self, bytes: &[u8]) {
		let Some(path) = self.lock_certificate_path() else {
			return;
		};
		let new = path.with_extension("new");
		if let Err(error) = fs::write(&new, bytes).and_then(|()| fs::rename(&new, &path)) {
			log::warn!(target: LOG_TARGET, "cannot keep the certificate of the lock in {}: {error}", path.display());
		}
	}

	/// What [`Signer::keep_lock_certificate`] kept last.
	pub fn kept_lock_certificate(&self) -> Option<Vec<u8>> {
		fs::read(self.lock_certificate_path()?).ok()
	}

	fn lock_certificate_path(&self) -> Option<PathBuf> {
		let key = self.key.as_ref()?;
		Some(
			self.folder
				.join(SafetyFile::file_name(key))
				.with_extension("lock-certificate"),
		)
	}

	fn write(&self, chain: &dyn Chain, change: impl FnOnce(&mut Record) -> Result<(), Silence>) -> Result<(), Silence> {
		let mut state = self.state.lock();
		if let Some(silence) = &state.silence {
			return Err(silence.clone());
		}
		if state.unproven {
			if self.has_authored(chain) {
				state.silence = Some(Silence::VotedBefore);
				log::error!(target: LOG_TARGET, "This node does not vote: {}", Silence::VotedBefore);
				return Err(Silence::VotedBefore);
			}
			state.unproven = false;
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

	/// Whether one of this node's authoring keys has authored on this chain. Where the chain cannot say, it has.
	fn has_authored(&self, chain: &dyn Chain) -> bool {
		match chain.director_status(chain.info().best_hash) {
			Ok(directors) => directors
				.iter()
				.any(|d| d.authored_blocks > 0 && holds(&self.keystore, &d.director)),
			Err(error) => {
				log::warn!(target: LOG_TARGET, "cannot tell whether this node has authored before: {error}");
				true
			}
		}
	}

	fn signature(&self, vote: &Vote) -> Option<VoterSignature> {
		let key = self.key.as_ref()?;
		let payload = vote.payload(&self.genesis);
		let public = sp_core::ed25519::Public::from(key.clone());
		match self
			.keystore
			.ed25519_sign(bft_finality_primitives::KEY_TYPE, &public, &payload)
		{
			Ok(Some(signature)) => Some(signature.into()),
			_ => None,
		}
	}

	fn no_signature(&self) -> Silence {
		match &self.key {
			Some(key) => Silence::Keystore(key.clone()),
			None => Silence::NoKey,
		}
	}
}

/// What has to be durable before votes are signed.
#[derive(Clone, Copy, Debug)]
pub struct Cover {
	/// The set in which they are cast.
	pub set_id: SetId,
	/// As in [`Record`].
	pub last_prevote: Target,
	/// As in [`Record`].
	pub other_branch_slot: u64,
	/// As in [`Record`].
	pub lock: Target,
}

/// Whether the keystore holds an authoring key.
pub(crate) fn holds(keystore: &KeystorePtr, key: &AuthorityId) -> bool {
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

fn open_file(
	state: &mut State,
	folder: &Path,
	genesis: H256,
	key: &VoterId,
	reset: bool,
	horizon: Slot,
) -> Result<(), Silence> {
	let failed = |error: SafetyError| Silence::File(error.to_string());
	fs::create_dir_all(folder)
		.map_err(|error| Silence::File(format!("cannot create the folder {}: {error}", folder.display())))?;
	match SafetyFile::open(folder.join(SafetyFile::file_name(key)), genesis, key.clone()).map_err(failed)? {
		Opened::Fresh(file) => {
			state.file = Some(file);
			state.unproven = !reset;
			if reset {
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
					"A write to {} was cut short; its last sound record counts, and nothing up to slot {horizon} is signed",
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
				damage: damaged.damage().to_string(),
			})
		}
	}
	Ok(())
}

/// Where nobody knows what was signed last, all of it lies at or below the horizon: nothing up to there is signed again, and
/// nothing below it is committed to.
fn forget(record: &mut Record, horizon: Slot) {
	let above = |slot: u64| slot.max(*horizon);
	record.last_prevote.slot = above(record.last_prevote.slot);
	record.other_branch_slot = above(record.other_branch_slot).min(record.last_prevote.slot);
	record.last_authored_slot = above(record.last_authored_slot);
}
