//! Waiting for something to happen: never a bare sleep, never without a limit.

use crate::{Error, Result};
use std::{
	future::Future,
	time::{Duration, Instant},
};
use tokio::sync::Semaphore;

/// How often a condition that sends no event of its own is looked at.
const POLL: Duration = Duration::from_millis(50);

/// Looks every 50 ms until `check` yields something.
///
/// # Errors
/// When it has not after `limit`, and whatever error `check` itself returns.
pub async fn until<T, Fut>(what: &str, limit: Duration, mut check: impl FnMut() -> Fut) -> Result<T>
where
	Fut: Future<Output = Result<Option<T>>>,
{
	let start = Instant::now();
	loop {
		// A check that hangs counts as one that yields nothing.
		let left = limit.saturating_sub(start.elapsed()).max(Duration::from_millis(1));
		match tokio::time::timeout(left, check()).await {
			Ok(Ok(Some(value))) => return Ok(value),
			Ok(Err(error)) => return Err(error.while_doing(format_args!("waiting for {what}"))),
			Ok(Ok(None)) | Err(_) => {}
		}
		if start.elapsed() >= limit {
			return Err(Error::new(format!("waited {limit:?} in vain for {what}")));
		}
		tokio::time::sleep(POLL).await;
	}
}

/// Networks that run at once. Those that time something run alone: another on two cores would be measured with them.
static NETWORKS: Semaphore = Semaphore::const_new(TWO as usize);
const TWO: u32 = 2;

/// Runs a test that owns its network, alone, for at most `limit`.
///
/// # Panics
/// When the test fails or takes longer; the test's nodes print the ends of their logs as they are dropped.
pub async fn bounded(name: &str, limit: Duration, test: impl Future<Output = Result<()>>) {
	run(name, limit, TWO, test).await;
}

/// The same beside one other such test: for tests that mostly wait and say nothing of how long something takes.
///
/// # Panics
/// As above.
pub async fn bounded_beside_another(name: &str, limit: Duration, test: impl Future<Output = Result<()>>) {
	run(name, limit, 1, test).await;
}

async fn run(name: &str, limit: Duration, places: u32, test: impl Future<Output = Result<()>>) {
	let _places = NETWORKS.acquire_many(places).await.expect("nobody closes it");
	let start = Instant::now();
	eprintln!("--- {name}");
	match tokio::time::timeout(limit, test).await {
		Ok(Ok(())) => eprintln!("--- {name}: held after {:.1} s", start.elapsed().as_secs_f32()),
		Ok(Err(error)) => panic!("{name}: after {:.1} s: {error}", start.elapsed().as_secs_f32()),
		Err(_) => panic!("{name}: not done after {limit:?}"),
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[tokio::test]
	async fn a_condition_that_never_holds_ends_at_its_limit() {
		let start = Instant::now();
		let never = until::<(), _>("nothing", Duration::from_millis(120), || async { Ok(None) }).await;
		assert!(never.unwrap_err().to_string().contains("in vain for nothing"));
		let hangs = until::<(), _>(
			"nothing",
			Duration::from_millis(120),
			std::future::pending::<Result<Option<()>>>,
		)
		.await;
		assert!(hangs.is_err());
		assert!(start.elapsed() < Duration::from_secs(5));
	}

	#[tokio::test]
	async fn a_condition_that_holds_later_is_seen() {
		let mut looks = 0;
		let seen = until("the third look", Duration::from_secs(5), || {
			looks += 1;
			let now = looks;
			async move { Ok((now == 3).then_some(now)) }
		});
		assert_eq!(seen.await.unwrap(), 3);
	}
}
