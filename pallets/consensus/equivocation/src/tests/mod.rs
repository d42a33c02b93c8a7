mod history;
mod lies;
mod reports;
