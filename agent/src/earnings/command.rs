//! `earnings` and `claim`.

use super::{
	claim::{self, Hand, Plan},
	file::BookFile,
	look::{look, Looked},
	shown,
};
use crate::{
	cli::{ClaimArguments, EarningsArguments},
	commands::{
		signed::{self, Sent},
		waiting, Context, Failure,
	},
	keys::Owner,
	ledger::Ledger,
	status::{unix_now, Earnings},
	terminal::{counted, money::Currency},
};
use serde::Serialize;
use smart_agent_chain::Facts;
use smart_agent_ledger::MAX_ERAS;
use smart_agent_storage::words::{earned, EarnedByStorage};

/// Milliseconds of a day.
const DAY_MS: u64 = 86_400_000;

/// What `claim` did, for `--json`. Amounts are in planck.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Done {
	/// What was claimed.
	amount: String,
	/// The eras of it.
	eras: Vec<u32>,
	/// The transactions.
	sent: Vec<Sent>,
	/// What can still be claimed.
	left: String,
}

/// What was earned, for `--json`: by eras, and by slots of storage deals, which are paid by their owners.
#[derive(Debug, Serialize)]
struct Told {
	#[serde(flatten)]
	earnings: Earnings,
	storage: Option<EarnedByStorage>,
}

/// How many eras a day has, rounded up.
pub(super) fn eras_of_a_day(facts: &Facts) -> u32 {
	let era = u64::from(facts.era_slots).saturating_mul(facts.slot_ms).max(1);
	u32::try_from(DAY_MS.div_ceil(era)).unwrap_or(u32::MAX)
}

/// The account whose earnings are shown: that of the keystore, or else the device's owner.
async fn account(context: &Context, ledger: &dyn Ledger) -> Result<[u8; 32], Failure> {
	let missing = match context.keystore() {
		Ok(keystore) => return Ok(keystore.account()),
		Err(failure) => failure,
	};
	let Ok(device) = context.device() else {
		return Err(missing);
	};
	match ledger.device(&device.id).await? {
		Some(device) => Ok(device.owner.into()),
		None => Err(missing),
	}
}

/// Shows what was earned, why, and what was missed.
///
/// # Errors
/// If this folder is not set up, or no node is reached.
pub(crate) async fn run_earnings(context: &Context, arguments: &EarningsArguments) -> Result<(), Failure> {
	let chain = context.connect().await?;
	let stored = match context.device() {
		Ok(device) => earned(&chain, &device.id).await?,
		Err(_) => None,
	};
	show(context, &chain, arguments, stored).await
}

pub(super) async fn show(
	context: &Context,
	ledger: &dyn Ledger,
	arguments: &EarningsArguments,
	storage: Option<EarnedByStorage>,
) -> Result<(), Failure> {
	let account = account(context, ledger).await?;
	let (facts, currency) = (ledger.facts(), ledger.currency());
	let file = BookFile::new(&context.folder, facts.genesis.into(), account);
	let eras = usize::try_from(arguments.eras).unwrap_or(MAX_ERAS).min(MAX_ERAS);
	let looking = look(ledger, &file, arguments.eras, eras, Vec::new());
	let looked = waiting(&context.terminal, "Asking how eras were closed", looking).await?;
	tell_doubts(context, &looked);
	let day = eras_of_a_day(&facts);
	let told = shown::part(&looked.book, &account, day, eras, context.config.earnings.claim);
	let told = Told {
		earnings: told,
		storage,
	};
	context.terminal.facts(&told, |terminal| {
		let table = shown::table(terminal, &told.earnings, &currency, unix_now());
		let stored = told.storage.as_ref().and_then(|stored| stored.words(&currency));
		[Some(table), stored]
			.into_iter()
			.flatten()
			.collect::<Vec<_>>()
			.join("\n\n")
	});
	Ok(())
}

fn tell_doubts(context: &Context, looked: &Looked) {
	if let Some(era) = looked.observed.doubted.first() {
		context.terminal.warn(&format!(
			"This node says that era {era} can be claimed, which was claimed: ask another one by --node. If that one \
			 says so, too, `smart-agent claim --again` claims it"
		));
	}
}

/// Claims what was earned.
///
/// # Errors
/// If there is no keystore, the account cannot pay the fee, or the chain refuses it.
pub(crate) async fn run_claim(context: &Context, arguments: &ClaimArguments) -> Result<(), Failure> {
	let chain = context.connect().await?;
	carry_out(context, &chain, arguments).await
}

