//! The I/O at the edge of a child: it gives up everything but computing, or says why it cannot.

use crate::{
	answer::MAX_WORDS,
	limits::{Bound, Limits},
	policy::{Argument, Policy},
	read::plain,
};
use landlock::{
	Access, AccessFs, AccessNet, CompatLevel, Compatible, Ruleset, RulesetAttr, RulesetError, RulesetStatus, Scope, ABI,
};
use rustix::process::{
	getpid, getppid, getrlimit, set_dumpable_behavior, set_parent_process_death_signal, setrlimit, DumpableBehavior,
	Resource, Rlimit, Signal,
};
use seccompiler::{
	apply_filter, BackendError, BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition,
	SeccompFilter, SeccompRule, TargetArch,
};
use std::{collections::BTreeMap, env::consts::ARCH, fs};

/// What has to be there: Linux 5.13. Files can be neither opened nor run.
const LEAST: ABI = ABI::V1;
/// What is used where it is there: sockets, signals, devices.
const MOST: ABI = ABI::V10;

/// A child is confined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Confined {
	/// Whether the kernel's landlock has all that this crate knows to ask of it. Older ones confine files alone; all
	/// else is refused by the filter of system calls.
	pub whole: bool,
}

/// What confines a child.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layer {
	/// That it has one thread while it confines itself, since each thread does so for itself.
	OneThread,
	/// That it ends with its parent.
	Parent,
	/// Files, by the kernel's landlock.
	Landlock,
	/// What the kernel counts.
	Resources,
	/// System calls, by the kernel's seccomp.
	Calls,
}

/// Why a child cannot be confined. It ends then, and has seen nothing of the unit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{layer} cannot be had: {words}; no unit is run on this machine before that is mended")]
pub struct Unconfined {
	/// What is missing.
	pub layer: Layer,
	/// Why, in the system's words.
	pub words: String,
}

impl Layer {
	/// Its number on the wire.
	pub(crate) const fn number(self) -> u8 {
		match self {
			Self::OneThread => 0,
			Self::Parent => 1,
			Self::Landlock => 2,
			Self::Resources => 3,
			Self::Calls => 4,
		}
	}

	/// What a number says.
	pub(crate) const fn of(number: u8) -> Option<Self> {
		Some(match number {
			0 => Self::OneThread,
			1 => Self::Parent,
			2 => Self::Landlock,
			3 => Self::Resources,
			4 => Self::Calls,
			_ => return None,
		})
	}

	fn failed(self, why: impl ToString) -> Unconfined {
		Unconfined {
			layer: self,
			words: plain(&why.to_string(), MAX_WORDS),
		}
	}
}

impl std::fmt::Display for Layer {
	fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
		out.write_str(match self {
			Self::OneThread => "a single thread to confine",
			Self::Parent => "an end with the parent",
			Self::Landlock => "landlock (Linux 5.13 or later, with `landlock` among its security modules)",
			Self::Resources => "limits of resources",
			Self::Calls => "seccomp (Linux with CONFIG_SECCOMP_FILTER)",
		})
	}
}

/// Confines the process, for good. `parent` is the one that it ends with.
///
/// # Errors
/// [`Unconfined`]: some of it may be done then, and no unit may be run.
pub fn confine(limits: &Limits, parent: u32) -> Result<Confined, Unconfined> {
	one_thread()?;
	follow(parent)?;
	let confined = alone()?;
	limited(limits)?;
	let pid = getpid().as_raw_pid().unsigned_abs();
	filtered(&Policy::new(pid, limits.threads))?;
	Ok(confined)
}

fn one_thread() -> Result<(), Unconfined> {
	let failed = |why: String| Layer::OneThread.failed(why);
	let tasks = fs::read_dir("/proc/self/task").map_err(|error| failed(format!("/proc/self/task: {error}")))?;
	match tasks.count() {
		1 => Ok(()),
		count => Err(failed(format!("there are {count} threads already"))),
	}
}

/// Ends the process with its parent. If that is gone already, nobody will tell.
fn follow(parent: u32) -> Result<(), Unconfined> {
	let failed = |error: rustix::io::Errno| Layer::Parent.failed(error);
	set_parent_process_death_signal(Some(Signal::KILL)).map_err(failed)?;
	let found = getppid().map(|found| found.as_raw_pid().unsigned_abs());
	if found != Some(parent) {
		return Err(Layer::Parent.failed("the process that wanted it is gone"));
	}
	// Nobody of the same user looks into it.
	set_dumpable_behavior(DumpableBehavior::NotDumpable).map_err(failed)
}

