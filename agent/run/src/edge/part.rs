//! A part of the daemon that is begun again if it has ended by itself.

use smart_agent_page::status::{Problem, Severity, StatusHandle};
use std::{future::Future, pin::Pin, time::Duration};
use tokio::{sync::watch, task::JoinHandle};

/// What is said of a part that has ended by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Words {
	/// Which problem it is.
	pub code: &'static str,
	/// What is not done then.
	pub what: &'static str,
	/// What to do.
	pub remedy: &'static str,
}

/// Is there once a part is to end.
pub type Stop = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A part while it runs.
pub struct Part {
	end: watch::Sender<bool>,
	task: JoinHandle<()>,
}

impl Part {
	/// Begins it. What ends by itself, even by a fault of this program, is told and begun again after a while.
	pub fn start(
		words: Words,
		told: StatusHandle,
		again: Duration,
		begin: impl Fn(Stop) -> JoinHandle<Result<(), String>> + Send + 'static,
	) -> Self {
		let (end, ended) = watch::channel(false);
		let task = tokio::spawn(keep(words, ended, told, again, begin));
		Self { end, task }
	}

	/// Has what is being written written, and waits for that.
	pub async fn end(self) {
		// It may have ended by itself.
		let _ = self.end.send(true);
		let _ = self.task.await;
	}
}

async fn keep(
	words: Words,
	ended: watch::Receiver<bool>,
	told: StatusHandle,
	again: Duration,
	begin: impl Fn(Stop) -> JoinHandle<Result<(), String>> + Send,
) {
	let stop = || -> Stop {
		let mut ended = ended.clone();
		// Dropped is ended, too.
		Box::pin(async move { drop(ended.wait_for(|ended| *ended).await) })
	};
	let Words { code, what, remedy } = words;
	loop {
		let task = begin(stop());
		let why = match task.await {
			Ok(Ok(())) => return,
			Ok(Err(why)) => why,
			Err(error) => format!("a fault of this program: {error}"),
		};
		tracing::error!("{what}: {why}. It is tried again in {} s", again.as_secs());
		told.problem(Problem::new(Severity::Error, code, why, remedy));
		if tokio::time::timeout(again, stop()).await.is_ok() {
			return;
		}
		told.solved(code);
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use smart_agent_page::status::{unix_now, Status};
	use std::sync::{
		atomic::{AtomicU32, Ordering},
		Arc,
	};

	const WORDS: Words = Words {
		code: "part",
		what: "Nothing is done",
		remedy: "wait",
	};

	/// A port that is taken, a disk that fails, a fault of this program: none of them is the end.
	#[tokio::test]
	async fn whoever_ends_by_itself_begins_again_until_it_is_told_to_end() {
		let told = StatusHandle::in_memory(Status::new(unix_now()));
		let (begun, seen) = (Arc::new(AtomicU32::new(0)), told.clone());
		let count = begun.clone();
		let begin = move |stop: Stop| {
			let (number, seen) = (count.fetch_add(1, Ordering::SeqCst), seen.clone());
			tokio::spawn(async move {
				match number {
					0 => return Err("the port is taken".to_owned()),
					1 => panic!("a fault that this test wants"),
					_ => (),
				}
				assert!(seen.get().problems.is_empty(), "it is solved");
				stop.await;
				Ok(())
			})
		};
		let part = Part::start(WORDS, told.clone(), Duration::ZERO, begin);
		while begun.load(Ordering::SeqCst) < 3 {
			tokio::task::yield_now().await;
		}
		part.end().await;
		assert_eq!(begun.load(Ordering::SeqCst), 3);
		assert!(told.get().problems.is_empty());
		// One that cannot begin ends as well.
		let fails = |_: Stop| tokio::spawn(async { Err("never".to_owned()) });
		let part = Part::start(WORDS, told.clone(), Duration::from_secs(600), fails);
		part.end().await;
		assert_eq!(told.get().problems.len(), 1);
	}
}
