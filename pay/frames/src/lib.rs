//! What payment programs say to each other, and to people: [frames](wire), [invoices](invoice), and
//! [messages as a file](envelope). Bytes alone: who is connected, and what is done of it, is the programs' own.

pub mod envelope;
pub mod invoice;
pub mod wire;
