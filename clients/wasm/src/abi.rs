//! What a module of Wasm exports. Its memory belongs to the module: JavaScript writes a request where it is told to,
//! and copies the reply out before it calls again.

#![allow(unsafe_code)]

use crate::{Desk, MAX_REQUEST, VERSION};
use alloc::vec::Vec;

#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

/// A panic is a trap: JavaScript gets a `WebAssembly.RuntimeError`, drops the module, and begins anew from its store.
#[cfg(not(feature = "std"))]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
	core::arch::wasm32::unreachable()
}

struct State {
	desk: Desk,
	room: Vec<u8>,
	reply: Vec<u8>,
}

/// A lock that is held is one of a call that has trapped: then nothing is answered any more.
static STATE: spin::Mutex<State> = spin::Mutex::new(State {
	desk: Desk::new(),
	room: Vec::new(),
	reply: Vec::new(),
});

/// What a call comes to that finds the module broken, or has no request.
const BROKEN: u32 = u32::MAX;

/// A place in memory. Modules of Wasm have 32 bits of it.
fn place(bytes: &[u8]) -> u32 {
	u32::try_from(bytes.as_ptr() as usize).unwrap_or(0)
}

/// The version of this interface.
#[no_mangle]
pub extern "C" fn sc_version() -> u32 {
	VERSION
}

/// Makes room for a request of so many bytes. Where it begins; 0 if there is none, or if it is too long. What was there
/// before is gone.
#[no_mangle]
pub extern "C" fn sc_room(length: u32) -> u32 {
	let Some(mut state) = STATE.try_lock() else {
		return 0;
	};
	state.room = Vec::new();
	if length == 0 || length > MAX_REQUEST {
		return 0;
	}
	let length = usize::try_from(length).unwrap_or(0);
	if state.room.try_reserve_exact(length).is_err() {
		return 0;
	}
	state.room.resize(length, 0);
	place(&state.room)
}

/// Answers the request that was written into the room. How many bytes the reply has; all ones if the module is broken.
#[no_mangle]
pub extern "C" fn sc_call() -> u32 {
	let Some(mut state) = STATE.try_lock() else {
		return BROKEN;
	};
	let request = core::mem::take(&mut state.room);
	let reply = state.desk.call(&request);
	state.reply = reply;
	u32::try_from(state.reply.len()).unwrap_or(BROKEN)
}

/// Where the last reply begins.
#[no_mangle]
pub extern "C" fn sc_reply() -> u32 {
	match STATE.try_lock() {
		Some(state) => place(&state.reply),
		None => 0,
	}
}
