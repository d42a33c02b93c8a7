mod candidacy;
mod election;
mod genesis;
mod office;
mod parameters;
mod random_calls;
