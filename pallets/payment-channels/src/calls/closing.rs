//! Channels that one side closes alone: claims, answers, proofs of fraud, and the settlement.

use crate::{
	pallet::{CaseOf, ChannelOf},
	Aftermath, Aftermaths, Case, Cases, Channels, Config, Error, Event, Pallet, Phase, Reward, WeightInfo, Words,
	MAX_FREE,
};
use channel_primitives::{
	ChannelId, Claim, Closing, Dispute, Half, Hash, Locks, Nonce, Outcome, Payload, PerSide, Resync, Resyncs,
	Settlement, Side, Signed, Submit, Tick,
};
use frame_support::{dispatch::DispatchResult, ensure, traits::Get, BoundedVec};

/// By how many times answers to a recovery count for longer.
const RECOVERY_WINDOWS: Tick = 8;

/// How a side closes.
struct Close<'a> {
	claim: Claim,
	locks: &'a Locks,
	brought: Option<Signed<Half>>,
	words: &'a Words,
	recovery: bool,
}

impl<T: Config> Pallet<T> {
	pub(crate) fn do_close(
		who: &T::AccountId,
		id: ChannelId,
		claim: Signed<Claim>,
		locks: &Locks,
		brought: Option<Signed<Half>>,
		words: &Words,
	) -> DispatchResult {
		let channel = Self::open_one(id)?;
		let closer = channel.side_of(who).ok_or(Error::<T>::NotASide)?;
		Self::ensure_by(id, &channel, closer, &claim)?;
		let close = Close {
			claim: claim.body,
			locks,
			brought,
			words,
			recovery: false,
		};
		Self::begin(id, channel, closer, close)?;
		Ok(())
	}

	pub(crate) fn do_close_recovery(
		who: &T::AccountId,
		id: ChannelId,
		claim: Claim,
		locks: &Locks,
		brought: Option<Signed<Half>>,
		words: &Words,
	) -> DispatchResult {
		let channel = Self::open_one(id)?;
		let closer = channel.side_of(who).ok_or(Error::<T>::NotASide)?;
		let close = Close {
			claim,
			locks,
			brought,
			words,
			recovery: true,
		};
		Self::begin(id, channel, closer, close)?;
		Ok(())
	}

	fn begin(id: ChannelId, mut channel: ChannelOf<T>, closer: Side, close: Close) -> Result<(), Error<T>> {
		let partner = closer.partner();
		if let Some(half) = &close.brought {
			Self::ensure_by(id, &channel, partner, half)?;
		}
		let mut resyncs = Resyncs::default();
		for word in close.words {
			Self::ensure_by(id, &channel, partner, word)?;
			resyncs.add(word.body)?;
		}
		let closing = Closing {
			closer,
			now: Self::now(),
			window: Self::window_of(channel.window, close.recovery),
			recovery: close.recovery,
		};
		let brought = close.brought.map(|half| half.body);
		let dispute = Dispute::begin(closing, &channel.stake, close.claim, close.locks, brought, resyncs)?;
		let deadline = dispute.deadline;
		let mut let_in = PerSide::<Nonce>::default();
		*let_in.get_mut(partner) = brought.map_or(0, |half| half.nonce);
		channel.phase = Phase::Closing;
		Channels::<T>::insert(id, channel);
		Cases::<T>::insert(
			id,
			Case {
				dispute,
				rewards: PerSide::default(),
				free_used: PerSide::default(),
				free: 0,
				let_in,
			},
		);
		Self::deposit_event(Event::CloseStarted {
			channel: id,
			closer,
			deadline,
			claim: close.claim,
			locks: close.locks.clone(),
			brought,
			recovery: close.recovery,
		});
		Ok(())
	}

	/// For how many ticks answers count. No longer than the longest window: reveals are kept for no more.
	fn window_of(window: Tick, recovery: bool) -> Tick {
		if !recovery {
			return window;
		}
		let longer = window.saturating_mul(RECOVERY_WINDOWS).max(T::RecoveryWindow::get());
		longer.min(T::MaxWindow::get()).max(window)
	}

	pub(crate) fn do_update(
		sender: Option<&T::AccountId>,
		id: ChannelId,
		side: Side,
		half: &Signed<Half>,
		submit: &Signed<Submit>,
	) -> Result<(), Error<T>> {
		let (channel, mut case) = Self::closing_one(id)?;
		let payee = side.partner();
		case.dispute.update(side, half.body, Self::now())?;
		Self::use_free(&mut case, payee, sender)?;
		Self::ensure_submit(id, &channel, payee, half, submit)?;
		Self::ensure_by(id, &channel, side, half)?;
		*case.rewards.get_mut(payee) = Self::reward(&submit.body, sender);
		let newest = case.let_in.get_mut(side);
		*newest = half.body.nonce.max(*newest);
		Cases::<T>::insert(id, case);
		Self::note_surcharge(sender, id, T::WeightInfo::update(), &(half, submit));
		Self::deposit_event(Event::HalfSubmitted(id, side, half.body));
		Ok(())
	}

