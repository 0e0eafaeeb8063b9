"""Beats: polygons of a file, or what the log's calls say about the streets near them."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from libpatrol.city.reading.layers import read_layer
from libpatrol.city.reading.mapping_tables import BeatColumns, UnstatedError
from libpatrol.city.toml_text import toml_value
from libpatrol.replay.log_values import read_codes, read_names

_POLYGONS = ("Polygon", "MultiPolygon")
_NAMES = (
    "beat",
    "beat_id",
    "name",
    "beat_name",
    "district",
    "dist",
    "zone",
    "sector",
    "precinct",
    "post",
    "beats",
    "id",
)
_GROUPS = ("group", "precinct", "first_prec", "sector", "district", "division", "area")
_VOTERS = 5  # calls that say which beat a node is in
_EDGE_METRES = 50.0  # streets on the border of a beat, drawn by another hand
WHOLE = "city"


@dataclass(frozen=True, kw_only=True)
class Beats:
    """Beats in the city's metres.

    Attributes
    ----------
    names : list of str
        In order of the area's beats.
    groups : list of str
        Of each beat, "" for none.
    polygons : object [beats]
        Outlines, None where there is none.
    node_beats : int32 [nodes]
        -1 for none.
    notes : list of str
        What was read and assumed.
    """

    names: list[str]
    groups: list[str]
    polygons: NDArray[np.object_]
    node_beats: NDArray[np.int32]
    notes: list[str]


@dataclass(frozen=True, kw_only=True)
class BeatShapes:
    """Polygons of a file: names, groups and outlines in degrees."""

    where: str
    table: pd.DataFrame

    @classmethod
    def read(cls, path: Path, columns: BeatColumns) -> "BeatShapes":
        """Read polygons.

        Raises
        ------
        ValueError
            If a row has no name or no area, or a name comes twice with other groups; the sentence names file and row.
        """
        frame = read_layer(path, _POLYGONS, columns.layer, columns.crs, "beats")
        where = path.name
        name = _column(frame, columns.name, _NAMES, where)
        if name is None:
            others = ", ".join(str(column) for column in frame if column != frame.geometry.name)
            raise UnstatedError(
                f"{where} has no column that names beats, it has {others or 'none'}: say name in [beats] of the "
                "mapping",
                f"name = {toml_value(others.partition(', ')[0])}  # check: the beats' names, one of {others}",
            )
        group = _column(frame, columns.group, tuple(other for other in _GROUPS if other != name.lower()), where)
        names = read_names(frame[name])
        if names.isna().any():
            row = int(np.flatnonzero(names.isna())[0])
            raise ValueError(f"{where}, row {row + 1}: {name} is empty, expected the name of a beat")
        outlines = frame.geometry.to_numpy()
        empty = ~(shapely.area(shapely.make_valid(outlines)) > 0)  # also of one without a shape
        if empty.any():
            first = int(np.flatnonzero(empty)[0])
            raise ValueError(
                f"{where}, row {first + 1}: the polygon of the beat {names.iloc[first]} is empty: draw it, or "
                "delete the row"
            )
        kinds = frame.geometry.geom_type
        if not kinds.isin(_POLYGONS).all():
            first = int(np.flatnonzero(~kinds.isin(_POLYGONS))[0])
            raise ValueError(
                f"{where}, row {first + 1}: {names.iloc[first]} is a {kinds.iloc[first]}, expected a Polygon"
            )
        groups = read_names(frame[group]).fillna("") if group is not None else pd.Series("", frame.index)
        table = frame.assign(name=names, group=groups)[["name", "group", frame.geometry.name]]
        return cls(where=where, table=table.rename_geometry("outline").to_crs("EPSG:4326"))

    @property
    def middle(self) -> NDArray[np.float64]:
        """Places within the polygons, float64 [rows, 2], degrees."""
        points = self.table.geometry.representative_point()
        return np.stack([points.x, points.y], 1)

    def on_streets(self, nodes: NDArray[np.float64], crs: str, columns: BeatColumns, roads: str) -> Beats:
        """Return the beats, and that of each node.

        Parameters
        ----------
        nodes : float64 [nodes, 2]
            In ``crs``.
        crs : str
            Of the city.
        columns : BeatColumns
            Which beats to leave out.
        roads : str
            The file of the streets, for errors.
        """
        table = self.table.to_crs(crs)
        left_out = read_codes(table["name"]).isin(read_codes(pd.Series(columns.leave_out, dtype=object)))
        notes = [f"the beat {name} is left out, as the mapping says" for name in table["name"][left_out].unique()]
        table = table[~left_out]
        again = table["name"].duplicated()
        if again.any():
            notes.append(
                f"{self.where} has several rows of the same name, the first of them {table['name'][again].iloc[0]}: "
                "they are one beat"
            )
        outlines = shapely.make_valid(table.geometry.to_numpy())
        names = list(dict.fromkeys(table["name"]))
        merged = np.array([shapely.union_all(outlines[(table["name"] == name).to_numpy()]) for name in names], object)
        groups = [table["group"][table["name"] == name].iloc[0] for name in names]
        points = shapely.points(nodes)
        tree = shapely.STRtree(merged)
        node, beat = tree.query(points, predicate="within")
        node_beats = np.full(len(nodes), -1, np.int32)
        order = np.lexsort((-beat, node))
        node_beats[node[order]] = beat[order]  # the first of the beats that overlap comes last
        shared = len(node) - len(np.unique(node))
        if shared:
            notes.append(f"{shared:,} nodes lie in more than one beat of {self.where}: the first in the file is theirs")
        outside = np.flatnonzero(node_beats < 0)
        near = tree.query_nearest(points[outside], max_distance=_EDGE_METRES, all_matches=False)
        node_beats[outside[near[0]]] = near[1]
        alone = [(k, name) for k, name in enumerate(names) if not (node_beats == k).any()]
        if alone:
            row = int(np.flatnonzero(table["name"] == alone[0][1])[0]) + 1
            apart = "" if (node_beats >= 0).any() else ", nor does any other beat: is the coordinate system right?"
            raise ValueError(
                f"{self.where}, row {row}: no street of {roads} lies in the beat {alone[0][1]}"
                + (apart or f': join it to another, or say leave_out = ["{alone[0][1]}"] in [beats] of the mapping')
            )
        if (node_beats < 0).any():
            notes.append(f"{int((node_beats < 0).sum()):,} nodes lie in no beat of {self.where}")
        return Beats(names=names, groups=groups, polygons=merged, node_beats=node_beats, notes=notes)


def beats_alone(named: pd.Series, where: str) -> Beats:
    """Return the beats that a log without places names, each a node of its own.

    Raises
    ------
    ValueError
        If there are fewer than two.
    """
    names = sorted(named.dropna().unique())
    if len(names) < 2:
        raise ValueError(
            f"{where} has no places and fewer than two beats: give --roads and --beats, or name its columns"
        )
    nodes = np.arange(len(names), dtype=np.int32)
    return Beats(names=names, groups=[""] * len(names), polygons=np.full(len(names), None), node_beats=nodes, notes=[])


def beats_of_calls(nodes: NDArray[np.float64], places: NDArray[np.float64], named: pd.Series, where: str) -> Beats:
    """Return beats as the log has them: a node is in the beat of most of the calls nearest to it.

    Parameters
    ----------
    nodes, places : float64 [nodes, 2], [calls, 2]
        In metres; NaN for calls without a place.
    named : Series
        Beat of each call, None for none.
    where : str
        The log, for notes.
    """
    known = named.notna().to_numpy() & np.isfinite(places).all(1)
    number, names = pd.factorize(named[known], sort=True)
    if not len(names):
        return Beats(
            names=[WHOLE],
            groups=[""],
            polygons=np.array([None]),
            node_beats=np.zeros(len(nodes), np.int32),
            notes=["no file says where beats are: the whole city is one"],
        )
    most = min(_VOTERS, len(number))
    nearest = cKDTree(places[known]).query(nodes, most)[1].reshape(len(nodes), most)
    votes = np.zeros((len(nodes), len(names)), np.int32)
    np.add.at(votes, (np.arange(len(nodes))[:, None], number[nearest]), 1)
    node_beats = votes.argmax(1).astype(np.int32)
    present = np.unique(node_beats)
    notes = [
        f"beats are those of the calls in {where}: a node is in the beat of most of the {most} calls nearest to it"
    ]
    gone = [str(name) for k, name in enumerate(names) if k not in present]
    if gone:
        notes.append(f"beats of {where} without a street of their own are left out: {', '.join(gone)}")
    renumbered = np.searchsorted(present, node_beats).astype(np.int32)
    return Beats(
        names=[str(name) for name in names[present]],
        groups=[""] * len(present),
        polygons=np.full(len(present), None),
        node_beats=renumbered,
        notes=notes,
    )


def _column(frame: pd.DataFrame, named: str | None, usual: tuple[str, ...], where: str) -> str | None:
    if named is not None:
        if named not in frame:
            raise ValueError(
                f"{where} has no column {named}, which [beats] of the mapping names; it has {', '.join(frame)}"
            )
        return named
    spelled = {str(name).lower(): str(name) for name in frame}
    return next((spelled[name] for name in usual if name in spelled), None)
