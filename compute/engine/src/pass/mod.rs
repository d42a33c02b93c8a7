//! The pass over a program's functions: NaNs are made canonical where their bits become visible, and work that the
//! meter does not see is charged for. The crate's README says why this is enough.
//!
//! Nothing is re-encoded. What is added goes between instructions, and locals behind those that are there, so that no
//! number in the module changes.

mod emit;
mod flow;
mod state;
mod step;

use crate::{
	limits::{MAX_ALL_LOCALS, MAX_BODY_BYTES, MAX_EDGES, MAX_LOCALS, MAX_REWRITTEN_BODY_BYTES},
	refusal::Refusal,
};
use emit::Scratch;
use state::State;
use wasm_encoder::Encode;
use wasmparser::{FuncToValidate, FuncValidatorAllocations, FunctionBody, ValType, ValidatorResources};

/// What the pass keeps from one function to the next.
#[derive(Default)]
pub(crate) struct Pass {
	allocations: FuncValidatorAllocations,
	/// How many locals all functions had so far.
	locals: u64,
}

impl Pass {
	/// Validates a function and writes its body anew. `module` is all of the program.
	pub fn function(
		&mut self,
		module: &[u8],
		function: FuncToValidate<ValidatorResources>,
		body: &FunctionBody<'_>,
	) -> Result<Vec<u8>, Refusal> {
		let range = body.range();
		let index = function.index;
		let long_at_most = |bytes: usize, most: usize| match bytes <= most {
			true => Ok(()),
			false => Err(Refusal::FunctionTooLarge {
				function: index,
				bytes,
				most,
			}),
		};
		long_at_most(range.len(), MAX_BODY_BYTES)?;
		let mut validator = function.into_validator(std::mem::take(&mut self.allocations));
		let parameters = validator.len_locals();
		let groups = body.get_locals_reader()?;
		let (count, declared) = (groups.get_count(), groups.original_position());
		let mut reader = body.get_binary_reader();
		validator.read_locals(&mut reader)?;
		let code = reader.original_position();
		let locals = validator.len_locals();
		Refusal::at_most("locals in one function", locals, MAX_LOCALS)?;
		self.locals = self.locals.saturating_add(locals.into());
		Refusal::at_most("locals in all functions", self.locals, MAX_ALL_LOCALS)?;
		let states = (0..locals)
			.map(|local| match validator.get_local_type(local) {
				Some(ValType::F32 | ValType::F64 | ValType::V128) => step::initial(local < parameters),
				_ => State::Exact,
			})
			.collect();
		let read = step::read(&mut validator, body)?;
		self.allocations = validator.into_allocations();
		let edges = read.edges.saturating_mul(locals.into());
		Refusal::at_most("edges times locals in one function", edges, MAX_EDGES)?;

		let mut scratch = Scratch::new(locals);
		let text = rewrite(module, &read, code, states, &mut scratch);
		let added = u32::try_from(scratch.types().len()).unwrap_or(u32::MAX);
		let mut written = Vec::with_capacity(text.len() + range.len());
		count.saturating_add(added).encode(&mut written);
		written.extend_from_slice(module.get(declared..code).unwrap_or_default());
		for ty in scratch.types() {
			1u32.encode(&mut written);
			ty.encode(&mut written);
		}
		written.extend_from_slice(&text);
		long_at_most(written.len(), MAX_REWRITTEN_BODY_BYTES)?;
		Ok(written)
	}
}

/// A function's instructions with what is added to them.
fn rewrite(module: &[u8], read: &step::Steps, code: usize, locals: Vec<State>, scratch: &mut Scratch) -> Vec<u8> {
	let marks = flow::marks(&read.steps, locals);
	let mut text = Vec::new();
	let mut from = code;
	let mut copy = |text: &mut Vec<u8>, to: usize| {
		text.extend_from_slice(module.get(from..to).unwrap_or_default());
		from = to;
	};
	for (at, (step, mark)) in read.steps.iter().zip(&marks).enumerate() {
		if step.outside {
			copy(&mut text, step.at);
			emit::call(&mut text);
		}
		if let Some(bulk) = step.bulk {
			copy(&mut text, step.at);
			emit::burn(&mut text, bulk, scratch);
		}
		if let Some(open) = mark {
			let behind = read.steps.get(at + 1).map_or(read.end, |next| next.at);
			copy(&mut text, behind);
			emit::canonical(&mut text, *open, scratch);
		}
	}
	copy(&mut text, read.end);
	text
}
