#![doc = include_str!("../README.md")]
#![no_std]

mod host;

pub use host::{chance, exit, read, say, time, trap, unit, write};

/// Which unit this is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Unit {
	/// Its number, from 0 on.
	pub number: u32,
	/// How many units the job has.
	pub count: u32,
}

/// The host did not do what it was asked for: its error number.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Fault(pub u16);

/// Makes a function without parameters, which gives a `Result<(), Fault>`, the program. A fault ends it with code 1,
/// and a panic is a trap.
#[macro_export]
macro_rules! job {
	($main:path) => {
		/// Where the host begins.
		#[allow(unsafe_code)]
		#[no_mangle]
		pub extern "C" fn _start() {
			let done: Result<(), $crate::Fault> = $main();
			if done.is_err() {
				$crate::exit(1);
			}
		}

		#[panic_handler]
		fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
			$crate::trap()
		}
	};
}
