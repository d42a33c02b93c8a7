//! Which system calls a child may make: a table, and what it says of any call. What tells the kernel is `confine`'s.

use std::collections::BTreeMap;

/// A condition on an argument: those bits of it that the mask has are these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Argument {
	/// Which argument, from 0 on.
	pub index: u8,
	/// Whether all 64 bits of it count, or the lower 32.
	pub wide: bool,
	/// The bits that count.
	pub mask: u64,
	/// What they have to be.
	pub equals: u64,
}

/// A call that may be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowed {
	/// Its number.
	pub call: i64,
	/// One of these has to hold, and of it every condition; if there is none, the call may always be made.
	pub any: Vec<Vec<Argument>>,
}

/// What becomes of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
	/// It is made.
	Allow,
	/// It fails with this number.
	Fail(u32),
	/// The process ends.
	Kill,
}

/// All that a child may call. What is not named ends it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
	/// What may be called.
	pub allowed: Vec<Allowed>,
	/// What fails, by number: what libraries try and can do without.
	pub failing: BTreeMap<u32, Vec<i64>>,
}

const STDIN: u64 = 0;
const STDOUT: u64 = 1;
const STDERR: u64 = 2;

/// The bits of an argument of 32 bits.
const fn bits(index: u8, mask: i32, equals: i32) -> Argument {
	Argument {
		index,
		wide: false,
		mask: mask as u32 as u64,
		equals: equals as u32 as u64,
	}
}

/// An argument of 32 bits.
const fn is(index: u8, equals: u64) -> Argument {
	Argument {
		index,
		wide: false,
		mask: u32::MAX as u64,
		equals,
	}
}

/// An argument of 64 bits that is nothing.
const fn null(index: u8) -> Argument {
	Argument {
		index,
		wide: true,
		mask: u64::MAX,
		equals: 0,
	}
}

/// No memory is ever writable and executable at once.
fn one_of_both(mut also: Vec<Argument>, index: u8) -> Vec<Vec<Argument>> {
	let mut other = also.clone();
	also.push(bits(index, libc::PROT_EXEC, 0));
	other.push(bits(index, libc::PROT_WRITE, 0));
	vec![also, other]
}

impl Policy {
	/// Of the process with this number. `threads`: whether it may start threads.
	pub fn new(pid: u32, threads: bool) -> Self {
		let mut allowed = always();
		let mut when = |call: i64, any: Vec<Vec<Argument>>| allowed.push(Allowed { call, any });
		// Three descriptors, each in its direction: whatever else is open is of no use.
		when(libc::SYS_read, vec![vec![is(0, STDIN)]]);
		for call in [libc::SYS_write, libc::SYS_writev] {
			when(call, vec![vec![is(0, STDOUT)], vec![is(0, STDERR)]]);
		}
		let anonymous = bits(3, libc::MAP_ANONYMOUS, libc::MAP_ANONYMOUS);
		when(libc::SYS_mmap, one_of_both(vec![anonymous], 2));
		when(libc::SYS_mprotect, one_of_both(Vec::new(), 2));
		// To abort itself.
		when(libc::SYS_tgkill, vec![vec![is(0, pid.into())]]);
		when(libc::SYS_prlimit64, vec![vec![is(0, 0), null(2)]]);
		let mut missing = vec![libc::SYS_memfd_create];
		if threads {
			let thread = libc::CLONE_THREAD | libc::CLONE_VM | libc::CLONE_SIGHAND;
			when(libc::SYS_clone, vec![vec![bits(0, thread, thread)]]);
			when(
				libc::SYS_prctl,
				vec![vec![is(0, u64::from(libc::PR_SET_NAME.unsigned_abs()))]],
			);
			// What it would do lies in memory, where no filter looks; libraries go on with `clone`.
			missing.push(libc::SYS_clone3);
		}
		Self {
			allowed,
			failing: BTreeMap::from([
				(libc::EPERM.unsigned_abs(), forbidden()),
				(libc::ENOSYS.unsigned_abs(), missing),
			]),
		}
	}

	/// What becomes of a call.
	pub fn judge(&self, call: i64, arguments: &[u64; 6]) -> Verdict {
		for (number, calls) in &self.failing {
			if calls.contains(&call) {
				return Verdict::Fail(*number);
			}
		}
		let holds = |rule: &Allowed| {
			rule.call == call
				&& (rule.any.is_empty() || rule.any.iter().any(|all| all.iter().all(|one| one.holds(arguments))))
		};
		match self.allowed.iter().any(holds) {
			true => Verdict::Allow,
			false => Verdict::Kill,
		}
	}
}

impl Argument {
	fn holds(&self, arguments: &[u64; 6]) -> bool {
		let found = arguments.get(usize::from(self.index)).copied().unwrap_or(0);
		let found = if self.wide { found } else { found & u64::from(u32::MAX) };
		found & self.mask == self.equals & self.mask
	}
}

/// What computes, waits and ends, and reaches nothing outside.
fn always() -> Vec<Allowed> {
	let calls = [
		libc::SYS_brk,
		libc::SYS_clock_gettime,
		libc::SYS_clock_nanosleep,
		libc::SYS_close,
		libc::SYS_exit,
		libc::SYS_exit_group,
		libc::SYS_futex,
		libc::SYS_getpid,
		libc::SYS_getrandom,
		libc::SYS_gettid,
		libc::SYS_gettimeofday,
		libc::SYS_madvise,
		libc::SYS_membarrier,
		libc::SYS_mremap,
		libc::SYS_munmap,
		libc::SYS_nanosleep,
		libc::SYS_restart_syscall,
		libc::SYS_rseq,
		libc::SYS_rt_sigaction,
		libc::SYS_rt_sigprocmask,
		libc::SYS_rt_sigreturn,
		libc::SYS_sched_getaffinity,
		libc::SYS_sched_yield,
		libc::SYS_set_robust_list,
		libc::SYS_sigaltstack,
	];
	calls.map(|call| Allowed { call, any: Vec::new() }).into()
}

/// What libraries look up on the way, and go on without: files, and what the machine is.
fn forbidden() -> Vec<i64> {
	let mut calls = vec![
		libc::SYS_faccessat,
		libc::SYS_faccessat2,
		libc::SYS_fcntl,
		libc::SYS_fstat,
		libc::SYS_getcwd,
		libc::SYS_ioctl,
		libc::SYS_lseek,
		libc::SYS_newfstatat,
		libc::SYS_openat,
		libc::SYS_openat2,
		libc::SYS_readlinkat,
		libc::SYS_statx,
		libc::SYS_sysinfo,
		libc::SYS_uname,
	];
	#[cfg(target_arch = "x86_64")]
	calls.extend([
		libc::SYS_access,
		libc::SYS_lstat,
		libc::SYS_open,
		libc::SYS_readlink,
		libc::SYS_stat,
	]);
	calls.sort_unstable();
	calls
}
