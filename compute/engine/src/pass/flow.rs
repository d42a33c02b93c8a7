//! Where the bits of NaNs become visible: what flows where in one function.
//!
//! Each value on the stack knows the instruction that made it. If an instruction sees its bits, that instruction is
//! *marked*: the value is made canonical right behind it, where it is on top of the stack. A local is open if all that
//! is ever written to it is open alike, or no NaN; then what it holds stays as it is until somebody sees it. Which
//! locals are is found by trying: all are thought to hold nothing but zero, and each round knows more of what is
//! written.

use super::{
	state::{Open, Shape, State},
	step::{Kind, Step},
};

/// How often a function is gone through until its locals are known. Then those of floats are exact, which always holds.
const MAX_ROUNDS: usize = 8;

/// A value on the stack.
#[derive(Clone, Copy)]
struct Value {
	state: State,
	/// Which instruction made it, if its bits are open.
	by: usize,
}

impl Value {
	const EXACT: Self = Self {
		state: State::Exact,
		by: usize::MAX,
	};
}

/// What is made canonical behind each instruction of a function.
pub(super) type Marks = Vec<Option<Open>>;

/// Finds what has to be made canonical. `locals` are what each local holds at the start.
pub(super) fn marks(steps: &[Step], mut locals: Vec<State>) -> Marks {
	for _ in 0..MAX_ROUNDS {
		let round = Round::over(steps, &locals);
		if round.written == locals {
			return round.marks;
		}
		locals = round.written;
	}
	Round::over(steps, &vec![State::Exact; locals.len()]).marks
}

struct Round<'a> {
	stack: Vec<Value>,
	/// What an instruction takes; kept for its memory alone.
	taken: Vec<Value>,
	/// What locals are thought to hold.
	locals: &'a [State],
	/// The same, and what was written to them.
	written: Vec<State>,
	marks: Marks,
}

impl<'a> Round<'a> {
	/// Goes through a function.
	fn over(steps: &[Step], locals: &'a [State]) -> Self {
		let mut round = Self {
			stack: Vec::new(),
			taken: Vec::new(),
			locals,
			written: locals.to_vec(),
			marks: vec![None; steps.len()],
		};
		for (at, step) in steps.iter().enumerate() {
			round.step(at, step);
		}
		round
	}

	fn step(&mut self, at: usize, step: &Step) {
		if step.live {
			self.take(step.takes as usize);
			self.go(at, step);
		}
		// What cannot be reached takes and gives as it likes. After it, and behind a branch, the validator's height
		// holds.
		self.stack.resize(step.height as usize, Value::EXACT);
		if !step.live {
			// What a block gives that ends in such code came by branches, and is exact.
			let given = self.stack.len().saturating_sub(step.gives as usize);
			self.stack[given..].fill(Value::EXACT);
		}
	}

	fn take(&mut self, count: usize) {
		let rest = self.stack.len().saturating_sub(count);
		self.taken.clear();
		self.taken.extend_from_slice(&self.stack[rest..]);
		self.stack.truncate(rest);
		// Only what cannot be reached takes more than there is.
		self.taken.resize(count, Value::EXACT);
	}

	/// Has the value made canonical where it is made, if its bits are open. What it is then.
	fn exact(&mut self, value: Value) -> State {
		match value.state {
			State::Open(open) => {
				if let Some(mark) = self.marks.get_mut(value.by) {
					*mark = Some(open);
				}
				State::Exact
			}
			known => known,
		}
	}

	/// The same unless it is open in this shape.
	fn shaped(&mut self, value: Value, shape: Shape) -> State {
		match value.state {
			State::Open(open) if open.shape == shape => value.state,
			_ => self.exact(value),
		}
	}

	fn go(&mut self, at: usize, step: &Step) {
		let taken = std::mem::take(&mut self.taken);
		let state = match (step.kind, taken.as_slice()) {
			(Kind::Number, values) => {
				for value in values {
					self.exact(*value);
				}
				State::Number
			}
			(Kind::Arithmetic { takes, gives }, values) => {
				for value in values {
					self.shaped(*value, takes);
				}
				State::Open(Open {
					shape: gives,
					negative: false,
				})
			}
			(Kind::Asks(shape), values) => {
				for value in values {
					self.shaped(*value, shape);
				}
				State::Exact
			}
			(Kind::Negates(shape), [value]) => self.signed(*value, shape, |negative| !negative),
			(Kind::Abs(shape), [value]) => self.signed(*value, shape, |_| false),
			(Kind::Either(shape), [one, other]) => {
				let [one, other] = [one, other].map(|value| Value {
					state: self.shaped(*value, shape),
					by: value.by,
				});
				self.either(one, other)
			}
			(Kind::Select, [one, other, _]) => self.either(*one, *other),
			(Kind::Splat(shape), [value]) => splat(value.state, shape),
			(Kind::Extract(shape), [value]) => match self.shaped(*value, shape) {
				State::Open(open) => State::Open(Open {
					shape: shape.lane(),
					..open
				}),
				known => known,
			},
			(Kind::Replace(shape), [vector, lane]) => self.replace(*vector, *lane, shape),
			(Kind::Get(local), _) => self.locals.get(local as usize).copied().unwrap_or(State::Exact),
			(Kind::Set(local) | Kind::Tee(local), [value]) => self.write(local, *value),
			(Kind::Drop, _) => State::Exact,
			(_, values) => {
				for value in values {
					self.exact(*value);
				}
				State::Exact
			}
		};
		self.taken = taken;
		let given = self.stack.len() + step.gives as usize;
		self.stack.resize(given, Value { state, by: at });
	}

	fn signed(&mut self, value: Value, shape: Shape, sign: impl Fn(bool) -> bool) -> State {
		match self.shaped(value, shape) {
			State::Open(open) => State::Open(Open {
				negative: sign(open.negative),
				..open
			}),
			known => known,
		}
	}

	/// What may be either of two. If they are not open alike, both are made exact.
	fn either(&mut self, one: Value, other: Value) -> State {
		let joined = one.state.join(other.state);
		if joined == State::Exact {
			self.exact(one);
			self.exact(other);
		}
		joined
	}

	fn replace(&mut self, vector: Value, lane: Value, shape: Shape) -> State {
		let known = self.shaped(vector, shape);
		let joined = match (known, lane.state) {
			// A lane that is no NaN leaves the others as they are, in this shape.
			(State::Open(_), State::Number) => known,
			(_, state) => known.join(splat(state, shape)),
		};
		if joined == State::Exact {
			self.exact(vector);
			self.exact(lane);
		}
		joined
	}

	/// A local is written. What stays on the stack, if anything does.
	fn write(&mut self, local: u32, value: Value) -> State {
		let Some(held) = self.written.get_mut(local as usize) else {
			return self.exact(value);
		};
		*held = held.join(value.state);
		// A minus would be lost where the local is made canonical with what others write.
		match (*held, value.state) {
			(State::Exact, _) => self.exact(value),
			(_, state) => state,
		}
	}
}

/// A vector whose lanes are all that value.
fn splat(lane: State, shape: Shape) -> State {
	match lane {
		State::Open(open) => State::Open(Open { shape, ..open }),
		// Halves of what is no NaN of 64 bits may be NaNs of 32.
		State::Number if shape == Shape::F64x2 => State::Exact,
		known => known,
	}
}