	pub(crate) fn do_resync(
		sender: Option<&T::AccountId>,
		id: ChannelId,
		side: Side,
		word: &Signed<Resync>,
		submit: Option<&Signed<Submit>>,
	) -> Result<(), Error<T>> {
		let (channel, mut case) = Self::closing_one(id)?;
		let known = case.dispute.resyncs.get(side).as_slice();
		ensure!(!known.contains(&word.body), Error::Stale);
		case.dispute.resync(side, word.body, Self::now())?;
		Self::use_free(&mut case, side, sender)?;
		// Its partner could else fill the places with words that nobody asked for.
		match submit {
			Some(submit) => Self::ensure_submit(id, &channel, side, word, submit)?,
			None => ensure!(sender == Some(channel.accounts.get(side)), Error::NoSubmit),
		}
		Self::ensure_by(id, &channel, side.partner(), word)?;
		if case.dispute.halves.get(side).is_none() {
			*case.rewards.get_mut(side.partner()) = None;
		}
		Cases::<T>::insert(id, case);
		Self::note_surcharge(sender, id, T::WeightInfo::resync(), &(word, submit));
		Self::deposit_event(Event::Resynced(id, side, word.body));
		Ok(())
	}

	/// `lists` are the locks of the half and of the claim, if they are brought.
	pub(crate) fn do_prove(
		sender: Option<&T::AccountId>,
		id: ChannelId,
		half: &Signed<Half>,
		lists: [Option<&Locks>; 2],
		submit: Option<&Signed<Submit>>,
	) -> Result<(), Error<T>> {
		let (channel, mut case) = Self::closing_one(id)?;
		let closer = case.dispute.closer;
		let victim = closer.partner();
		// After a recovery the half takes the place of the claim and of all its locks, also when nobody can answer any
		// more: the closer could else take out what had satisfied its partner, by a half of its own making.
		ensure!(!case.dispute.recovery || submit.is_some(), Error::NoSubmit);
		// It is none of the answers that the partner has for nothing.
		let is_free = sender.is_none();
		ensure!(!is_free || !case.dispute.corrected, Error::NoFreeAnswer);
		case.free = case.free.saturating_add(is_free.into());
		Self::ensure_by(id, &channel, closer, half)?;
		let reveal = |condition: &Hash| Self::revealed(condition);
		let [of_half, of_claim] = lists;
		let outcome = case.dispute.prove(&half.body, of_half, of_claim, &reveal)?;
		if let Some(submit) = submit {
			Self::ensure_submit(id, &channel, victim, half, submit)?;
			let promised = case.rewards.get_mut(victim);
			// What is promised already for a half that was let in stays promised.
			if promised.is_none() {
				*promised = Self::reward(&submit.body, sender);
			}
		}
		let listed = lists
			.into_iter()
			.flatten()
			.map(Self::count)
			.fold(0, u32::saturating_add);
		Self::note_surcharge(sender, id, T::WeightInfo::prove_fraud(listed), &(half, lists, submit));
		match outcome {
			Outcome::Forfeits => {
				let settlement = Settlement::all_to(victim, &channel.stake);
				Cases::<T>::remove(id);
				Self::end(id, &channel, &settlement.paid, &case.rewards, case.free);
				Self::deposit_event(Event::Forfeited(id, closer, channel.stake.total()));
			}
			Outcome::Corrected => {
				Cases::<T>::insert(id, case);
				Self::deposit_event(Event::Corrected(id, closer));
			}
		}
		Ok(())
	}

	pub(crate) fn do_settle(sender: Option<&T::AccountId>, id: ChannelId) -> Result<(), Error<T>> {
		let (mut channel, case) = Self::closing_one(id)?;
		let (now, dispute) = (Self::now(), &case.dispute);
		let fine = if dispute.corrected {
			T::Fine::get().mul_floor(channel.stake.total())
		} else {
			0
		};
		let settlement = dispute.settle(&channel.stake, fine, now)?;
		Self::pay_both(&channel, &settlement.paid, &case.rewards, 0);
		let aftermath = Aftermath {
			at: now,
			closer: dispute.closer,
			pending: PerSide::from_fn(|side| dispute.pending(side, &settlement, now)),
			transferred: PerSide::from_fn(|side| dispute.owed(side).transferred),
			let_in: case.let_in,
			resyncs: dispute.resyncs.clone(),
			paid: BoundedVec::new(),
			free: case.free.saturating_add(sender.is_none().into()),
		};
		channel.phase = Phase::Settled;
		Channels::<T>::insert(id, channel);
		Cases::<T>::remove(id);
		Aftermaths::<T>::insert(id, aftermath);
		Self::note_surcharge(sender, id, T::WeightInfo::settle(), &id);
		Self::deposit_event(Event::Settled(id, settlement));
		Ok(())
	}

	/// What whoever lets a half in is promised for it.
	fn reward(submit: &Submit, sender: Option<&T::AccountId>) -> Option<Reward<T::AccountId>> {
		let to = submit.tower.map(T::AccountId::from).or_else(|| sender.cloned())?;
		(submit.reward > 0).then_some(Reward {
			to,
			amount: submit.reward,
		})
	}

	/// Refuses a word that `payee` did not give for this half or word of its partner.
	fn ensure_submit<B: Payload>(
		id: ChannelId,
		channel: &ChannelOf<T>,
		payee: Side,
		what: &Signed<B>,
		submit: &Signed<Submit>,
	) -> Result<(), Error<T>> {
		let context = channel.context(Self::genesis(), id, payee);
		ensure!(submit.body.is_for(&what.body, &context), Error::OtherHalf);
		Self::ensure_by(id, channel, payee, submit)
	}

	/// Counts an answer for a side that no account sends.
	fn use_free(case: &mut CaseOf<T>, side: Side, sender: Option<&T::AccountId>) -> Result<(), Error<T>> {
		if sender.is_none() {
			let used = case.free_used.get_mut(side);
			ensure!(*used < MAX_FREE, Error::NoFreeAnswer);
			*used = used.saturating_add(1);
			case.free = case.free.saturating_add(1);
		}
		Ok(())
	}
}
