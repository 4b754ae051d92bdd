"""Doing to their version of a document, entry by entry, what we did to the common ancestor.

Theirs is the ground: entries that we removed go, entries that we changed change where they stand
now, entries that we moved or added come after the neighbour that they have in ours. How often an
entry may stand in the result is fixed beforehand (`expected`), so that one which both sides
added comes once, and of two equal ones of which each side removed one, one stays.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from agent_memory.core import text as texts
from agent_memory.core.align import diff3, expected, three_way
from agent_memory.core.document import Document, bullet
from agent_memory.core.pieces import TOP, Piece, match, pieces

_HEADS = ("heading", TOP)

Difference = tuple[int, Sequence[str], Sequence[str], Sequence[str]]
"""A line of theirs, from 0, and what base, ours and theirs have there."""


@dataclass(frozen=True, slots=True)
class Woven:
    """The merged lines, where both sides differ, and how often each entry must stand in it."""

    lines: list[str]
    clashes: list[Difference]
    expected: Counter[str]


def weave(base: Document, ours: Document, theirs: Document) -> Woven:
    """What both sides made of `base`, below the front matter."""
    work = _Weave(pieces(base), pieces(ours), pieces(theirs))
    work.decide()
    work.change_and_remove()
    work.move_and_add()
    work.remove_heads()
    return Woven(work.joined(), work.clashes, work.expected)


@dataclass(slots=True, eq=False)
class _Node:
    """A piece in its place in the result; `seam` where it has a new neighbour below."""

    piece: Piece
    lines: Sequence[str]
    gap: Sequence[str]
    id: str
    added: bool = False  # by them
    seam: bool = False


class _Weave:
    """The result while it is made: a list of nodes, first theirs."""

    def __init__(
        self, base: Sequence[Piece], ours: Sequence[Piece], theirs: Sequence[Piece]
    ) -> None:
        self.base, self.ours = base, ours
        mine, other = match(base, ours), match(base, theirs)
        self.mine_at = {here: there for there, here in enumerate(mine.base) if here is not None}
        self.base_of = mine.base
        self.nodes = [
            _Node(piece, piece.lines, piece.gap, piece.id, added=other.base[at] is None)
            for at, piece in enumerate(theirs)
        ]
        self.node_at = {
            here: self.nodes[at] for at, here in enumerate(other.base) if here is not None
        }
        self.moved = mine.moved - {
            self.mine_at[here]
            for at in other.moved
            if (here := other.base[at]) is not None and here in self.mine_at
        }
        self.node_of = {
            at: self.node_at[here] for here, at in self.mine_at.items() if here in self.node_at
        }
        self.live = Counter(node.id for node in self.nodes if node.id)
        self.counts = [
            Counter(piece.id for piece in side if piece.id) for side in (base, ours, theirs)
        ]
        self.clashes: list[Difference] = []
        self.last: tuple[int, _Node | None] = (0, None)  # the piece of ours that was put last
        self.changes: list[tuple[_Node, Sequence[str], str]] = []
        self.removals: list[_Node] = []
        self.contested: set[_Node] = set()
        self.expected = Counter[str]()

    # --- what to do ---

    def decide(self) -> None:
        """Compare all three versions of each piece of the base."""
        for here, piece in enumerate(self.base):
            node = self.node_at.get(here)
            mine = self.ours[self.mine_at[here]] if here in self.mine_at else None
            if node is not None and mine is not None:
                self._compare(piece, mine, node, here)
            elif node is not None:
                if piece.kind in ("heading", "table") or node.lines == piece.lines:
                    self.removals.append(node)
                else:
                    self._clash(here, None, node)
            elif mine is not None and mine.lines != piece.lines and mine.kind != "heading":
                self._clash(here, mine, None)
        self.expected = expected(*self.counts)

    def _compare(self, piece: Piece, mine: Piece, node: _Node, here: int) -> None:
        merged = three_way(piece.lines, mine.lines, node.lines)
        if merged is None and piece.id:
            merged = _but_for_bullets(piece, mine, node)
        elif merged is None and piece.kind != "heading":
            merged = diff3(piece.lines, mine.lines, node.lines)
        if merged is None:
            self._clash(here, mine, node)
        elif merged != node.lines:
            # Who changed the words decides what the entry is now; both did: they are the same.
            self.changes.append((node, merged, mine.id if mine.id != piece.id else node.id))
        following = self.mine_at[here] + 1
        if following < len(self.ours) and self.base_of[following] == here + 1:
            gap = three_way(piece.gap, mine.gap, node.gap)
            node.gap = node.gap if gap is None else gap

    def _clash(self, here: int, mine: Piece | None, node: _Node | None) -> None:
        """Theirs stays, so the count of entries is as if ours were theirs."""
        near = next(self.node_at[n] for n in range(here, -1, -1) if n in self.node_at)
        versions = (self.base[here].lines, mine.lines if mine else (), node.lines if node else ())
        self.clashes.append((near.piece.line, *versions))
        if mine is not None and mine.id:
            self.counts[1][mine.id] -= 1
        if node is not None:
            self.contested.add(node)
            if node.id:
                self.counts[1][node.id] += 1

    # --- doing it ---

    def change_and_remove(self) -> None:
        """What we changed or removed, as far as the counts allow."""
        for node in self.removals:
            if node.piece.kind not in ("heading", "table") and self._spare(node.id):
                self._take_out(node)
        replaced = []
        for node, lines, entry in self.changes:
            if entry == node.id:
                node.lines = lines
            else:
                replaced.append((node, lines, entry, self._spare(node.id)))
        for node, lines, entry, gone in replaced:
            if entry and self.live[entry] >= self.expected[entry]:
                if gone:
                    self._take_out(node)
                continue
            self.live[entry] += 1
            if gone or not node.id:
                node.lines, node.id, node.seam = lines, entry, True
            else:  # another one of several equal entries was meant
                at = self.nodes.index(node) + 1
                self.nodes.insert(at, _Node(node.piece, lines, node.gap, entry, seam=True))
                node.gap, node.seam = (), True

    def _spare(self, entry: str) -> bool:
        """Count one entry less, if there is one too many; what is no entry is not counted."""
        if entry and self.live[entry] <= self.expected[entry]:
            return False
        if entry:
            self.live[entry] -= 1
        return True

    def _take_out(self, node: _Node) -> None:
        at = self.nodes.index(node)
        self._cut(at, at + 1)

    def _cut(self, start: int, end: int) -> list[_Node]:
        """Take nodes out; the wider gap stays, at the end of the file the one that was there."""
        chunk = self.nodes[start:end]
        del self.nodes[start:end]
        above, gap = self.nodes[start - 1], chunk[-1].gap
        if start == len(self.nodes) or len(gap) > len(above.gap):
            above.gap = gap
        above.seam = True
        return chunk

    def move_and_add(self) -> None:
        """What we moved or added, in the order of ours."""
        for at, piece in enumerate(self.ours):
            node = self.node_of.get(at)
            if at in self.moved and node is not None and node in self.nodes:
                self._move(node, at)
            elif node is None and self.base_of[at] is None:
                self._add(piece, at)

    def _move(self, node: _Node, at: int) -> None:
        start = self.nodes.index(node)
        if self.nodes[start - 1] is self.node_of.get(at - 1):
            return  # it came along with its neighbour
        end = start + 1
        if node.piece.kind == "heading":  # what they added below goes along
            while end < len(self.nodes) and self.nodes[end].piece.kind != "heading":
                end += 1
        self._put(self._cut(start, end), at)

    def _add(self, piece: Piece, at: int) -> None:
        if piece.id and self.live[piece.id] >= self.expected[piece.id]:
            return
        twin = None if piece.id else self._twin(piece, at)
        if twin is not None:
            self.node_of[at] = twin
            return
        self.live[piece.id] += bool(piece.id)
        self.node_of[at] = _Node(piece, piece.lines, piece.gap, piece.id)
        self._put([self.node_of[at]], at)

    def _twin(self, piece: Piece, at: int) -> _Node | None:
        """The same heading, comment or the like, which they added at the same place."""
        taken = list(self.node_of.values())
        home = self.node_of.get(self._home(at))
        for number, node in enumerate(self.nodes):
            if node.added and node.piece.key == piece.key and node not in taken:
                level = piece.level or 7
                above = next(
                    other
                    for other in reversed(self.nodes[:number])
                    if other.piece.kind == TOP or 0 < other.piece.level < level
                )
                if above is home:
                    return node
        return None

    def _home(self, at: int) -> int:
        """The index in ours of what holds a piece: a heading of a higher level, or the top."""
        level = self.ours[at].level or 7
        return next(n for n in range(at - 1, -1, -1) if not n or 0 < self.ours[n].level < level)

    def _head(self, at: int) -> int:
        """The index in ours of the heading right above a piece, of a row's table."""
        kinds = (*_HEADS, "table") if self.ours[at].kind == "row" else _HEADS
        return next(n for n in range(at - 1, -1, -1) if self.ours[n].kind in kinds)

    def _present(self, at: int) -> _Node:
        """The node of a head of ours; one that they removed comes back."""
        node = self.node_of.get(at)
        if node is None or node not in self.nodes:
            piece = self.ours[at]
            node = self.node_of[at] = _Node(piece, piece.lines, piece.gap, piece.id)
            self._put([node], at)
        return node

    def _put(self, chunk: list[_Node], at: int) -> None:
        """Insert nodes where the piece of ours stands among its neighbours."""
        piece = self.ours[at]
        before, alone = self.last
        if alone and before == at - 1 and piece.kind != "heading":
            place = self.nodes.index(alone) + 1
        elif piece.kind == "heading":
            self._present(self._home(at))
            place = self._place_of_heading(at)
        else:
            head = self._present(self._head(at))
            place = self._place_in(head, at)
        self.last = (at, chunk[0] if len(chunk) == 1 else None)
        above, last = self.nodes[place - 1], chunk[-1]
        below = self.nodes[place] if place < len(self.nodes) else None
        if below is None or self.node_of.get(at + 1) is not below:
            last.gap = above.gap
        elif len(chunk) == 1:
            last.gap = piece.gap
        was_first = self.ours[at - 1].kind in _HEADS
        if was_first and above.piece.kind == piece.kind in ("item", "row"):
            above.gap = ()  # theirs is first now
        else:
            neighbour = at - 1 if above.piece.kind not in _HEADS else self._head(at)
            above.gap = self.ours[neighbour if piece.kind != "heading" else at - 1].gap
        above.seam = last.seam = True
        self.nodes[place:place] = chunk

    def _place_in(self, head: _Node, at: int) -> int:
        """After the nearest neighbour above that still is below the same head, and theirs there."""
        start = self.nodes.index(head)
        end = start + 1
        of_table = head.piece.kind == "table"
        while end < len(self.nodes) and (
            self.nodes[end].piece.kind == "row"
            if of_table
            else self.nodes[end].piece.kind != "heading"
        ):
            end += 1
        inside = {node: start + n for n, node in enumerate(self.nodes[start:end])}
        first = self._head(at)
        known = [self.node_of.get(n) for n in range(at - 1, first - 1, -1)]
        found = [inside[node] for node in known if node is not None and node in inside]
        if found[0] == start and at - 1 != first:
            return end
        place = found[0] + 1
        while place < end and self.nodes[place].added:
            place += 1
        return place

    def _place_of_heading(self, at: int) -> int:
        above = next(
            node
            for n in range(at - 1, -1, -1)
            if (node := self.node_of.get(n)) is not None and node in self.nodes
        )
        rest = range(at + 1, len(self.ours))
        staying = (n for n in rest if self.base_of[n] is not None and n not in self.moved)
        after = next(staying, None)
        # A new heading may part a section; one that comes back or was moved starts below another.
        new = self.base_of[at] is None
        splits = new and after is not None and self.ours[after].kind != "heading"
        place = self.nodes.index(above) + 1
        while place < len(self.nodes) and (
            self.nodes[place].added or (not splits and self.nodes[place].piece.kind != "heading")
        ):
            place += 1
        return place

    def remove_heads(self) -> None:
        """Headings and tables that we removed, unless something of theirs needs them."""
        for node in reversed(self.nodes[:]):
            if node not in self.removals or node.piece.kind not in ("heading", "table"):
                continue
            start = self.nodes.index(node)
            if node.piece.kind == "table":
                needed = start + 1 < len(self.nodes) and self.nodes[start + 1].piece.kind == "row"
            else:
                needed = self._is_needed(start)
            if not needed:
                self._take_out(node)

    def _is_needed(self, start: int) -> bool:
        """Whether they put something below the heading, and we left nothing there."""
        level = self.nodes[start].piece.level
        ours = set(self.node_of.values())
        new = False
        for node in self.nodes[start + 1 :]:
            if node.piece.kind == "heading" and node.piece.level <= level:
                break
            if node in ours:
                return False
            new = new or node.added or node in self.contested or node.piece.kind == "heading"
        return new

    def joined(self) -> list[str]:
        """The lines; where new neighbours would run together, a blank line parts them."""
        result: list[str] = []
        for node, below in zip(self.nodes, [*self.nodes[1:], None], strict=True):
            result += [*node.lines, *node.gap]
            if node.seam and below and not node.gap and not _may_touch(node, below):
                last = node.lines[-1]
                result.append(last[len(texts.bare(last)) :])
        return result


def _may_touch(above: _Node, below: _Node) -> bool:
    kinds = (above.piece.kind, below.piece.kind)
    return (
        kinds in (("item", "item"), ("row", "row"), ("table", "row"))
        or kinds[0] in _HEADS
        or (kinds[1] == "heading" and below.lines[0].lstrip().startswith("#"))
    )


def _but_for_bullets(base: Piece, ours: Piece, theirs: _Node) -> Sequence[str] | None:
    """Like `three_way`, where a side that gave a list item another bullet left it unchanged."""
    if not (base.kind == ours.kind == theirs.piece.kind == "item"):
        return None
    mine, other = bullet(ours.lines[0]), bullet(theirs.lines[0])
    old, here, there = (
        [lines[0][len(bullet(lines[0])) :], *lines[1:]]
        for lines in (base.lines, ours.lines, theirs.lines)
    )
    merged = three_way(old, here, there)
    if merged is None:
        return None
    kept = three_way([bullet(base.lines[0])], [mine], [other])
    return [(kept or [other])[0] + merged[0], *merged[1:]]
