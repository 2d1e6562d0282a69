"""Lookup: turn whole numbers, words and texts into their indices in a vocabulary."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Annotated, Any, Final, NoReturn, Self, TypeAlias

from pydantic import BeforeValidator, field_validator, model_validator

from shapecalc.dims import Shape, Size, Truth, at_least, equal
from shapecalc.layers.arguments import (
    ArgumentKind,
    Switch,
    Text,
    choice,
    integer,
    number,
    size,
    whole,
)
from shapecalc.layers.keras.encoding import Salt, encoded, refuse_sparse_indices, renamed
from shapecalc.layers.keras.layer import KerasLayer
from shapecalc.layers.layer import rule
from shapecalc.layers.result import Result
from shapecalc.layers.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Terms in the order of their indices, or the path of a file with one in each line.
Vocabulary: TypeAlias = tuple[int | str, ...] | str | None


def _text(value: Any) -> str:  # noqa: ANN401
    """Read a text, which may be empty."""
    if not isinstance(value, str):
        raise ValueError  # noqa: TRY004  (what pydantic reads)
    return value


def _terms(read: Any) -> ArgumentKind:  # noqa: ANN401
    """Return a vocabulary of terms that ``read`` reads."""

    def check(value: Any) -> Vocabulary:  # noqa: ANN401
        if isinstance(value, str) and value:
            return value
        if not isinstance(value, (list, tuple)):
            raise ValueError  # noqa: TRY004  (what pydantic reads)
        if not value:
            raise ValueError("has no terms")
        return tuple(map(read, value))

    return ArgumentKind("a list of terms, the path of a file", check).or_none()


def _weights(value: Any) -> tuple[float, ...]:  # noqa: ANN401
    if not isinstance(value, (list, tuple)):
        raise ValueError  # noqa: TRY004  (what pydantic reads)
    return tuple(map(number().check, value))


def _ngrams(value: Any) -> int | tuple[int, ...]:  # noqa: ANN401
    if not isinstance(value, (list, tuple)):
        return integer(1).check(value)  # type: ignore[no-any-return]
    numbers = tuple(map(integer(1).check, value))
    if not numbers:
        raise ValueError
    return numbers


_MODES = choice("int", "one_hot", "multi_hot", "count", "tf_idf")

Mode = Annotated[str, _MODES, BeforeValidator(renamed)]
Numbers = Annotated[Vocabulary, _terms(whole)]
Words = Annotated[Vocabulary, _terms(_text)]
OptionalNumberToken = Annotated[int | None, integer().or_none()]
WordToken = Annotated[str | None, ArgumentKind("a string", _text).or_none()]
MaxTokens = Annotated[Size | None, size(2).or_none()]
OptionalSize = Annotated[Size | None, size(0).or_none()]
OovIndices = Annotated[int, integer(0)]
OovMethod = Annotated[str, choice("floormod", "farmhash")]
OptionalWeights = Annotated[
    tuple[float, ...] | None, ArgumentKind("numbers in a list", _weights).or_none()
]
Standardize = Annotated[
    str | None, choice("lower_and_strip_punctuation", "lower", "strip_punctuation", None)
]
Split = Annotated[str | None, choice("whitespace", "character", None)]
Ngrams = Annotated[
    int | tuple[int, ...] | None,
    ArgumentKind("a whole number of at least 1, several in a list", _ngrams).or_none(),
]


class VocabularyLayer(KerasLayer):
    """Base class of layers that have a vocabulary, given or learned from data."""

    max_tokens: MaxTokens = None
    output_mode: Mode = "int"
    sparse: Switch = False
    pad_to_max_tokens: Switch = False
    vocabulary: Words = None
    idf_weights: OptionalWeights = None
    vocabulary_size: OptionalSize = None

    def special(self) -> tuple[int | str | None, ...]:
        """Return the terms before the vocabulary: the mask and those out of vocabulary."""
        return ("", "[UNK]") if self.output_mode == "int" else ("[UNK]",)

    def masked(self) -> int | str | None:
        """Return the term that is masked."""
        return ""

    def terms(self) -> tuple[int | str, ...] | None:
        """Return the terms of the vocabulary without the special ones, where they are known."""
        if not isinstance(self.vocabulary, tuple):
            return None
        special = self.special()
        found = self.vocabulary[: len(special)] == special
        return self.vocabulary[len(special) :] if found else self.vocabulary

    @model_validator(mode="after")
    def _arguments_agree(self) -> Self:
        if self.pad_to_max_tokens and self.max_tokens is None:
            raise ValueError("pad_to_max_tokens needs max_tokens")
        refuse_sparse_indices(self.output_mode, self.sparse)
        weighted, given = self.output_mode == "tf_idf", self.idf_weights is not None
        if given and not weighted:
            raise ValueError(f"idf_weights go with tf_idf, but output_mode is {self.output_mode}")
        if weighted and self.vocabulary is not None:
            self._refuse_weights()
        return self

    def _refuse_weights(self) -> None:
        if isinstance(self.vocabulary, str):
            raise ValueError("tf_idf takes no vocabulary of a file")  # noqa: TRY004
        if self.idf_weights is None:
            raise ValueError("a vocabulary with tf_idf needs idf_weights")
        count, expected = len(self.idf_weights), len(self.vocabulary or ())
        if count != expected:
            raise ValueError(f"there are {count} idf_weights for {expected} terms")

    @model_validator(mode="after")
    def _vocabulary_fits(self) -> Self:
        terms = self.terms()
        if terms is None:
            return self
        if repeated := next((term for term, n in Counter(terms).items() if n > 1), None):
            raise ValueError(f"the vocabulary has {repeated!r} more than once")
        if self.masked() is not None and self.masked() in terms:
            raise ValueError(f"the vocabulary has {self.masked()!r}, which is masked")
        for truth, *parts in self.fitting():
            if truth is False:
                raise ValueError(VOCABULARY.format(*parts))
        return self

    def fitting(self) -> Iterator[tuple[Truth, int, str, Size]]:
        """Yield the conditions on a known vocabulary, with its terms and its parameter."""
        terms = self.terms()
        if terms is None:
            return
        count = len(self.special()) + len(terms)
        if self.max_tokens is not None:
            yield at_least(self.max_tokens, count), count, "max_tokens", self.max_tokens
        counted = self.output_mode != "int" and not self.pad_to_max_tokens
        if counted and self.vocabulary_size is not None:
            size = self.vocabulary_size
            yield equal(size, count), count, "vocabulary_size", size


#: Why a vocabulary is refused.
VOCABULARY: Final = "the vocabulary has {} terms, but {} is {}"


def check_vocabulary(layer: VocabularyLayer, scope: Scope) -> None:
    """Require that the vocabulary fits the sizes in letters that are given for it."""
    for truth, *parts in layer.fitting():
        scope.require(truth, f"cannot work: {VOCABULARY}", *parts)


def depth(layer: VocabularyLayer, scope: Scope) -> Size:
    """Return how many indices there are; a letter where the vocabulary is yet to be learned."""
    if layer.pad_to_max_tokens and layer.max_tokens is not None:
        return layer.max_tokens
    terms = layer.terms()
    if terms is not None:
        return len(layer.special()) + len(terms)
    return scope.fresh("V") if layer.vocabulary_size is None else layer.vocabulary_size


class Lookup(VocabularyLayer):
    """Base class of the lookups of single terms."""

    num_oov_indices: OovIndices = 1
    mask_token: Any
    oov_token: Any
    invert: Switch = False
    oov_method: OovMethod = "floormod"
    salt: Salt = None

    @field_validator("input_shape")
    @classmethod
    def _not_taken(cls, _value: object) -> NoReturn:
        raise ValueError("is not an argument of this layer")

    @model_validator(mode="after")
    def _inverse_fits(self) -> Self:
        if not self.invert:
            return self
        if self.output_mode != "int":
            raise ValueError(f"invert goes with int, but output_mode is {self.output_mode}")
        if self.oov_token is not None and self.oov_token in (self.terms() or ()):
            raise ValueError(f"the vocabulary has {self.oov_token!r}, which is the oov_token")
        return self

    def special(self) -> tuple[int | str | None, ...]:
        """Return the terms before the vocabulary: the mask and those out of vocabulary."""
        masked = self.mask_token is not None and self.output_mode == "int"
        return ((self.mask_token,) if masked else ()) + (self.oov_token,) * self.num_oov_indices

    def masked(self) -> int | str | None:
        """Return the term that is masked."""
        token: int | str | None = self.mask_token
        return token

    def input_letters(self) -> tuple[str, ...]:
        """Return the letters of the default input."""
        return ("B", "T")


class IntegerLookup(Lookup):
    """Maps integers to their indices in a vocabulary, or encodes them as vectors.

    Numbers that are not in it share ``num_oov_indices`` indices before the others. A vocabulary
    that is yet to be learned has a letter for its size.

    Shape   (...) -> (...), with one_hot (..., n) -> (..., n, terms), but
            (..., 1) -> (..., terms), with multi_hot, count or tf_idf (batch, n) -> (batch, terms)
    Errors  a number is twice in the vocabulary; it has more than max_tokens; sparse or invert
            does not go with the output_mode
    Source  keras.layers.IntegerLookup
    """

    positional = (
        "max_tokens",
        "num_oov_indices",
        "mask_token",
        "oov_token",
        "vocabulary",
        "vocabulary_dtype",
        "idf_weights",
        "invert",
        "output_mode",
        "sparse",
        "pad_to_max_tokens",
        "oov_method",
        "salt",
    )

    mask_token: OptionalNumberToken = None
    oov_token: OptionalNumberToken = -1
    vocabulary: Numbers = None
    vocabulary_dtype: Annotated[str, choice("int64")] = "int64"

    @model_validator(mode="after")
    def _salt_fits(self) -> Self:
        if self.salt is not None and self.oov_method != "farmhash":
            raise ValueError(f"salt goes with farmhash, but oov_method is {self.oov_method}")
        return self


class StringLookup(Lookup):
    """Maps strings to their indices in a vocabulary, or encodes them as vectors.

    Words that are not in it share ``num_oov_indices`` indices before the others. A vocabulary
    that is yet to be learned has a letter for its size.

    Shape   (...) -> (...), with one_hot (..., n) -> (..., n, terms), but
            (..., 1) -> (..., terms), with multi_hot, count or tf_idf (batch, n) -> (batch, terms)
    Errors  a word is twice in the vocabulary; it has more than max_tokens; sparse or invert
            does not go with the output_mode
    Source  keras.layers.StringLookup
    """

    positional = (
        "max_tokens",
        "num_oov_indices",
        "mask_token",
        "oov_token",
        "vocabulary",
        "idf_weights",
        "invert",
        "output_mode",
        "pad_to_max_tokens",
        "sparse",
        "encoding",
        "salt",
    )

    mask_token: WordToken = None
    oov_token: WordToken = "[UNK]"  # noqa: S105  (a term, no secret)
    encoding: Text = "utf-8"


@rule(IntegerLookup, StringLookup)
def lookup(layer: IntegerLookup | StringLookup, scope: Scope, x: Shape) -> Result:
    """Encode the indices."""
    check_vocabulary(layer, scope)
    if layer.output_mode == "int":
        return Result(x)
    return Result(encoded(x, layer.output_mode, depth(layer, scope), scope))


class TextVectorization(VocabularyLayer):
    """Splits texts into tokens and maps them to their indices in a vocabulary.

    A batch of texts is padded to its longest one, which has N words, unless
    ``output_sequence_length`` says how many. A vocabulary that is yet to be learned has a letter
    for its size.

    Shape   (batch,) or (batch, 1) -> (batch, N), with one_hot (batch, N, terms),
            with multi_hot, count or tf_idf (batch, terms)
    Errors  the last of several axes is not 1; a word is twice in the vocabulary, or it has more
            than max_tokens; output_sequence_length, sparse or ragged does not go with the
            output_mode
    Source  keras.layers.TextVectorization
    """

    positional = (
        "max_tokens",
        "standardize",
        "split",
        "ngrams",
        "output_mode",
        "output_sequence_length",
        "pad_to_max_tokens",
        "vocabulary",
        "idf_weights",
        "sparse",
        "ragged",
        "encoding",
    )

    standardize: Standardize = "lower_and_strip_punctuation"
    split: Split = "whitespace"
    ngrams: Ngrams = None
    output_sequence_length: OptionalSize = None
    ragged: Switch = False
    encoding: Text = "utf-8"

    @model_validator(mode="after")
    def _length_fits(self) -> Self:
        if self.output_mode == "int":
            return self
        if self.output_sequence_length is not None:
            raise ValueError(
                f"output_sequence_length goes with int, but output_mode is {self.output_mode}"
            )
        if self.ragged:
            raise ValueError(f"ragged goes with int, but output_mode is {self.output_mode}")
        return self

    def input_letters(self) -> tuple[str, ...]:
        """Return the letters of the default input."""
        return ("B",)


@rule(TextVectorization)
def text_vectorization(layer: TextVectorization, scope: Scope, x: Shape) -> Result:
    """Split the texts, then encode the words along the axis that this makes.

    Keras's own shape of a symbolic call differs for (batch, 1); this is what it computes.
    """
    check_vocabulary(layer, scope)
    ragged = layer.split is not None or layer.ngrams is not None
    if layer.split is not None and len(x) > 1:
        scope.require(equal(x[-1], 1), "needs texts (batch,) or (batch, 1), but gets {}", x)
        x = x[:-1]
    if ragged:
        x = (*(x if layer.split is not None else x[:-1]), scope.missing("N"))
    if layer.output_mode == "int":
        length = layer.output_sequence_length
        return Result(x if length is None or layer.ragged else (*x[:-1], length))
    terms = depth(layer, scope)
    if ragged and layer.output_mode == "one_hot":
        return Result((*x, terms))
    return Result(encoded(x, layer.output_mode, terms, scope))
