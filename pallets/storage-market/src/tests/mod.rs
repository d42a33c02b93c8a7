mod deals;
mod offers;
mod repairs;
