//! What a transaction did: its events, and the error if it did nothing.

use super::{decode, remedy, text, Runtime, Way};
use crate::{
	send::ChainEvent,
	types::{said, Balance},
	AccountId, ChainError, Result,
};
use codec::Decode;
use sp_runtime::{ApplyExtrinsicResult, ArithmeticError, DispatchError, TokenError, TransactionalError};
use subxt::{events::Phase, ext::scale_value};

/// How many events of one transaction are told.
const MOST_EVENTS: usize = 64;

/// What a transaction did in its block.
#[derive(Debug)]
pub(crate) struct Applied {
	/// Its events but those that each has, or why it did nothing.
	pub outcome: Result<Vec<ChainEvent>>,
	/// What was paid for it, in planck, if anything was.
	pub fee: Option<Balance>,
}

impl Runtime {
	/// What the transaction at this place of a block did, from the events of the block.
	///
	/// # Errors
	/// If they cannot be read, or say nothing of it.
	pub fn applied(&self, events: Vec<u8>, index: u32) -> Result<Applied> {
		let client = self.client()?;
		let all = client.events().from_bytes(events);
		let (mut outcome, mut fee, mut told) = (None, None, Vec::new());
		for event in all.iter() {
			let event = event.map_err(|error| unreadable(&error.to_string()))?;
			if event.phase() != Phase::ApplyExtrinsic(index) {
				continue;
			}
			let bytes = event.field_bytes();
			match (event.pallet_name(), event.event_name()) {
				("System", "ExtrinsicSuccess") => outcome = Some(Ok(())),
				("System", "ExtrinsicFailed") => outcome = Some(Err(self.refusal(bytes)?)),
				("TransactionPayment", "TransactionFeePaid") => fee = paid(bytes),
				(pallet, name) if told.len() < MOST_EVENTS => told.push(self.event(pallet, name, bytes)?),
				_ => (),
			}
		}
		let outcome = outcome.ok_or_else(|| unreadable("they do not say whether the transaction did anything"))?;
		Ok(Applied {
			outcome: outcome.map(|()| told),
			fee,
		})
	}

	fn event(&self, pallet: &str, name: &str, bytes: &[u8]) -> Result<ChainEvent> {
		let variants = self
			.metadata
			.pallet_by_name(pallet)
			.and_then(|pallet| pallet.event_variants());
		let variant = variants.and_then(|variants| variants.iter().find(|variant| variant.name == name));
		let (mut left, mut fields) = (bytes, Vec::new());
		for field in variant.map(|variant| &variant.fields[..]).unwrap_or_default() {
			let value = scale_value::scale::decode_as_type(&mut left, field.ty.id, self.metadata.types())
				.map_err(|error| unreadable(&error.to_string()))?;
			fields.push((said(field.name.as_deref().unwrap_or_default()), text::of(&value)));
		}
		Ok(ChainEvent {
			pallet: said(pallet),
			name: said(name),
			fields,
			bytes: bytes.to_vec(),
		})
	}

	/// The error that a failed transaction's event begins with.
	fn refusal(&self, mut bytes: &[u8]) -> Result<ChainError> {
		if let Some(id) = self.metadata.dispatch_error_ty() {
			self.once("DispatchError", || self.compare::<DispatchError>(id, Way::Read))?;
		}
		let error = DispatchError::decode(&mut bytes).map_err(|error| unreadable(&error.to_string()))?;
		Ok(self.in_words(error))
	}

	/// What a transaction would do, by the answer to a dry run.
	///
	/// # Errors
	/// If it cannot be read.
	pub fn tried(&self, bytes: &[u8]) -> Result<Result<()>> {
		match bytes {
			[0, 0] => Ok(Ok(())),
			[0, 1, error @ ..] => self.refusal(error).map(Err),
			_ => {
				let result: ApplyExtrinsicResult = decode("a dry run", bytes)?;
				Ok(Err(ChainError::Dropped(said(&format!("{result:?}")))))
			}
		}
	}

	fn in_words(&self, error: DispatchError) -> ChainError {
		let DispatchError::Module(module) = error else {
			let (name, words) = general(&error);
			return ChainError::Dispatch {
				pallet: "System".into(),
				error: name,
				words: words.into(),
			};
		};
		let pallet = self.metadata.pallet_by_error_index(module.index);
		let [index, ..] = module.error;
		let variant = pallet.and_then(|pallet| pallet.error_variant_by_index(index));
		let cause = variant.map(|variant| text::sentence(&variant.docs)).unwrap_or_default();
		let name = variant.map_or_else(|| format!("error {index}"), |variant| said(&variant.name));
		let pallet = pallet.map_or_else(|| format!("pallet {}", module.index), |pallet| said(pallet.name()));
		let remedy = remedy::remedy(&pallet, &name).unwrap_or_else(|| remedy::unknown(&pallet));
		ChainError::Dispatch {
			words: match cause.trim_end_matches('.') {
				"" => remedy.to_owned(),
				cause => format!("{cause}; {remedy}"),
			},
			pallet,
			error: name,
		}
	}
}

/// What `TransactionFeePaid` says was paid: who, how much, and the tip in that.
fn paid(bytes: &[u8]) -> Option<Balance> {
	let (_, fee, _): (AccountId, Balance, Balance) = decode("TransactionFeePaid", bytes).ok()?;
	Some(fee)
}

/// Errors of no pallet, by name and with what to do.
fn general(error: &DispatchError) -> (String, &'static str) {
	let words = match error {
		DispatchError::Token(TokenError::FundsUnavailable | TokenError::Frozen | TokenError::NotExpendable) => {
			"there is not enough in the account; send STCI there"
		}
		DispatchError::Token(TokenError::BelowMinimum | TokenError::CannotCreate) => {
			"the receiver would have less than the least that an account has; send more"
		}
		DispatchError::Token(_) => "the account cannot pay so; look at its balance and what is held",
		DispatchError::BadOrigin | DispatchError::RootNotAllowed => "this account may not do that; use the right one",
		DispatchError::CannotLookup => "there is no such account; look at its address",
		DispatchError::ConsumerRemaining | DispatchError::NoProviders | DispatchError::TooManyConsumers => {
			"something still is held of the account, or it has nothing; look at its balance"
		}
		DispatchError::Arithmetic(
			ArithmeticError::Underflow | ArithmeticError::Overflow | ArithmeticError::DivisionByZero,
		) => "a number is too large or too small; use another",
		DispatchError::Transactional(TransactionalError::LimitReached | TransactionalError::NoLayer)
		| DispatchError::Exhausted => "the block has no room for it; send it again",
		DispatchError::Unavailable => "something is missing for the moment; send it again",
		DispatchError::Trie(_) | DispatchError::Corruption => "the chain's state is damaged; tell those who run it",
		DispatchError::Other(_) | DispatchError::Module(_) => "the runtime says no more; look at the device's status",
	};
	(said(&format!("{error:?}")), words)
}

fn unreadable(why: &str) -> ChainError {
	ChainError::Undecodable {
		what: "the block's events".into(),
		why: said(why),
	}
}
