//! Plots that the chain orders: opened by a win, fulfilled by a later one.

use storage_market_primitives::PlotOrder;

const ERA: u32 = 1_200;

#[test]
fn the_first_win_after_an_era_fulfils_what_earlier_ones_opened() {
	let (done, order) = PlotOrder::won(None, 10, 100, ERA);
	assert_eq!((done, order.units, order.due), (0, 10, 1_300));
	let (done, order) = PlotOrder::won(Some(order), 5, 1_299, ERA);
	assert_eq!((done, order.units, order.due), (0, 15, 1_300), "it was drawn once more");
	let (done, order) = PlotOrder::won(Some(order), 7, 1_300, ERA);
	assert_eq!((done, order.units, order.due), (15, 7, 2_500));
}

#[test]
fn an_order_is_cut_by_what_is_offered_no_more() {
	let order = PlotOrder::open(1_000, 100, ERA);
	let cut = order.cut(1 << 30, 1 << 32);
	assert_eq!((cut.units, cut.due, cut.until), (250, order.due, order.until));
	assert_eq!(order.cut(0, 5).units, 0);
	assert_eq!(order.cut(5, 5), order);
}

/// Whoever has deleted its plots wins no more: nothing is created for the last order.
#[test]
fn deleter_of_plots_gets_nothing_for_its_last_order() {
	let (_, order) = PlotOrder::won(None, 10, 0, ERA);
	assert_eq!(order.until, 145 * ERA);
	let (late, _) = PlotOrder::won(Some(order), 10, order.until + 1, ERA);
	assert_eq!(late, 0);
	let (in_time, _) = PlotOrder::won(Some(order), 10, order.until, ERA);
	assert_eq!(in_time, 10);
}