pub(super) async fn carry_out(
	context: &Context,
	ledger: &dyn Ledger,
	arguments: &ClaimArguments,
) -> Result<(), Failure> {
	let keystore = context.keystore()?;
	let account = keystore.account();
	let currency = ledger.currency();
	let file = BookFile::new(&context.folder, ledger.facts().genesis.into(), account);
	let looked = look(ledger, &file, 0, 0, Vec::new()).await?;
	let again = if arguments.again {
		looked.observed.doubted.clone()
	} else {
		tell_doubts(context, &looked);
		Vec::new()
	};
	let mut book = looked.book;
	book.reopen(&again);
	let mut plan = claim::plan(ledger, &book, &account, &account).await?;
	if !arguments.all {
		plan.batches.truncate(1);
	}
	let totals = book.totals();
	let mut done = Done {
		amount: plan.amount().to_string(),
		eras: Vec::new(),
		sent: Vec::new(),
		left: totals.claimable.saturating_sub(plan.amount()).to_string(),
	};
	if plan.batches.is_empty() {
		context.terminal.done(&nothing(&plan, totals.on_its_way, &currency));
		context.terminal.facts(&done, |_| String::new());
		return Ok(());
	}
	if let Some(quote) = &plan.quote {
		signed::afford(quote, &currency, keystore.address())?;
	}
	context.terminal.say(&offer(&plan, &currency));
	let confirmed = arguments.signing.yes
		|| context
			.terminal
			.confirm("Is that right?")
			.map_err(|why| Failure::other(why).with("give --yes"))?;
	if !confirmed {
		return Err(Failure::other("nothing was sent, as you said"));
	}
	let owner = context.owner(&keystore, &arguments.signing)?;
	if !again.is_empty() {
		file.change(move |book| book.reopen(&again)).await?;
	}
	send_all(context, ledger, &file, &owner, &plan, &mut done).await?;
	context
		.terminal
		.facts(&done, |_| format!("{} claimed.", currency.exact(plan.amount())));
	Ok(())
}

/// Sends the claims of a plan, one after the other. The book sees each before the next one goes out: until then it
/// counts as on its way, and only so many may be.
async fn send_all(
	context: &Context,
	ledger: &dyn Ledger,
	file: &BookFile,
	owner: &Owner,
	plan: &Plan,
	done: &mut Done,
) -> Result<(), Failure> {
	let currency = ledger.currency();
	for batch in &plan.batches {
		let eras = counted(batch.eras.len() as u64, "era");
		let what = format!("Claiming {} of {eras}", currency.show(batch.amount));
		let sending = claim::send(ledger, file, owner, batch, Hand::Person);
		let included = waiting(&context.terminal, &what, sending).await?;
		let fee = included.fee.map(|fee| format!(", for {}", currency.show(fee)));
		let fee = fee.unwrap_or_default();
		context
			.terminal
			.done(&format!("{what}: in block {}, which is final{fee}", included.number));
		done.eras.extend(&batch.eras);
		done.sent.push(Sent::from(&included));
		// What was done is done.
		if let Err(failure) = look(ledger, file, 0, 0, Vec::new()).await {
			context.terminal.warn(&failure.message);
		}
	}
	Ok(())
}

/// What is to be sent, with its price.
fn offer(plan: &Plan, currency: &Currency) -> String {
	let (amount, eras) = (currency.show(plan.amount()), counted(plan.eras() as u64, "era"));
	let fees = currency.show(plan.fees());
	match plan.batches.len() {
		1 => format!("Claiming {amount} of {eras}: a fee of {fees}."),
		count => format!("Claiming {amount} of {eras} in {count} transactions: fees of {fees} together."),
	}
}

/// Why nothing is sent.
fn nothing(plan: &Plan, on_its_way: u128, currency: &Currency) -> String {
	let mut text = match &plan.quote {
		Some(quote) => format!(
			"Nothing was sent: {} can be claimed, which is not worth a fee of {}. A claim has to bring twenty times \
			 its fee.",
			currency.show(plan.left),
			currency.show(quote.fee)
		),
		None => "There is nothing to claim.".to_owned(),
	};
	if on_its_way > 0 {
		text.push_str(&format!(
			" {} are in claims that may be on their way.",
			currency.show(on_its_way)
		));
	}
	text
}
