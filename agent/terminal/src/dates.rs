//! Dates.

/// The date, in UTC, of a time in seconds since 1970: `2027-02-25`.
pub fn date(seconds: u64) -> String {
	// Years begin in March here, so that the day that is not always there is the last one: by Howard Hinnant's
	// `civil_from_days`.
	let days = seconds / 86_400 + 719_468;
	let (era, day) = (days / 146_097, days % 146_097);
	let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
	let day = day - (365 * year + year / 4 - year / 100);
	let month = (5 * day + 2) / 153;
	let day = day - (153 * month + 2) / 5 + 1;
	let (month, next) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
	format!("{:04}-{month:02}-{day:02}", era * 400 + year + next)
}

/// The date and minute, in UTC, of a time in seconds since 1970: `2027-02-25 13:07`.
pub fn minute(seconds: u64) -> String {
	let minutes = seconds % 86_400 / 60;
	format!("{} {:02}:{:02}", date(seconds), minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn dates_are_those_of_calendars() {
		for (seconds, expected) in [
			(0, "1970-01-01"),
			(951_782_399, "2000-02-28"),
			(951_782_400, "2000-02-29"),
			(951_868_800, "2000-03-01"),
			(1_803_513_600, "2027-02-25"),
			(4_107_542_400, "2100-03-01"),
		] {
			assert_eq!(date(seconds), expected, "{seconds}");
		}
		assert_eq!(minute(1_803_513_600 + 13 * 3_600 + 7 * 60 + 59), "2027-02-25 13:07");
	}
}
