//! The table of system calls: what it says of those that matter, and of any.

use proptest::prelude::*;
use smartchain_sandbox::{Policy, Verdict};
use std::collections::BTreeSet;

const PID: u32 = 4_711;

fn judge(threads: bool, call: i64, arguments: &[u64]) -> Verdict {
	let mut six = [0; 6];
	six[..arguments.len()].copy_from_slice(arguments);
	Policy::new(PID, threads).judge(call, &six)
}

#[test]
fn descriptors_are_used_in_their_direction() {
	for (call, fd, expected) in [
		(libc::SYS_read, 0, Verdict::Allow),
		(libc::SYS_read, 1, Verdict::Kill),
		(libc::SYS_read, 9, Verdict::Kill),
		(libc::SYS_write, 0, Verdict::Kill),
		(libc::SYS_write, 1, Verdict::Allow),
		(libc::SYS_write, 2, Verdict::Allow),
		(libc::SYS_write, 3, Verdict::Kill),
		(libc::SYS_writev, 2, Verdict::Allow),
		(libc::SYS_writev, 9, Verdict::Kill),
		(libc::SYS_pread64, 0, Verdict::Kill),
		(libc::SYS_sendfile, 1, Verdict::Kill),
	] {
		assert_eq!(judge(true, call, &[fd]), expected, "{call} of {fd}");
	}
}

#[test]
fn no_memory_is_writable_and_executable() {
	let (read, write, run) = (1, 2, 4);
	let anonymous = (libc::MAP_ANONYMOUS | libc::MAP_PRIVATE) as u64;
	for (protection, expected) in [
		(0, Verdict::Allow),
		(read | write, Verdict::Allow),
		(read | run, Verdict::Allow),
		(write | run, Verdict::Kill),
		(read | write | run, Verdict::Kill),
	] {
		assert_eq!(
			judge(false, libc::SYS_mmap, &[0, 4_096, protection, anonymous]),
			expected
		);
		assert_eq!(judge(false, libc::SYS_mprotect, &[0, 4_096, protection]), expected);
	}
	// A file is not mapped at all.
	let private = libc::MAP_PRIVATE as u64;
	assert_eq!(
		judge(false, libc::SYS_mmap, &[0, 4_096, read, private, 9]),
		Verdict::Kill
	);
}

#[test]
fn threads_are_no_processes() {
	let thread = (libc::CLONE_THREAD | libc::CLONE_VM | libc::CLONE_SIGHAND) as u64;
	let clone = |threads, flags: u64| judge(threads, libc::SYS_clone, &[flags]);
	assert_eq!(clone(true, thread), Verdict::Allow);
	assert_eq!(clone(false, thread), Verdict::Kill);
	for missing in [libc::CLONE_THREAD, libc::CLONE_VM, libc::CLONE_SIGHAND] {
		assert_eq!(clone(true, thread & !(missing as u64)), Verdict::Kill, "{missing:x}");
	}
	assert_eq!(clone(true, libc::SIGCHLD as u64), Verdict::Kill);
	assert_eq!(judge(false, libc::SYS_clone3, &[]), Verdict::Kill);
	assert_eq!(judge(true, libc::SYS_clone3, &[]), Verdict::Fail(libc::ENOSYS as u32));
	let prctl = |threads, option| judge(threads, libc::SYS_prctl, &[option]);
	assert_eq!(prctl(true, libc::PR_SET_NAME as u64), Verdict::Allow);
	assert_eq!(prctl(true, libc::PR_SET_PDEATHSIG as u64), Verdict::Kill);
	assert_eq!(prctl(false, libc::PR_SET_NAME as u64), Verdict::Kill);
}

#[test]
fn it_kills_itself_alone_and_raises_no_limit() {
	let abort = libc::SIGABRT as u64;
	assert_eq!(
		judge(true, libc::SYS_tgkill, &[PID.into(), PID.into(), abort]),
		Verdict::Allow
	);
	assert_eq!(judge(true, libc::SYS_tgkill, &[1, 1, abort]), Verdict::Kill);
	assert_eq!(judge(true, libc::SYS_kill, &[PID.into(), abort]), Verdict::Kill);
	assert_eq!(judge(true, libc::SYS_prlimit64, &[0, 7, 0, 5]), Verdict::Allow);
	assert_eq!(judge(true, libc::SYS_prlimit64, &[0, 7, 5, 0]), Verdict::Kill);
	assert_eq!(judge(true, libc::SYS_prlimit64, &[0, 7, 1 << 32, 0]), Verdict::Kill);
	assert_eq!(judge(true, libc::SYS_prlimit64, &[1, 7, 0, 5]), Verdict::Kill);
}

#[test]
fn what_reaches_outside_is_never_allowed() {
	for call in [
		libc::SYS_openat,
		libc::SYS_openat2,
		libc::SYS_open_by_handle_at,
		libc::SYS_unlinkat,
		libc::SYS_mkdirat,
		libc::SYS_socket,
		libc::SYS_socketpair,
		libc::SYS_connect,
		libc::SYS_bind,
		libc::SYS_sendmsg,
		libc::SYS_recvmsg,
		libc::SYS_execve,
		libc::SYS_execveat,
		libc::SYS_ptrace,
		libc::SYS_process_vm_readv,
		libc::SYS_pidfd_open,
		libc::SYS_pidfd_getfd,
		libc::SYS_io_uring_setup,
		libc::SYS_bpf,
		libc::SYS_userfaultfd,
		libc::SYS_perf_event_open,
		libc::SYS_memfd_create,
		libc::SYS_mount,
		libc::SYS_unshare,
		libc::SYS_setns,
		libc::SYS_keyctl,
		libc::SYS_shmget,
		libc::SYS_pipe2,
		libc::SYS_dup3,
		libc::SYS_pkey_mprotect,
		libc::SYS_seccomp,
		libc::SYS_personality,
	] {
		for threads in [true, false] {
			assert_ne!(judge(threads, call, &[]), Verdict::Allow, "{call}");
		}
	}
}

#[test]
fn no_call_is_named_twice() {
	for threads in [true, false] {
		let policy = Policy::new(PID, threads);
		let mut seen = BTreeSet::new();
		let failing = policy.failing.values().flatten().copied();
		for call in policy.allowed.iter().map(|allowed| allowed.call).chain(failing) {
			assert!(seen.insert(call), "{call}");
		}
	}
}

proptest! {
	/// Those of another interface of the same machine (x32) and those not made yet included.
	#[test]
	fn what_is_not_named_ends_the_process(
		call in any::<i64>(), arguments in any::<[u64; 6]>(), threads in any::<bool>(),
	) {
		let policy = Policy::new(PID, threads);
		let named = policy.allowed.iter().any(|allowed| allowed.call == call)
			|| policy.failing.values().any(|calls| calls.contains(&call));
		prop_assert!(named || policy.judge(call, &arguments) == Verdict::Kill);
	}

	/// The upper half of a descriptor is nothing to the kernel, so that it is nothing here.
	#[test]
	fn descriptors_have_32_bits(upper in any::<u32>()) {
		let fd = u64::from(upper) << 32;
		prop_assert_eq!(judge(true, libc::SYS_read, &[fd]), Verdict::Allow);
		prop_assert_eq!(judge(true, libc::SYS_read, &[fd | 3]), Verdict::Kill);
	}
}
