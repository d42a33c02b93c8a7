#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

mod error;
mod exact;
mod penalties;
mod price;
mod purse;
mod shares;
mod tab;

pub use error::MarketError;
pub use exact::{part_down, part_up};
pub use penalties::{Farewell, GivenUp, Penalties};
pub use price::{storage_units, Price, Rent, GFUEL, GIB};
pub use purse::Purse;
pub use shares::{Instalments, Shares, Split};
pub use tab::Tab;

/// An amount, in planck.
pub type Balance = u128;

/// A time of the markets' clock: it ticks once a block, slower while blocks are full, and not while finality lags.
pub type Tick = u32;
