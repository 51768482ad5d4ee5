"""Learning a filter bank: a small convolutional network, trained by gradient descent in numpy.

A framework for neural networks would be a dependency a hundred times the size of everything else here, for one layer
of filters; the gradient of max-over-time pooling touches one window per filter and text, so sparse products do it fast.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from threadpoolctl import threadpool_limits

from complaint_motive.features.filters import WIDTHS, FilterBank
from complaint_motive.features.ngram_entries import EDGE, UNKNOWN, Units
from complaint_motive.models.heads import HeadTargets, balanced_weights
from complaint_motive.models.scorer import sigmoid, softmax

__all__ = ["TrainedFilters", "fit_filters"]

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]

_BATCH, _RATE, _DECAY = 64, 2e-3, 1e-2
_LONGEST = 300
"""Units (words and two edges) of a training text that are looked at: the first and the last half of these, joined."""
_WORD_DROPOUT, _VECTOR_DROPOUT, _FILTER_DROPOUT = 0.2, 0.2, 0.3
_SMOOTHING = 0.05
_TINY = 1e-6
_SHARES = {"category": 1.0, "needs": 0.5, "intensity": 0.3, "cause": 0.5}
"""Share of each problem in the loss."""


class TrainedFilters(NamedTuple):
    """Filters and linear heads over their responses.

    Attributes
    ----------
    bank : FilterBank
        The filters.
    coefficients : ndarray of float32, shape (n_filters, 16)
        Log-odds per unit of a response.
    intercepts : ndarray of float64, shape (16,)
        Log-odds of a text without responses.
    """

    bank: FilterBank
    coefficients: Floats
    intercepts: NDArray[np.float64]

    def scores(self, units: Units) -> NDArray[np.float64]:
        """Return the scores of some documents, shape (n, 16)."""
        # CSR @ dense gives the same bits whatever the number of rows; dense @ dense does not.
        responses = sparse.csr_matrix(self.bank.responses(units).values)
        return np.asarray(responses @ self.coefficients, dtype=np.float64) + self.intercepts


@dataclass
class _Moments:
    """A parameter of the network with its running moments (AdamW; Loshchilov and Hutter 2019)."""

    value: Floats

    def __post_init__(self) -> None:
        self.mean, self.square = np.zeros_like(self.value), np.zeros_like(self.value)
        self.steps = 0

    def step(self, gradient: Floats, rate: float, rows: Integers | slice = slice(None)) -> None:
        """Move some rows against their gradient; rows that a batch does not touch rest."""
        self.steps += 1
        self.mean[rows] += 0.1 * (gradient - self.mean[rows])
        self.square[rows] += 0.001 * (gradient**2 - self.square[rows])
        size = np.sqrt(self.square[rows] / (1 - 0.999**self.steps)) + 1e-8
        move = self.mean[rows] / (1 - 0.9**self.steps) / size
        self.value[rows] -= np.float32(rate) * (move + np.float32(_DECAY) * self.value[rows])


class _Gradient:
    """Gradient of the loss of a batch with respect to its scores."""

    def __init__(self, targets: HeadTargets, weight: Mapping[str, NDArray[np.float64]], balance: dict[str, float]):
        self.problems = []
        self.learned = np.zeros(16, dtype=np.bool_)
        for head, columns, target, n_classes in targets.problems():
            share = np.zeros(len(target))
            rows = np.flatnonzero((target >= 0) & (weight[head] > 0))
            if len(np.unique(target[rows])) > 1:
                self.learned[columns] = True
                # Rare heavy rows make single steps wild: their weights count by the root.
                share[rows] = _SHARES[head] * balanced_weights(
                    target[rows], np.sqrt(weight[head][rows]), balance[head] / 2
                )
            self.problems.append((columns, target, n_classes, share))

    def __call__(self, rows: Integers, scores: Floats) -> Floats:
        slope = np.zeros_like(scores)
        for columns, target, n_classes, share in self.problems:
            gold, part = target[rows], scores[:, columns].astype(np.float64)
            if n_classes == 2:
                step = sigmoid(part) - gold[:, None]
            else:
                wanted = np.full(part.shape, _SMOOTHING / n_classes)
                wanted[np.arange(len(rows)), np.maximum(gold, 0)] += 1 - _SMOOTHING
                step = softmax(part) - wanted
            slope[:, columns] = step * (share[rows] / len(rows))[:, None]
        return slope


class _Network:
    """Embeddings, three families of filters, pooling, and one linear layer for all heads."""

    def __init__(self, vectors: Floats, n_filters: int, rng: np.random.Generator) -> None:
        size = vectors.shape[1]
        self.rng, self.n_filters = rng, n_filters
        self.vectors = _Moments(vectors.copy())
        bounds = [1 / np.sqrt(width * size) for width in WIDTHS for _ in range(width)]
        self.taps = _Moments(np.stack([rng.uniform(-b, b, (size, n_filters)) for b in bounds]).astype(np.float32))
        self.biases = _Moments(np.zeros(len(WIDTHS) * n_filters, dtype=np.float32))
        bound = 1 / np.sqrt(len(WIDTHS) * n_filters)
        self.heads = _Moments(rng.uniform(-bound, bound, (len(WIDTHS) * n_filters, 16)).astype(np.float32))
        self.intercepts = _Moments(np.zeros(16, dtype=np.float32))

    def _kept(self, shape: tuple[int, ...], dropped: float) -> Floats:
        """Return a random mask that keeps the expectation."""
        return (self.rng.random(shape, dtype=np.float32) >= dropped).astype(np.float32) / np.float32(1 - dropped)

    def learn(self, ids: Integers, lengths: Integers, gradient: Callable[[Floats], Floats], rate: float) -> None:
        """Take one step.

        Parameters
        ----------
        ids : ndarray of int64, shape (n_texts, longest)
            Words with an edge before and after, then edges.
        lengths : ndarray of int64, shape (n_texts,)
            Units of each text, its two edges counted.
        gradient : callable
            From scores, shape (n_texts, 16), to the gradient of the loss with respect to them.
        rate : float
            Learning rate.
        """
        ids = np.where((self.rng.random(ids.shape) < _WORD_DROPOUT) & (ids != EDGE), UNKNOWN, ids)
        mask = self._kept((*ids.shape, self.vectors.value.shape[1]), _VECTOR_DROPOUT)
        flat = (self.vectors.value[ids] * mask).reshape(ids.size, -1)
        strongest, first = self._strongest(flat, lengths)
        pooled = np.maximum(strongest + self.biases.value, 0)
        kept = self._kept(pooled.shape, _FILTER_DROPOUT)
        features = pooled * kept
        slope = gradient(features @ self.heads.value + self.intercepts.value)
        back = (slope @ self.heads.value.T) * kept * (pooled > 0)
        self.heads.step(features.T @ slope, rate)
        self.intercepts.step(slope.sum(axis=0), rate)
        self.biases.step(back.sum(axis=0), rate)
        self._learn_taps(ids, flat, mask, back, first, rate)

    def _strongest(self, flat: Floats, lengths: Integers) -> tuple[Floats, list[Integers]]:
        """Return the strongest response of each filter to each text, and where its window begins, by family."""
        n_texts, tap = len(lengths), 0
        longest = len(flat) // n_texts
        strongest, first = [], []
        for width in WIDTHS:
            lead = int(width == 1)  # a lone edge is no window
            n_windows = longest - width + 1
            response = np.zeros((n_texts, n_windows, self.n_filters), dtype=np.float32)
            for k in range(width):
                response += (flat @ self.taps.value[tap + k]).reshape(n_texts, longest, -1)[:, k : k + n_windows]
            tap += width
            place = np.arange(n_windows)
            response[(place < lead) | (place > lengths[:, None] - width - lead)] = -np.inf
            best = response.argmax(axis=1)
            first.append(best)
            strongest.append(np.take_along_axis(response, best[:, None], axis=1)[:, 0])
        return np.concatenate(strongest, axis=1), first

    def _learn_taps(
        self, ids: Integers, flat: Floats, mask: Floats, back: Floats, first: list[Integers], rate: float
    ) -> None:
        """Take a step with the filters and the vectors: only the strongest windows have a share in the scores."""
        n_texts, longest = ids.shape
        row, column = np.indices((n_texts, self.n_filters))
        upstream = np.zeros_like(flat)
        slopes = np.zeros_like(self.taps.value)
        tap = 0
        for family, width in enumerate(WIDTHS):
            part = back[:, family * self.n_filters : (family + 1) * self.n_filters]
            for k in range(width):
                place = (row * longest + first[family] + k).ravel()
                chosen = sparse.csr_matrix((part.ravel(), (place, column.ravel())), (len(flat), self.n_filters))
                slopes[tap + k] = (chosen.T @ flat).T
                upstream += chosen @ self.taps.value[tap + k].T
            tap += width
        self.taps.step(slopes, rate)
        words, where = np.unique(ids, return_inverse=True)
        gather = sparse.csr_matrix((np.ones(ids.size, np.float32), (where.ravel(), np.arange(ids.size))))
        self.vectors.step(gather @ (upstream * mask.reshape(flat.shape)), rate, words)


def _texts(units: Units) -> list[Integers]:
    """Return the words of each text between two edges, those of long texts without their middle."""
    ids = units.ids.astype(np.int64)
    texts = [ids[a : b + 1] for a, b in zip(units.edges[:-1], units.edges[1:], strict=True)]
    half = _LONGEST // 2
    return [text if len(text) <= _LONGEST else np.concatenate([text[:half], text[-half:]]) for text in texts]


def _batches(lengths: Integers, rng: np.random.Generator) -> Iterator[Integers]:
    """Yield rows of texts of about the same length, in random order."""
    order = np.argsort(lengths + rng.normal(0, 3, len(lengths)), kind="stable")
    order = order[lengths[order] > len(WIDTHS) - 1]
    batches = [order[at : at + _BATCH] for at in range(0, len(order), _BATCH)]
    for k in rng.permutation(len(batches)):
        yield batches[k]


def fit_filters(
    units: Units,
    vectors: Floats,
    targets: HeadTargets,
    weight: Mapping[str, NDArray[np.float64]],
    *,
    n_filters: int,
    epochs: int,
    balance: dict[str, float],
    random_state: int,
) -> TrainedFilters:
    """Return filters learned from labelled texts.

    Parameters
    ----------
    units : Units
        Words of the n texts.
    vectors : ndarray of float32, shape (n_words + 3, 64)
        Word vectors to begin with.
    targets : HeadTargets
        Labels.
    weight : mapping of str to ndarray, shape (n,)
        Weight of each row, for each head.
    n_filters : int
        Filters of each of the three widths.
    epochs : int
        Passes over the texts; the learning rate falls to 0.
    balance : dict of str to float
        How far classes are balanced in each head.
    random_state : int
        Seed of initial weights, dropout and order.
    """
    rng = np.random.default_rng(random_state)
    network = _Network(vectors, n_filters, rng)
    gradient = _Gradient(targets, weight, balance)
    network.heads.value[:, ~gradient.learned] = 0  # of heads without labels
    texts = _texts(units)
    lengths = np.array([len(text) for text in texts])
    n_steps, step = epochs * -(-int((lengths > len(WIDTHS) - 1).sum()) // _BATCH), 0
    # Sums of a matrix product may depend on the number of threads; one thread gives the same filters with however many.
    with threadpool_limits(1):
        for _ in range(epochs):
            for rows in _batches(lengths, rng):
                ids = np.full((len(rows), int(lengths[rows].max())), EDGE, dtype=np.int64)
                for k, row in enumerate(rows):
                    ids[k, : lengths[row]] = texts[row]
                network.learn(ids, lengths[rows], partial(gradient, rows), _RATE * (1 - step / n_steps))
                step += 1
    return _rounded(network)


def _rounded(network: _Network) -> TrainedFilters:
    """Return the network in whole numbers of few bits."""
    vectors, taps = network.vectors.value, np.concatenate(list(network.taps.value), axis=1)
    unit = max(np.abs(vectors).max(), _TINY) / 127
    family = np.repeat(np.arange(len(WIDTHS)), WIDTHS)
    largest = np.abs(network.taps.value).max(axis=1)
    units = np.maximum([largest[family == f].max(axis=0) for f in range(len(WIDTHS))], _TINY) / 127
    scales = (units * unit * 16.0).ravel()
    bank = FilterBank(
        embeddings=np.rint(vectors / unit).astype(np.int8),
        weights=np.rint(taps / units[family].ravel()).astype(np.int8),
        biases=np.clip(np.rint(network.biases.value / scales), -30_000, 30_000).astype(np.int16),
        scales=scales.astype(np.float32),
    )
    return TrainedFilters(bank, network.heads.value, network.intercepts.value.astype(np.float64))
