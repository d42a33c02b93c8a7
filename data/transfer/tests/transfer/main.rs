//! Both halves over loopback, and each against whoever breaks the rules.

mod any;
mod golden;
mod hostile;
mod kit;
mod loopback;
mod money;
mod raw;
mod streams;
mod volumes;
