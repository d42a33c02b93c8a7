//! A request becomes a unit of engine 1, and its outcome an answer.

use smartchain_engine::{Backend, Engine, Fault as Why, Kind, Program, Unit};
use smartchain_sandbox::{Answer, Cause, Ending, Fault, Output, Request};

/// Runs what is asked for, by one back end of the engine.
pub(crate) fn run(backend: Backend, request: Request) -> Result<Answer, Fault> {
	let program = Program::check(&request.program);
	let program = program.map_err(|refusal| Fault::new(Cause::Program, &refusal.to_string()))?;
	let loaded = Engine::new(backend).and_then(|engine| engine.load(&program));
	let unit = Unit {
		number: request.unit,
		count: request.count,
		input: request.input.into(),
		time: request.time,
		seed: request.seed,
		fuel_limit: request.fuel,
		memory_pages: request.pages,
	};
	let outcome = loaded.and_then(|loaded| loaded.run(&unit)).map_err(|why| fault(&why))?;
	Ok(Answer {
		ending: match outcome.kind {
			Kind::Ok => Ending::Ok,
			Kind::Trap(trap) => Ending::Trap(trap.code()),
			Kind::OutOfFuel => Ending::OutOfFuel,
		},
		fuel: outcome.fuel,
		output: Output::Bytes(outcome.output),
		remarks: outcome.remarks,
	})
}

/// The same as the sandbox tells it.
fn fault(why: &Why) -> Fault {
	let cause = match why {
		Why::Terms(_) => Cause::Terms,
		Why::Compile(_) => Cause::Compiler,
		Why::Stack => Cause::Stack,
		Why::Host(_) => Cause::Host,
	};
	Fault::new(cause, &why.to_string())
}
