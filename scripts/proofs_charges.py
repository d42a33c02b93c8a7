"""What blocks are charged for wins, by the weights that were measured: a part of scripts/proofs-numbers."""

import re
from collections import namedtuple

# Wins expected in a block that takes them, room for them, in which part of all blocks they count, bytes of one; and
# every how many slots a round or window opens.
Lottery = namedtuple("Lottery", "expected room answered bytes apart")

# What a read and a write of the database are charged, and any transaction; in microseconds.
Prices = namedtuple("Prices", "read write base")

FUNCTIONS = ("on_initialize", "open_round", "on_idle", "win_space", "verify_space", "pulse", "verify_pulse",
             "win_compute", "verify_announcement", "verify_segment", "strike", "tell")
# Those that a general transaction pays for: what only signed ones need is given back.
EXTENSIONS = ("check_genesis", "check_mortality_immortal_transaction", "check_non_zero_sender", "check_spec_version",
              "check_tx_version", "check_weight", "weight_reclaim")


def sum_of(pattern, text):
    return sum(int(part.replace("_", "")) for part in re.findall(pattern, text, re.MULTILINE))


def body_of(name, text):
    found = re.search(rf"\n\tfn {name}\([^)]*\) -> Weight \{{\n(.*?)\n\t\}}", text, re.DOTALL)
    if not found:
        raise LookupError(name)
    return found.group(1)


class Charges:
    """Microseconds that functions of weights charge: `once`, for none, and for `each`; and `around` each win."""

    def __init__(self, measured, extensions, prices):
        self.once, self.each = {}, {}
        for name in FUNCTIONS:
            body = body_of(name, measured)
            self.once[name] = (sum_of(r"^\t\tWeight::from_parts\(([\d_]+)", body) / 1e6
                               + prices.read * sum_of(r"reads\(([\d_]+)\)", body)
                               + prices.write * sum_of(r"writes\(([\d_]+)\)", body))
            self.each[name] = (sum_of(r"add\(Weight::from_parts\(([\d_]+)", body) / 1e6
                               + prices.read * sum_of(r"reads\(\((\d+)_u64", body)
                               + prices.write * sum_of(r"writes\(\((\d+)_u64", body))
        self.around = prices.base + sum(sum_of(r"time\(([\d_]+)\)", body_of(name, extensions)) / 1e6
                                        for name in EXTENSIONS)
        self.estimated = "// Estimated" in measured


def of_blocks(charges, lotteries, verified, told_a_slot, millis):
    """The rows of the page's table: a block full of wins, and all blocks on average; and its sentences."""
    once, each, around = charges.once, charges.each, charges.around
    space, uptime, compute = (lotteries[name] for name in ("space", "uptime", "compute"))
    share = lambda microseconds: f"{microseconds / millis / 10:.2f} %"
    pulse = each["pulse"] + once["verify_pulse"]
    shared = [(space, once["win_space"] + once["verify_space"]), (uptime, once["pulse"]),
              (compute, once["win_compute"])]
    hooks = once["on_initialize"] + once["on_idle"]
    hooks_most = hooks + sum(cost for _, cost in shared)
    hooks_mean = hooks + sum(cost * lottery.answered + once["open_round"] / lottery.apart for lottery, cost in shared)
    rows, most, mean = [], hooks_most, hooks_mean

    def row(name, microseconds, room, expected):
        nonlocal most, mean
        most, mean = most + microseconds * room, mean + microseconds * expected
        rows.append([name, f"{microseconds / 1000:.2f} ms", room, share(microseconds * room),
                     share(microseconds * expected)])

    a_win = each["win_space"] + each["verify_space"] + around
    row("a win of space", a_win, space.room, space.expected * space.answered)
    row("a pulse", pulse + around, uptime.room, uptime.expected * uptime.answered)
    rows.append(["hooks, and what wins share", "", "", share(hooks_most), share(hooks_mean)])
    row("a segment that wins", once["verify_segment"], verified, compute.expected * compute.answered)
    of_space = hooks + shared[0][1] + a_win * space.room
    of_uptime = hooks + shared[1][1] + (pulse + around) * uptime.room
    segments = once["verify_segment"] * verified
    row("an announcement, while a window is open", each["win_compute"] + once["verify_announcement"] + around,
        compute.room, compute.expected * compute.answered)
    row("a candidate that is told, once an era", once["tell"], space.room + uptime.room + verified, told_a_slot)
    rows.append(["all", "", "", share(most), share(mean)])

    kilobytes = lambda size: f"{size / 1000:.1f} kB"
    average = sum(lottery.bytes * lottery.expected * lottery.answered for lottery in (space, uptime, compute))
    sentences = [
        f"hooks and wins take **{share(mean)} of a block on average**, {share(of_space)} of one that is full of space "
        f"and {share(of_uptime)} of one that is full of pulses, {share(of_space + segments)} and "
        f"{share(of_uptime + segments)} if they run segments besides, and {share(most)} of the worst",
        f"one block in {1 / compute.answered:.0f}",
        f"A lie takes {once['strike'] / 1000:.2f} ms",
        f"{100 * once['verify_pulse'] / pulse:.0f} % of what a pulse is charged of its own",
        f"Bytes of wins are {kilobytes(average)} a block on average, {kilobytes(space.bytes * space.room)} in one that "
        f"is full of space, {kilobytes(uptime.bytes * uptime.room)} in one that is full of pulses, and "
        f"{kilobytes(compute.bytes * compute.room)} more while a window is open",
    ]
    if charges.estimated:
        sentences.append("Some of these weights are estimated from what was measured of their parts")
    return rows, sentences