/// Takes all files from the process, and what else the kernel's landlock can take. One of the layers of [`confine`].
///
/// # Errors
/// [`Unconfined`] if the kernel cannot.
pub fn alone() -> Result<Confined, Unconfined> {
	let failed = |error: RulesetError| Layer::Landlock.failed(error);
	let ruleset = Ruleset::default()
		.set_compatibility(CompatLevel::HardRequirement)
		.handle_access(AccessFs::from_all(LEAST))
		.map_err(failed)?
		.set_compatibility(CompatLevel::BestEffort)
		.handle_access(AccessFs::from_all(MOST))
		.map_err(failed)?
		.handle_access(AccessNet::from_all(MOST))
		.map_err(failed)?
		.scope(Scope::from_all(MOST))
		.map_err(failed)?;
	// No rule: nothing is allowed.
	let status = ruleset.create().map_err(failed)?.restrict_self().map_err(failed)?;
	if !status.no_new_privs || status.ruleset == RulesetStatus::NotEnforced {
		return Err(Layer::Landlock.failed("the kernel did not enforce it"));
	}
	Ok(Confined {
		whole: status.ruleset == RulesetStatus::FullyEnforced,
	})
}

/// Has the kernel count. One of the layers of [`confine`].
///
/// # Errors
/// [`Unconfined`] if it does not.
pub fn limited(limits: &Limits) -> Result<(), Unconfined> {
	for (bound, most) in limits.resources() {
		let resource = resource(bound);
		// What others have set lower stays: nobody but root may raise it.
		let most = getrlimit(resource).maximum.map_or(most, |maximum| maximum.min(most));
		let current = match bound {
			// At the lower one a signal says what it is about, at the higher one nothing does.
			Bound::Processor => most.saturating_sub(1),
			_ => most,
		};
		let limit = Rlimit {
			current: Some(current),
			maximum: Some(most),
		};
		setrlimit(resource, limit).map_err(|error| Layer::Resources.failed(format!("{bound:?}: {error}")))?;
	}
	Ok(())
}

const fn resource(bound: Bound) -> Resource {
	match bound {
		Bound::Addresses => Resource::As,
		Bound::Data => Resource::Data,
		Bound::Stack => Resource::Stack,
		Bound::Processor => Resource::Cpu,
		Bound::FileSize => Resource::Fsize,
		Bound::Descriptors => Resource::Nofile,
		Bound::Processes => Resource::Nproc,
		Bound::Core => Resource::Core,
		Bound::Locked => Resource::Memlock,
		Bound::Queues => Resource::Msgqueue,
	}
}

/// Has the kernel filter system calls. Of several filters the strictest counts, and each says one thing of what it
/// names: so those that let calls fail come first, and the one that ends the process last.
fn filtered(policy: &Policy) -> Result<(), Unconfined> {
	let arch = TargetArch::try_from(ARCH).map_err(|error| Layer::Calls.failed(error))?;
	for program in programs(policy, arch).map_err(|error| Layer::Calls.failed(error))? {
		apply_filter(&program).map_err(|error| Layer::Calls.failed(error))?;
	}
	Ok(())
}

fn programs(policy: &Policy, arch: TargetArch) -> Result<Vec<BpfProgram>, BackendError> {
	let mut rules: BTreeMap<i64, Vec<SeccompRule>> = BTreeMap::new();
	for allowed in &policy.allowed {
		let found = allowed.any.iter().map(|all| rule(all)).collect::<Result<Vec<_>, _>>()?;
		rules.insert(allowed.call, found);
	}
	let mut programs = Vec::new();
	for (number, calls) in &policy.failing {
		let named: BTreeMap<_, _> = calls.iter().map(|call| (*call, Vec::new())).collect();
		rules.extend(named.clone());
		let filter = SeccompFilter::new(named, SeccompAction::Allow, SeccompAction::Errno(*number), arch)?;
		programs.push(filter.try_into()?);
	}
	let filter = SeccompFilter::new(rules, SeccompAction::KillProcess, SeccompAction::Allow, arch)?;
	programs.push(filter.try_into()?);
	Ok(programs)
}

fn rule(all: &[Argument]) -> Result<SeccompRule, BackendError> {
	let conditions = all.iter().map(|one| {
		let length = match one.wide {
			true => SeccompCmpArgLen::Qword,
			false => SeccompCmpArgLen::Dword,
		};
		SeccompCondition::new(one.index, length, SeccompCmpOp::MaskedEq(one.mask), one.equals)
	});
	SeccompRule::new(conditions.collect::<Result<_, _>>()?)
}
