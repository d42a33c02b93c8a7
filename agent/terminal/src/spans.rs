//! Times in which people say prices and durations of markets. The chain counts eras.

/// Eras of a day. On a real chain an era has ten minutes; on chains that are tried out eras are short, and days with
/// them.
pub const ERAS_A_DAY: u32 = 144;
/// Days of a month.
pub const DAYS_A_MONTH: u32 = 30;
/// Eras of a month, for which prices are said.
pub const ERAS_A_MONTH: u32 = DAYS_A_MONTH * ERAS_A_DAY;
/// Days of a year.
pub const DAYS_A_YEAR: u32 = 365;
