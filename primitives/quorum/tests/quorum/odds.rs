//! What the rules are worth against workers that lie, exactly: every number of liars among those that are asked, with
//! its probability, judged by the rule itself.

use quorum_primitives::{Return, Rule, Step, Verdict, MOST, QUORUM, STRICT};

/// What is usual elsewhere.
const MAJORITY: Rule = Rule(&[Step::new(3, 2)]);
/// A quorum that asks for less after a dissent.
const LOOSE: Rule = Rule(&[Step::new(3, 3), Step::new(7, 5)]);
const TRUE: u8 = 0;
const LIE: u8 = 1;

/// What comes of a unit.
#[derive(Default)]
struct Odds {
	wrong: f64,
	right: f64,
	undecided: f64,
	asked: f64,
}

fn choose(of: usize, some: usize) -> f64 {
	(0..some).map(|at| (of - at) as f64 / (at + 1) as f64).product()
}

/// That many of those who are asked lie, if a share of all does.
fn binomial(of: usize, lies: usize, share: f64) -> f64 {
	choose(of, lies) * share.powi(lies as i32) * (1.0 - share).powi((of - lies) as i32)
}

/// All that comes of so many returns with so many lies, which happen with probability `p`.
fn walk(rule: &Rule, (asked, lies): (usize, usize), p: f64, share: f64, odds: &mut Odds) {
	let returns: Vec<_> = (0..asked)
		.map(|at| Return::Digest(if at < lies { LIE } else { TRUE }))
		.collect();
	let ended = match rule.judge(&returns, MOST - asked) {
		Verdict::Ask(more) => {
			for lying in 0..=more {
				let next = (asked + more, lies + lying);
				walk(rule, next, p * binomial(more, lying, share), share, odds);
			}
			return;
		}
		Verdict::Accepted(LIE) => &mut odds.wrong,
		Verdict::Accepted(_) => &mut odds.right,
		Verdict::Faulted => unreachable!("nobody faults"),
		Verdict::Undecided => &mut odds.undecided,
	};
	*ended += p;
	odds.asked += p * asked as f64;
}

fn odds(rule: &Rule, share: f64) -> Odds {
	let mut odds = Odds::default();
	walk(rule, (0, 0), 1.0, share, &mut odds);
	let all = odds.wrong + odds.right + odds.undecided;
	assert!((all - 1.0).abs() < 1e-9, "{all}");
	odds
}

/// Shares of wrong results in percent, as the table of the crate's page has them, to half of its last digit.
fn assert_wrong(rule: &Rule, expected: [(f64, f64); 4]) {
	for (share, (wrong, half_digit)) in [0.05, 0.10, 0.20, 1.0 / 3.0].into_iter().zip(expected) {
		let got = odds(rule, share).wrong * 100.0;
		assert!((got - wrong).abs() <= half_digit, "{got} % for {wrong} % at {share}");
	}
}

fn assert_asked(rule: &Rule, expected: [f64; 2]) {
	for (share, asked) in [0.05, 0.20].into_iter().zip(expected) {
		let got = odds(rule, share).asked;
		assert!((got - asked).abs() <= 0.05, "{got} for {asked} at {share}");
	}
}

#[test]
fn a_majority_of_three_lets_much_pass() {
	assert_wrong(&MAJORITY, [(0.73, 0.005), (2.8, 0.05), (10.4, 0.05), (25.9, 0.05)]);
	assert_asked(&MAJORITY, [3.0, 3.0]);
}

#[test]
fn a_quorum_lets_little_pass() {
	assert_wrong(&QUORUM, [(0.013, 0.0005), (0.10, 0.005), (0.83, 0.005), (4.5, 0.05)]);
	assert_asked(&QUORUM, [3.8, 7.5]);
	let undecided = odds(&QUORUM, 0.20).undecided * 100.0;
	assert!((undecided - 2.4).abs() <= 0.05, "{undecided} %");
}

#[test]
fn a_strict_rule_lets_less_pass() {
	assert_wrong(&STRICT, [(0.000, 0.0005), (0.001, 0.0005), (0.05, 0.005), (1.6, 0.05)]);
	assert_asked(&STRICT, [6.8, 11.1]);
}

/// The reason for six of seven.
#[test]
fn five_of_seven_lets_more_pass() {
	let more = (odds(&LOOSE, 0.20).wrong - odds(&QUORUM, 0.20).wrong) * 100.0;
	assert!((0.25..0.35).contains(&more), "{more} %");
}
