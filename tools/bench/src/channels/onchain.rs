//! Closings on chain, beside transfers: whole blocks of each, less an empty one.

use crate::{
	issuance::machine::{Machine, GENESIS},
	report::Row,
	stats::micros,
};
use channel_primitives::{
	Accept, ChannelId, ChannelKey, ChannelSignature, Claim, CloseTogether, Context, Half, Locks, Payload, PerSide,
	Side, Signed, Terms, Tick, NO_CHANNEL, STCI as ASSET,
};
use codec::Decode;
use frame_support::{
	dispatch::{DispatchClass, GetDispatchInfo},
	traits::{fungible::Mutate, Get},
	weights::Weight,
};
use issuance_primitives::STCI;
use pallet_payment_channels::{Answer, Call, Config, LastId, WeightInfo};
use smartchain_runtime::{limits::RuntimeBlockWeights, AccountId, Balances, Runtime, RuntimeCall, UncheckedExtrinsic};
use smartchain_tests::{
	ensure,
	tx::{self, Account, Chain},
	Error, Result,
};
use sp_core::{ed25519, sr25519, Pair};
use sp_io::hashing::blake2_256;
use sp_runtime::MultiSignature;

/// Transactions in a block, each of another account and channel.
const COUNT: u32 = 50;
/// What each account has before, in planck.
const FUNDS: u128 = 1_000 * STCI;
/// What the opener puts in, in planck.
const STAKE: u128 = 10 * STCI;
/// The first slot.
const SLOT: u64 = 2_400_000_000;

/// What the pallet is charged.
type Weights = <Runtime as Config>::WeightInfo;

/// Two accounts with a channel.
struct Line {
	opener: Account,
	partner: AccountId,
	side: Side,
	keys: PerSide<ed25519::Pair>,
	id: ChannelId,
	accept: MultiSignature,
	terms: Terms,
}

/// What a kind of transaction takes.
#[derive(Clone, Copy)]
struct Measure {
	/// Microseconds in a block.
	took: f64,
	/// What a block charges for it,
	charged: Weight,
	/// and what of that its call is.
	call: Weight,
}

/// All that is measured.
struct All {
	transfer: Measure,
	open: Measure,
	together: Measure,
	close: Measure,
	settle: Measure,
	/// What a settlement without an account is charged: it is looked at before it is carried out.
	settle_free: Weight,
}

impl Line {
	fn new(index: u32, window: Tick) -> Result<Self> {
		let opener = Account::dev(&format!("//opener//{index}"));
		let pair = sr25519::Pair::from_string(&format!("//partner//{index}"), None)
			.map_err(|error| Error::new(format!("no key: {error:?}")))?;
		let partner = AccountId::from(pair.public().0);
		let side = Side::of(opener.id(), &partner).ok_or_else(|| Error::new("one account"))?;
		let keys = PerSide::from_fn(|side| {
			ed25519::Pair::from_seed(&blake2_256(format!("channel {index} {side:?}").as_bytes()))
		});
		let terms = Terms {
			keys: PerSide::from_fn(|side| ChannelKey(keys.get(side).public().0)),
			window,
		};
		let accept = Accept {
			terms,
			opener: opener.id().clone().into(),
			expiry: Tick::MAX,
		};
		let context = Context {
			genesis: GENESIS.0,
			channel: NO_CHANNEL,
			asset: ASSET,
			side: side.partner(),
		};
		let accept = MultiSignature::Sr25519(pair.sign(&accept.payload(&context)));
		Ok(Self {
			opener,
			partner,
			side,
			keys,
			// They are opened in their order.
			id: ChannelId::from(index) + 1,
			accept,
			terms,
		})
	}

	fn signature<Body: Payload>(&self, side: Side, body: &Body) -> ChannelSignature {
		let context = Context {
			genesis: GENESIS.0,
			channel: self.id,
			asset: ASSET,
			side,
		};
		ChannelSignature(self.keys.get(side).sign(&body.payload(&context)).0)
	}

	fn open(&self) -> RuntimeCall {
		Call::<Runtime>::open {
			partner: self.partner.clone(),
			terms: self.terms,
			amount: STAKE,
			expiry: Tick::MAX,
			signature: self.accept.clone(),
		}
		.into()
	}

