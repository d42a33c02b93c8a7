//! What computing needs: a program that runs units, confined; an offer, a stake, an address that is reached.

use super::{storage::reached, Check};
use crate::{
	commands::Context,
	ledger::Ledger,
	terminal::{bytes, counted, money::Currency},
};
use device_primitives::DeviceId;
use smart_agent_chain::Chain;
use smart_agent_work::{check_runtime, runner, worker, WorkerView};

/// All of them; none if nothing is computed.
pub(super) async fn checks(context: &Context, chain: &Chain) -> Vec<Check> {
	let Ok(device) = context.device().map(|device| DeviceId(device.id)) else {
		return Vec::new();
	};
	let enabled = context.config.work.enabled;
	let at = match chain.best().await {
		Ok(best) => best.hash,
		Err(error) => return vec![Check::failed("work", &error.into())],
	};
	let offered = match worker(chain, &device, at).await {
		Ok(offered) => offered,
		// A chain without a market is none that somebody computes on.
		Err(error) if enabled => return vec![Check::failed("work", &error.into())],
		Err(_) => return Vec::new(),
	};
	let mut checks = match (&offered, enabled) {
		(None, false) => return Vec::new(),
		(None, true) => vec![Check::warn(
			"work",
			"nothing is offered",
			"`smart-agent work set --ask 0.02/Gfuel --slots 2 --stake 50`, or set work.enabled to false",
		)],
		(Some(offered), false) if offered.tickets > 0 => vec![Check::fail(
			"work",
			"the chain may draw this device for jobs, and work.enabled is false: it is late with all that it is given",
			"set work.enabled to true and restart the agent, or `smart-agent work stop`",
		)],
		(Some(_), false) => return Vec::new(),
		(Some(offered), true) => {
			let mut checks = vec![of_offer(offered, &chain.currency())];
			checks.extend(reached(&offered.reach.endpoints, &device).await);
			checks
		}
	};
	checks.extend(
		check_runtime(chain)
			.into_iter()
			.map(|error| Check::failed("work", &error.into())),
	);
	checks.push(units(context).await);
	checks
}

fn of_offer(offered: &WorkerView, currency: &Currency) -> Check {
	let seen = format!(
		"{} of {} at a time, {} at stake, {}",
		counted(offered.offer.slots.into(), "unit"),
		bytes(u64::from(offered.offer.memory_pages) << 16),
		currency.show(offered.stake),
		counted(offered.tickets.into(), "ticket")
	);
	match (offered.tickets, offered.stake) {
		(0, _) => Check::warn(
			"work",
			format!("{seen}: the device is drawn for no job"),
			"enter the lottery of compute, by which speed is proven: `smart-agent init --segments COUNT`",
		),
		(_, 0) => Check::warn(
			"work",
			format!("{seen}: no job takes who has nothing to lose"),
			"put something in: `smart-agent work stake 50`",
		),
		_ => Check::ok("work", seen),
	}
}

/// Whether a unit can be run here, confined.
async fn units(context: &Context) -> Check {
	let program = context.config.work.program.clone();
	let checking = tokio::task::spawn_blocking(move || {
		let runner = runner(&program, 0).map_err(|error| error.to_string())?;
		runner.check().map_err(|ended| ended.to_string())
	});
	match checking.await {
		Ok(Ok(())) => Check::ok("units", "a unit was run, and could do nothing but compute"),
		Ok(Err(why)) => {
			let (seen, remedy) = why.rsplit_once("; ").unwrap_or((
				why.as_str(),
				"install smart-unit beside this program; Linux 5.13 or newer is needed",
			));
			Check::fail("units", seen, remedy)
		}
		Err(error) => Check::warn("units", error.to_string(), "try again"),
	}
}
