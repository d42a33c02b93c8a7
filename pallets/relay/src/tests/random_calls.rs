//! Whatever is signed, kept, changed and sent in whatever order: nobody loses more than it signed, what was sent counts
//! no more, and no planck appears.

use crate::{mock::*, pallet::AuthOf};
use relay_primitives::{Balance, RelayNonce};
use smartchain_rng::{runs, seeds, Rng};
use sp_runtime::{traits::Dispatchable, DispatchResult, MultiSignature, StateVersion};
use std::collections::BTreeMap;

/// Who signs and sends; one has no account.
const PEOPLE: [Who; 5] = [ALICE, BOB, CAROL, MALLORY, NOBODY];

/// What somebody has signed.
#[derive(Clone)]
struct Word {
	signer: Who,
	relayer: Who,
	auth: AuthOf<Test>,
	signature: MultiSignature,
	call: RuntimeCall,
	/// Whether it was changed since.
	forged: bool,
}

#[derive(Default)]
struct World {
	words: Vec<Word>,
	/// By this test's own count.
	nonces: BTreeMap<Who, RelayNonce>,
	relayed: u32,
	undone: u32,
}

fn who(rng: &mut Rng) -> Who {
	PEOPLE[rng.below(5) as usize]
}

fn amount(rng: &mut Rng) -> Balance {
	match rng.below(8) {
		0 => 0,
		1 => u128::MAX,
		2 => RICH - u128::from(rng.below(2 * LEAST as u64)),
		3 => u128::from(rng.below(RICH as u64)),
		_ => u128::from(rng.below(3_000)),
	}
}

fn some_call(rng: &mut Rng, depth: u64) -> RuntimeCall {
	match rng.below(if depth > 0 { 10 } else { 7 }) {
		0 => remark(rng.below(LONGEST.into()) as usize),
		1 => deeds::Call::<Test>::fail {}.into(),
		2 => deeds::Call::<Test>::forbidden {}.into(),
		3 => deeds::Call::<Test>::reserve { amount: amount(rng) }.into(),
		4 => deeds::Call::<Test>::unreserve { amount: amount(rng) }.into(),
		5 | 6 => transfer(who(rng), amount(rng)),
		7 => pallet_utility::Call::<Test>::as_derivative {
			index: 0,
			call: Box::new(some_call(rng, depth - 1)),
		}
		.into(),
		number => {
			let calls = (0..=rng.below(2)).map(|_| some_call(rng, depth - 1)).collect();
			if number == 8 {
				batch(calls)
			} else {
				batch_all(calls)
			}
		}
	}
}

impl World {
	fn nonce(&self, who: Who) -> RelayNonce {
		self.nonces.get(&who).copied().unwrap_or(0)
	}

	fn sign(&mut self, rng: &mut Rng) {
		let (signer, relayer) = (who(rng), who(rng));
		let call = some_call(rng, 2);
		let mut auth = auth_for(signer, relayer, amount(rng), amount(rng) % 5_000);
		auth.nonce = self.nonce(signer) + rng.below(2);
		auth.valid_until = System::block_number() + rng.below(9) as u32;
		let signature = sign(signer, &auth, &call);
		self.words.push(Word {
			signer,
			relayer,
			auth,
			signature,
			call,
			forged: false,
		});
		if self.words.len() > 30 {
			self.words.remove(0);
		}
	}

	/// Somebody sends what it has seen, perhaps after changing it.
	fn send(&mut self, rng: &mut Rng) {
		let Some(mut word) = rng.pick(&self.words).cloned() else {
			return;
		};
		let sender = if rng.percent(90) { word.relayer } else { who(rng) };
		if rng.percent(15) {
			word.forged = true;
			match rng.below(5) {
				0 => word.auth.fee += 1,
				1 => word.auth.nonce = self.nonce(word.signer).max(word.auth.nonce + 1),
				2 => word.auth.relayer = account(sender),
				3 => word.auth.spend = spend(&[]),
				_ => word.call = transfer(sender, 1),
			}
			// It may be what was signed all the same.
			word.forged = !self
				.words
				.iter()
				.any(|known| known.auth == word.auth && known.call == word.call);
		}
		self.look(sender, word);
	}

	fn look(&mut self, sender: Who, word: Word) {
		let Word {
			signer,
			auth,
			signature,
			call,
			forged,
			..
		} = word;
		let (root, before) = (sp_io::storage::root(StateVersion::V1), free(signer));
		let (nonce, fee, most) = (auth.nonce, auth.fee, auth.spend_of(0));
		let (is_relayer, in_time) = (
			auth.relayer == account(sender),
			auth.valid_until >= System::block_number(),
		);
		let sent = outcome(send(sender, auth, signature, call));
		if sent.is_err() {
			assert_eq!(sp_io::storage::root(StateVersion::V1), root, "nothing has happened");
			return;
		}
		assert!(
			!forged && is_relayer && in_time,
			"as it was signed, in time, by who was named"
		);
		assert_eq!(nonce, self.nonce(signer), "once, and in order");
		self.nonces.insert(signer, nonce + 1);
		self.relayed += 1;
		self.undone += u32::from(matches!(last_result(), Some(Err(_))));
		let lost = before.saturating_sub(free(signer));
		// Who relays for itself pays for its own entry.
		let entry = if sender == signer && nonce == 0 { PRICE } else { 0 };
		assert!(
			lost <= fee.saturating_add(most).saturating_add(entry),
			"{lost} of {fee} and {most}"
		);
		if last_result() != Some(Ok(())) && sender != signer {
			assert_eq!(lost, fee, "what failed costs the fee alone");
		}
		assert!(
			!is_marked(),
			"what is forbidden was not done, and of what failed nothing is left"
		);
	}

	fn step(&mut self, rng: &mut Rng) {
		System::reset_events();
		let issued = Balances::total_issuance();
		match rng.below(100) {
			0..=39 => self.sign(rng),
			40..=44 => {
				let who = who(rng);
				let next = self.nonce(who) + rng.below(3);
				if revoke(who, next).is_ok() {
					assert!(next > self.nonce(who));
					self.nonces.insert(who, next);
				}
			}
			45..=54 => {
				let (from, to) = (who(rng), who(rng));
				_ = transfer(to, amount(rng)).dispatch(origin(from));
			}
			55..=59 => System::set_block_number(System::block_number() + 1),
			_ => self.send(rng),
		}
		let vanished = issued.checked_sub(Balances::total_issuance());
		// What is less than an account has to hold vanishes with it: of a few accounts in a step.
		assert!(vanished.is_some_and(|dust| dust < 8 * LEAST), "{vanished:?}");
		for who in PEOPLE {
			assert_eq!(next(who), self.nonce(who));
		}
	}
}

fn revoke(who: Who, next: RelayNonce) -> DispatchResult {
	let call = RuntimeCall::from(crate::Call::<Test>::revoke { next });
	outcome(call.dispatch(origin(who)))
}

fn campaign(seed: u64, steps: u64) {
	println!("SMARTCHAIN_SEED={seed}");
	let mut rng = Rng::new(seed);
	run(|| {
		let mut world = World::default();
		for _ in 0..steps {
			world.step(&mut rng);
		}
		assert!(
			world.relayed > 10 && world.undone > 2,
			"{} {}",
			world.relayed,
			world.undone
		);
	});
}

#[test]
fn random_words_cost_what_was_signed() {
	for seed in seeds(6) {
		campaign(seed, 1_500 * runs());
	}
}

#[test]
#[ignore = "takes minutes: run with --release"]
fn a_million_random_words_cost_what_was_signed() {
	for seed in seeds(10) {
		campaign(seed, 100_000);
	}
}