	fn close_together(&self) -> RuntimeCall {
		let mut pay = PerSide::default();
		*pay.get_mut(self.side) = STAKE - STCI;
		*pay.get_mut(self.side.partner()) = STCI;
		let expiry = Tick::MAX;
		let body = CloseTogether { pay, expiry };
		Call::<Runtime>::close_together {
			channel: self.id,
			pay,
			expiry,
			signatures: PerSide::from_fn(|side| self.signature(side, &body)),
		}
		.into()
	}

	/// The opener closes, and brings the half of its partner.
	fn close(&self) -> RuntimeCall {
		let locks = Locks::default();
		let claim = Claim::new(STCI, &locks);
		let half = Half {
			nonce: 1,
			ack: 1,
			transferred: STCI / 2,
			locked: 0,
			locks: locks.root(),
			memo: [0; 32],
		};
		Call::<Runtime>::close {
			channel: self.id,
			claim: Signed {
				body: claim,
				signature: self.signature(self.side, &claim),
			},
			locks,
			brought: Some(Signed {
				body: half,
				signature: self.signature(self.side.partner(), &half),
			}),
			words: Default::default(),
		}
		.into()
	}

	/// As it is sent by nobody.
	fn settle_free(&self) -> RuntimeCall {
		Call::<Runtime>::settle { channel: self.id }.into()
	}

	fn settle(&self) -> RuntimeCall {
		let answer = Answer::Settle;
		Call::<Runtime>::answer {
			channel: self.id,
			answer,
		}
		.into()
	}
}

fn signed(signer: &Account, nonce: u32, call: RuntimeCall) -> Result<UncheckedExtrinsic> {
	let bytes = Chain::with_genesis(GENESIS).sign(signer, nonce, call);
	Ok(UncheckedExtrinsic::decode(&mut &bytes[..])?)
}

/// One chain with its channels.
struct Field {
	machine: Machine,
	lines: Vec<Line>,
	times: u32,
}

impl Field {
	fn new(times: u32) -> Result<Self> {
		let mut machine = Machine::new(SLOT)?;
		machine.grow(1)?;
		let window = machine.query(|| <Runtime as Config>::MinWindow::get());
		let lines: Vec<Line> = (0..COUNT)
			.map(|index| Line::new(index, window))
			.collect::<Result<_>>()?;
		machine.prepare(|| {
			for account in lines.iter().flat_map(|line| [line.opener.id(), &line.partner]) {
				Balances::mint_into(account, FUNDS)
					.map_err(|error| Error::new(format!("somebody has no account: {error:?}")))?;
			}
			Ok(())
		})?;
		Ok(Self { machine, lines, times })
	}

	/// What a block of such transactions takes, one of each opener, beyond an empty one. It is kept if others follow.
	fn measure(
		&mut self,
		what: &str,
		nonce: u32,
		call: &dyn Fn(&Line) -> RuntimeCall,
		of_call: Weight,
		keeps: bool,
	) -> Result<Measure> {
		let empty = self.machine.run(Vec::new(), self.times)?;
		let block: Vec<_> = self
			.lines
			.iter()
			.map(|line| signed(&line.opener, nonce, call(line)))
			.collect::<Result<_>>()?;
		let ran = self
			.machine
			.run(block, self.times)
			.map_err(|error| error.while_doing(format!("a block of {COUNT} times {what}")))?;
		if keeps {
			self.machine.keep(&ran)?;
		}
		Ok(Measure {
			took: micros(ran.took.saturating_sub(empty.took)) / f64::from(COUNT),
			charged: ran.transactions.checked_div(COUNT.into()).unwrap_or_default(),
			call: of_call,
		})
	}

