// The score over time: a line, its error band, the wins, and a cross that pointer and keys move.

import { ALL, clock, number, share } from './words.js';

const NAMESPACE = 'http://www.w3.org/2000/svg';
const EDGES = { left: 62, right: 12, top: 10, bottom: 40 };

function shape(name, attributes, text) {
	const made = document.createElementNS(NAMESPACE, name);
	for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
	if (text !== undefined) made.textContent = text;
	return made;
}

/** Round per cents of all, some four of them, from 0 to a little above the most. */
export function steps(most) {
	if (!(most > 0)) return [0, 1];
	const percent = ALL / 100;
	const rough = most / percent / 3.5;
	const power = 10 ** Math.floor(Math.log10(rough));
	const step = [1, 2, 2.5, 5, 10].map((times) => times * power).find((size) => size >= rough) ?? rough;
	const marks = [];
	for (let index = 0; index <= Math.ceil(most / percent / step); index += 1) marks.push(index * step * percent);
	return marks;
}

export class Chart {
	constructor(box, svg, readout, empty) {
		Object.assign(this, { box, svg, readout, empty, points: [], interval: 10, chosen: null });
		new ResizeObserver(() => this.draw()).observe(svg);
		svg.addEventListener('pointermove', (event) => this.choose(this.nearest(event)));
		svg.addEventListener('pointerleave', () => this.choose(null));
		box.addEventListener('keydown', (event) => this.key(event));
		box.addEventListener('blur', () => this.choose(null));
	}

	show(history) {
		this.points = history.points;
		this.interval = history.interval;
		if (this.chosen !== null && this.chosen >= this.points.length) this.chosen = null;
		this.draw();
	}

	key(event) {
		const last = this.points.length - 1;
		const at = this.chosen ?? last;
		const moves = { ArrowLeft: at - 1, ArrowDown: at - 1, ArrowRight: at + 1, ArrowUp: at + 1, Home: 0, End: last,
			PageUp: at - 10, PageDown: at + 10, Escape: null };
		if (!(event.key in moves) || last < 0) return;
		event.preventDefault();
		const to = moves[event.key];
		this.choose(to === null ? null : Math.min(last, Math.max(0, to)));
	}

	choose(index) {
		if (index === this.chosen) return;
		this.chosen = index;
		this.mark();
	}

	nearest(event) {
		if (!this.scale) return null;
		const x = event.clientX - this.svg.getBoundingClientRect().left;
		let best = null;
		let least = Infinity;
		this.points.forEach((point, index) => {
			const away = Math.abs(this.scale.x(this.end(point)) - x);
			if (away < least) [best, least] = [index, away];
		});
		return best;
	}

	/** When what a point shows was seen: at the end of its interval. */
	end(point) {
		return Math.min(point.at + this.interval, Date.now() / 1000);
	}

	draw() {
		const { width, height } = this.svg.getBoundingClientRect();
		this.empty.hidden = this.points.length > 0;
		this.scale = null;
		if (!this.points.length || width < 50) {
			this.svg.replaceChildren();
			this.tell();
			return;
		}
		const [left, right] = [EDGES.left, width - EDGES.right];
		const [top, bottom] = [EDGES.top, height - EDGES.bottom];
		const begin = this.end(this.points[0]);
		const span = Math.max(this.interval, this.end(this.points.at(-1)) - begin);
		const marks = steps(Math.max(...this.points.map((point) => point.high)));
		const most = marks.at(-1);
		const x = (at) => left + ((at - begin) / span) * (right - left);
		const y = (value) => bottom - (value / most) * (bottom - top);
		this.scale = { x, y, top, bottom };
		const parts = [...this.rules(marks, left, right), ...this.times(begin, span, bottom, width)];
		for (const run of this.runs()) parts.push(...this.curve(run));
		for (const point of this.points.filter((point) => point.wins > 0)) {
			parts.push(shape('circle', { class: 'win', cx: x(this.end(point)), cy: bottom + 8,
				r: Math.min(5, 2.5 + Math.sqrt(point.wins) / 2) }));
		}
		this.cross = shape('g', {});
		this.svg.replaceChildren(...parts, this.cross);
		this.mark();
	}

	rules(marks, left, right) {
		const most = marks.at(-1);
		return marks.flatMap((mark) => {
			const at = this.scale.y(mark);
			const label = most > 1 ? share(mark) : '';
			return [
				shape('line', { class: 'grid', x1: left, x2: right, y1: at, y2: at }),
				shape('text', { x: left - 8, y: at + 4, 'text-anchor': 'end' }, label),
			];
		});
	}

	times(begin, span, bottom, width) {
		const count = Math.max(2, Math.min(6, Math.floor(width / 130)));
		const now = Date.now() / 1000;
		return Array.from({ length: count }, (_, index) => {
			const at = begin + (span * index) / (count - 1);
			const anchor = index === 0 ? 'start' : index === count - 1 ? 'end' : 'middle';
			return shape('text', { x: this.scale.x(at), y: bottom + 32, 'text-anchor': anchor }, clock(at, now));
		});
	}

	/** Parts of the line between which the agent did not run. */
	runs() {
		const runs = [];
		let before = -Infinity;
		for (const point of this.points) {
			if (point.at - before > 2.5 * this.interval) runs.push([]);
			runs.at(-1).push(point);
			before = point.at;
		}
		return runs;
	}

	curve(run) {
		const { x, y } = this.scale;
		const spot = (point, value) => `${x(this.end(point)).toFixed(1)},${y(value).toFixed(1)}`;
		const path = (points, value) => points.map((point) => spot(point, value(point)));
		const high = path(run, (point) => point.high);
		const low = path([...run].reverse(), (point) => point.low);
		const line = path(run, (point) => point.score);
		if (run.length === 1) line.push(line[0]);
		return [
			shape('path', { class: 'band', d: `M${high.join('L')}L${low.join('L')}Z` }),
			shape('path', { class: 'line', d: `M${line.join('L')}` }),
		];
	}

	/** The cross, or the end of the line if nothing is chosen. */
	mark() {
		this.tell();
		if (!this.scale) return;
		const point = this.points[this.chosen ?? this.points.length - 1];
		const at = this.scale.x(this.end(point));
		const dot = shape('circle', { class: 'now', cx: at, cy: this.scale.y(point.score), r: 5 });
		const cross = shape('line', { class: 'cross', x1: at, x2: at, y1: this.scale.top, y2: this.scale.bottom });
		this.cross.replaceChildren(...(this.chosen === null ? [dot] : [cross, dot]));
	}

	/** What the chosen point says, for eyes and for screen readers. */
	tell() {
		const index = this.chosen ?? this.points.length - 1;
		const point = this.points[index];
		if (!point) return;
		const wins = point.wins === 1 ? '1 win' : `${number(point.wins)} wins`;
		const when = clock(this.end(point), Date.now() / 1000);
		const text = `${when}: ${share(point.score)}, from ${share(point.low)} to ${share(point.high)}; ${wins}`;
		this.readout.textContent = text;
		const values = { valuemin: 1, valuemax: this.points.length, valuenow: index + 1, valuetext: text };
		for (const [key, value] of Object.entries(values)) this.box.setAttribute(`aria-${key}`, value);
	}
}
