//! The interface that programs are given: the functions of WASI preview 1, of which some do something, and all others
//! answer that they are not there.

use wasmparser::{FuncType, ValType};

/// The module that programs import from.
pub(crate) const MODULE: &str = "wasi_snapshot_preview1";

/// A function of the interface that does something.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Call {
	ArgsGet,
	ArgsSizesGet,
	ClockResGet,
	ClockTimeGet,
	EnvironGet,
	EnvironSizesGet,
	FdClose,
	FdFdstatGet,
	FdFdstatSetFlags,
	FdPrestat,
	FdRead,
	FdSeek,
	FdTell,
	FdWrite,
	PollOneoff,
	ProcExit,
	RandomGet,
	SchedYield,
	/// All others.
	Missing,
}

/// A function as programs import it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
	pub name: &'static str,
	/// A letter for each parameter: `i` of 32 bits, `l` of 64.
	params: &'static str,
	pub call: Call,
}

const fn entry(name: &'static str, params: &'static str, call: Call) -> Entry {
	Entry { name, params, call }
}

/// All of preview 1, by name.
const ENTRIES: &[Entry] = &[
	entry("args_get", "ii", Call::ArgsGet),
	entry("args_sizes_get", "ii", Call::ArgsSizesGet),
	entry("clock_res_get", "ii", Call::ClockResGet),
	entry("clock_time_get", "ili", Call::ClockTimeGet),
	entry("environ_get", "ii", Call::EnvironGet),
	entry("environ_sizes_get", "ii", Call::EnvironSizesGet),
	entry("fd_advise", "illi", Call::Missing),
	entry("fd_allocate", "ill", Call::Missing),
	entry("fd_close", "i", Call::FdClose),
	entry("fd_datasync", "i", Call::Missing),
	entry("fd_fdstat_get", "ii", Call::FdFdstatGet),
	entry("fd_fdstat_set_flags", "ii", Call::FdFdstatSetFlags),
	entry("fd_fdstat_set_rights", "ill", Call::Missing),
	entry("fd_filestat_get", "ii", Call::Missing),
	entry("fd_filestat_set_size", "il", Call::Missing),
	entry("fd_filestat_set_times", "illi", Call::Missing),
	entry("fd_pread", "iiili", Call::Missing),
	entry("fd_prestat_dir_name", "iii", Call::FdPrestat),
	entry("fd_prestat_get", "ii", Call::FdPrestat),
	entry("fd_pwrite", "iiili", Call::Missing),
	entry("fd_read", "iiii", Call::FdRead),
	entry("fd_readdir", "iiili", Call::Missing),
	entry("fd_renumber", "ii", Call::Missing),
	entry("fd_seek", "ilii", Call::FdSeek),
	entry("fd_sync", "i", Call::Missing),
	entry("fd_tell", "ii", Call::FdTell),
	entry("fd_write", "iiii", Call::FdWrite),
	entry("path_create_directory", "iii", Call::Missing),
	entry("path_filestat_get", "iiiii", Call::Missing),
	entry("path_filestat_set_times", "iiiilli", Call::Missing),
	entry("path_link", "iiiiiii", Call::Missing),
	entry("path_open", "iiiiillii", Call::Missing),
	entry("path_readlink", "iiiiii", Call::Missing),
	entry("path_remove_directory", "iii", Call::Missing),
	entry("path_rename", "iiiiii", Call::Missing),
	entry("path_symlink", "iiiii", Call::Missing),
	entry("path_unlink_file", "iii", Call::Missing),
	entry("poll_oneoff", "iiii", Call::PollOneoff),
	entry("proc_exit", "i", Call::ProcExit),
	entry("proc_raise", "i", Call::Missing),
	entry("random_get", "ii", Call::RandomGet),
	entry("sched_yield", "", Call::SchedYield),
	entry("sock_accept", "iii", Call::Missing),
	entry("sock_recv", "iiiiii", Call::Missing),
	entry("sock_send", "iiiii", Call::Missing),
	entry("sock_shutdown", "ii", Call::Missing),
];

impl Entry {
	/// The function of that name.
	pub fn find(name: &str) -> Option<&'static Self> {
		ENTRIES.iter().find(|entry| entry.name == name)
	}

	/// Which of its parameters have 64 bits, in order.
	pub fn wide(&self) -> impl Iterator<Item = bool> {
		self.params.bytes().map(|letter| letter == b'l')
	}

	/// How many results it has.
	pub fn results(&self) -> usize {
		usize::from(self.call != Call::ProcExit)
	}

	/// Whether a program that imports it with this type means it.
	pub fn fits(&self, found: &FuncType) -> bool {
		let params = self.wide().map(|wide| if wide { ValType::I64 } else { ValType::I32 });
		found.params().iter().copied().eq(params) && found.results() == vec![ValType::I32; self.results()]
	}
}
