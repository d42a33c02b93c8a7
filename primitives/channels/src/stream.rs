//! Chains of hashes: a payment a step, without a signature.

use crate::Hash;
use alloc::vec::Vec;
use core::fmt;
use sp_crypto_hashing::sha2_256;

/// How many steps a chain has at most.
pub const MAX_STEPS: u16 = 4_096;

/// Keeps steps apart from any other hash.
const STEP_DOMAIN: [u8; 2] = *b"PW";

/// How far apart the values are that a payer keeps.
const STRIDE: u16 = 64;

/// The value of the step before: `w_(i-1) = sha256("PW" | w_i)`.
pub fn earlier(value: &Hash) -> Hash {
	let mut bytes = [0_u8; 34];
	let (domain, rest) = bytes.split_at_mut(STEP_DOMAIN.len());
	domain.copy_from_slice(&STEP_DOMAIN);
	rest.copy_from_slice(value);
	sha2_256(&bytes)
}

/// The value so many steps before. With the value of a step and its number it is the root of the chain.
pub fn root_of(value: &Hash, steps: u16) -> Hash {
	(0..steps).fold(*value, |value, _| earlier(&value))
}

/// Why a step of a chain is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamError {
	/// A chain has 1 to [`MAX_STEPS`] steps.
	Length,
	/// The step is not above the last one, or the chain does not have it.
	Step,
	/// The value is another.
	Value,
}

impl fmt::Display for StreamError {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str(match self {
			Self::Length => "a chain has 1 to 4096 steps",
			Self::Step => "the step is not above the last one, or the chain does not have it",
			Self::Value => "the value is not that of the step",
		})
	}
}

impl core::error::Error for StreamError {}

/// A payer's end of a chain. It keeps some values and makes the others again: two hashes a step, 4 KiB. It is a secret,
/// and so it has no form for logs.
#[derive(Clone)]
pub struct Steps {
	steps: u16,
	/// Of every 64th step, from 0 on, and of the last one.
	marks: Vec<Hash>,
	/// Values above [`Steps::base`], in their order.
	near: Vec<Hash>,
	base: u16,
	given: u16,
}

impl Steps {
	/// The chain of so many steps whose last value is `seed`: a secret that is used for nothing else.
	///
	/// # Errors
	/// If it has no step, or too many.
	pub fn new(seed: Hash, steps: u16) -> Result<Self, StreamError> {
		if steps == 0 || steps > MAX_STEPS {
			return Err(StreamError::Length);
		}
		let mut marks = alloc::vec![seed];
		let mut value = seed;
		for step in (0..steps).rev() {
			value = earlier(&value);
			if step % STRIDE == 0 {
				marks.push(value);
			}
		}
		marks.reverse();
		Ok(Self {
			steps,
			marks,
			near: Vec::new(),
			base: 0,
			given: 0,
		})
	}

	/// The same after so many steps were given out, or may have been: a payer stores how far it may give **before** it
	/// gives, since a half that pays for fewer steps than its payee can show makes an honest close forfeit.
	#[must_use]
	pub fn resumed(mut self, given: u16) -> Self {
		self.given = given.min(self.steps);
		self
	}

	/// What the condition names: the value of step 0, which is worth nothing.
	pub fn root(&self) -> Hash {
		self.marks.first().copied().unwrap_or_default()
	}

	/// How many steps were given out.
	pub fn given(&self) -> u16 {
		self.given
	}

	/// The value of the next step that was not given out, and its number; none if there is none.
	pub fn give(&mut self) -> Option<(u16, Hash)> {
		let step = self.given.checked_add(1).filter(|step| *step <= self.steps)?;
		let value = self.value(step)?;
		self.given = step;
		Some((step, value))
	}

	fn value(&mut self, step: u16) -> Option<Hash> {
		let base = step.saturating_sub(1) / STRIDE * STRIDE;
		if self.near.is_empty() || self.base != base {
			self.base = base;
			self.near.clear();
			let top = base.saturating_add(STRIDE).min(self.steps);
			let mut value = *self.marks.get(usize::from(base / STRIDE).saturating_add(1))?;
			self.near.push(value);
			for _ in base.saturating_add(1)..top {
				value = earlier(&value);
				self.near.push(value);
			}
			self.near.reverse();
		}
		let place = step.saturating_sub(base).checked_sub(1)?;
		self.near.get(usize::from(place)).copied()
	}
}

/// A payee's end of a chain: the highest step that it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receiver {
	steps: u16,
	step: u16,
	value: Hash,
}

impl Receiver {
	/// That of a chain with this root and so many steps.
	///
	/// # Errors
	/// If it has no step, or too many.
	pub fn new(root: Hash, steps: u16) -> Result<Self, StreamError> {
		if steps == 0 || steps > MAX_STEPS {
			return Err(StreamError::Length);
		}
		Ok(Self {
			steps,
			step: 0,
			value: root,
		})
	}

	/// Takes the value of a step above the last one: as many hashes as it is above, and so at most as the chain has
	/// steps. Returns by how many steps it is.
	///
	/// # Errors
	/// If the step is not above, or if the value is false; nothing changes then.
	pub fn take(&mut self, step: u16, value: Hash) -> Result<u16, StreamError> {
		if step <= self.step || step > self.steps {
			return Err(StreamError::Step);
		}
		let more = step.saturating_sub(self.step);
		if root_of(&value, more) != self.value {
			return Err(StreamError::Value);
		}
		self.step = step;
		self.value = value;
		Ok(more)
	}

	/// The highest step that it has, and its value: what the chain is shown.
	pub fn best(&self) -> (u16, Hash) {
		(self.step, self.value)
	}
}
