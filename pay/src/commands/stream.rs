//! `stream` and `streams`: paying a partner step by step.

use super::{
	asks::{agreed, done, plain},
	context::{asked, unexpected},
	Context, Failure,
};
use crate::cli::StreamArguments;
use smart_agent_terminal::{columns, duration, Tone};
use smart_pay_api::{Answer, Ask, Planck, StreamAsk, StreamView};
use std::{
	sync::{
		atomic::{AtomicBool, Ordering},
		Arc,
	},
	thread::sleep,
	time::Duration,
};

/// How often a stream is looked at.
const LOOK: Duration = Duration::from_millis(200);

/// Pays a stream until it has ended, or Ctrl-C is pressed.
///
/// # Errors
/// If it cannot begin, or ends before its last step for another reason than Ctrl-C.
pub(super) fn run(context: &Context, arguments: &StreamArguments) -> Result<(), Failure> {
	let unit = Planck(context.amount(&arguments.unit)?);
	let begin = |dry_run| {
		Ask::Streams(StreamAsk::Begin {
			to: arguments.node.clone(),
			unit,
			steps: arguments.steps,
			every: arguments.every,
			ahead: arguments.ahead,
			text: arguments.text.clone(),
			dry_run,
		})
	};
	if !agreed(context, &begin(true))? {
		return Ok(());
	}
	let told = Told::listen()?;
	let mut view = one(asked(context, &begin(false))?)?;
	let stream = view.stream.clone();
	let mut bar = context.terminal.bar("Streaming");
	let mut stopped = false;
	while !view.done {
		if told.is_told() && !stopped {
			stopped = true;
			let stop = StreamAsk::Stop { stream: stream.clone() };
			asked(context, &Ask::Streams(stop))?;
		}
		let thousandths = u64::from(view.given).saturating_mul(1_000) / u64::from(view.steps.max(1));
		let end = if stopped { ", ending" } else { ", Ctrl-C ends it" };
		bar.tell(
			u16::try_from(thousandths).ok(),
			&format!(
				"{} of {} steps given, {} there, {} paid up{end}",
				view.given,
				view.steps,
				view.came,
				context.currency().exact(view.paid.0)
			),
		);
		sleep(LOOK);
		let look = StreamAsk::One { stream: stream.clone() };
		view = one(asked(context, &Ask::Streams(look))?)?;
	}
	drop(bar);
	context.terminal.facts(&view, |_| {
		format!(
			"{} of {} steps given: {} paid in {}",
			view.given,
			view.steps,
			context.currency().exact(view.paid.0),
			duration(Duration::from_millis(view.millis))
		)
	});
	match &view.why {
		Some(why) if !stopped => Err(Failure::other(format!(
			"the stream ended before its last step: {why}; what was given is paid, and no more"
		))),
		_ => Ok(()),
	}
}

/// Shows all streams, or ends one.
///
/// # Errors
/// If the daemon is not there, or there is no such stream.
pub(super) fn all(context: &Context, stop: Option<&str>) -> Result<(), Failure> {
	if let Some(stream) = stop {
		if context.common.dry_run {
			context
				.terminal
				.say("It would end the stream: what was given is paid, and no more.");
			return Ok(());
		}
		let ask = StreamAsk::Stop { stream: stream.into() };
		return done(context, asked(context, &Ask::Streams(ask))?);
	}
	let views = match asked(context, &Ask::Streams(StreamAsk::List))? {
		Answer::Streams(views) => views,
		other => return Err(unexpected(&other)),
	};
	context.terminal.facts(&views, |terminal| {
		if views.is_empty() {
			return "There are no streams since the daemon's start: `smart-pay stream` begins one.".into();
		}
		let text = |view: &StreamView| {
			let title = terminal.toned(Tone::Strong, &format!("Stream {}", view.stream));
			format!("{title}\n{}", text_of(context, view))
		};
		views.iter().map(text).collect()
	});
	Ok(())
}

fn text_of(context: &Context, view: &StreamView) -> String {
	let amount = |planck: Planck| context.currency().exact(planck.0);
	let (way, given) = if view.pays {
		("  To", "  Given")
	} else {
		("  From", "  Came")
	};
	let state = match (&view.why, view.done) {
		(Some(why), true) => format!("ended: {why}"),
		(Some(why), false) => format!("ending: {why}"),
		(None, true) => "ended".into(),
		(None, false) => "runs".into(),
	};
	let steps = format!(
		"{} of {} steps, of which the payee has {}",
		view.given, view.steps, view.came
	);
	let every = Duration::from_millis(view.every.into());
	let mut lines = vec![
		(way, format!("{} (channel {})", view.partner, view.channel)),
		("  State", state),
		("  A step", format!("{}, every {}", amount(view.unit), duration(every))),
		(given, steps),
		("  Paid up", amount(view.paid)),
	];
	if !view.text.is_empty() {
		lines.push(("  For", plain(&view.text)));
	}
	columns(&lines)
}

/// The stream that this side pays, of an answer.
fn one(answer: Answer) -> Result<StreamView, Failure> {
	match answer {
		Answer::Streams(views) => {
			let found = views.into_iter().find(|view| view.pays);
			found.ok_or_else(|| {
				Failure::other(
					"the daemon does not know the stream any more: it has begun anew, and pays what was given",
				)
			})
		}
		other => Err(unexpected(&other)),
	}
}

/// Whether a person has pressed Ctrl-C.
struct Told {
	flag: Arc<AtomicBool>,
	/// It listens as long as this is there.
	_runtime: tokio::runtime::Runtime,
}

impl Told {
	fn listen() -> Result<Self, Failure> {
		let runtime = tokio::runtime::Builder::new_multi_thread()
			.worker_threads(1)
			.enable_all()
			.build()
			.map_err(|error| Failure::other(format!("cannot start threads: {error}")))?;
		let flag = Arc::new(AtomicBool::new(false));
		let heard = flag.clone();
		runtime.spawn(async move {
			while tokio::signal::ctrl_c().await.is_ok() {
				heard.store(true, Ordering::Relaxed);
			}
		});
		Ok(Self {
			flag,
			_runtime: runtime,
		})
	}

	fn is_told(&self) -> bool {
		self.flag.load(Ordering::Relaxed)
	}
}