	fn all(mut self) -> Result<All> {
		let to = self.lines.first().map(|line| line.partner.clone());
		let to = to.ok_or_else(|| Error::new("there are no channels"))?;
		let pay = |_: &Line| tx::transfer(&to, STCI);
		let of_transfer = tx::transfer(&to, STCI).get_dispatch_info().call_weight;
		let transfer = self.measure("a transfer", 0, &pay, of_transfer, false)?;
		let open = self.measure("an opening", 0, &Line::open, Weights::open(), true)?;
		let opened = self.machine.query(LastId::<Runtime>::get);
		ensure!(opened == ChannelId::from(COUNT), "{opened} channels were opened");
		let together = Weights::close_together();
		let together = self.measure("a closing together", 1, &Line::close_together, together, false)?;
		let close = self.measure("a close", 1, &Line::close, Weights::close(0, 0), true)?;
		// The clock stands still on a chain without finality: the window is over at once.
		self.machine.prepare(|| {
			pallet_poca::Clock::<Runtime>::mutate(|clock| {
				let window = <Runtime as Config>::MinWindow::get();
				clock.tick = clock.tick.saturating_add(window).saturating_add(2);
			});
			Ok(())
		})?;
		let settle = self.measure("a settlement", 2, &Line::settle, Weights::settle(), true)?;
		let info = self
			.lines
			.first()
			.map(|line| signed(&line.opener, 0, line.settle_free()));
		let info = info
			.ok_or_else(|| Error::new("there are no channels"))??
			.get_dispatch_info();
		let base = RuntimeBlockWeights::get().get(DispatchClass::Normal).base_extrinsic;
		Ok(All {
			transfer,
			open,
			together,
			close,
			settle,
			settle_free: base
				.saturating_add(info.extension_weight)
				.saturating_add(info.call_weight),
		})
	}
}

fn us(weight: Weight) -> f64 {
	weight.ref_time() as f64 / 1e6
}

/// What it takes and is charged, beside a transfer.
fn beside(one: &Measure, transfer: &Measure) -> String {
	format!(
		"{:.2} x a transfer in what is charged, {:.2} x in time, {:.2} x by the calls alone: charged {:.0} us, \
		 took {:.0}",
		us(one.charged) / us(transfer.charged),
		one.took / transfer.took,
		us(one.call) / us(transfer.call),
		us(one.charged),
		one.took
	)
}

/// Two transactions as one.
fn both(one: &Measure, other: &Measure) -> Measure {
	Measure {
		took: one.took + other.took,
		charged: one.charged.saturating_add(other.charged),
		call: one.call.saturating_add(other.call),
	}
}

/// What was measured; each block is executed so many times.
pub fn rows(times: u32) -> Result<Vec<Row>> {
	let all = Field::new(times)?.all()?;
	let transfer = &all.transfer;
	ensure!(
		transfer.took > 0.0 && transfer.charged.ref_time() > 0,
		"blocks of transfers take no longer than empty ones"
	);
	let free = all.close.charged.saturating_add(all.settle_free);
	Ok(vec![
		Row::new(
			format!("a transfer, in blocks of {COUNT}, in Wasm"),
			"",
			format!("charged {:.0} us, took {:.0}", us(transfer.charged), transfer.took),
		),
		Row::new("a channel is opened", "", beside(&all.open, transfer)),
		Row::new(
			"closed together",
			"<= 2.5 x a transfer",
			beside(&all.together, transfer),
		),
		Row::new(
			"closed alone without locks, the partner's half brought, and settled by an account",
			"<= 7 x a transfer",
			beside(&both(&all.close, &all.settle), transfer),
		),
		Row::new(
			"the same, settled by a transaction without an account",
			"<= 7 x a transfer",
			format!("{:.2} x a transfer in what is charged", us(free) / us(transfer.charged)),
		),
	])
}

#[cfg(test)]
mod tests {
	use super::*;

	/// All of it is carried out, and what both sides agree on is charged less than what they do not.
	#[test]
	fn channels_are_opened_closed_and_settled() {
		let all = Field::new(1).unwrap().all().unwrap();
		let alone = both(&all.close, &all.settle);
		let charged = [&all.transfer, &all.together, &alone].map(|measure| measure.charged.ref_time());
		assert!(charged[0] < charged[1] && charged[1] < charged[2], "{charged:?}");
		assert!(all.settle_free.ref_time() > all.settle.charged.ref_time());
	}
}
