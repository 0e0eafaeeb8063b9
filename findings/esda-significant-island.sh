#!/usr/bin/env bash
# In esda, a beat without neighbors is the most significant of all, and the option for such beats does nothing.
#
# Expected: a beat that touches no other, such as an airport, has no local statistic: no p-value, or 1. At least with
#   island_weight=nan, which by the docstring "will propagate to the final local statistic".
# Seen: Moran_Local and G_Local give it p_sim = 0.001, the least that 999 permutations can give: 0 is the statistic
#   and also that of every permutation, and none is "more extreme". Of 36 quiet beats and one airport, the airport is
#   a cluster, "High-Low", and it passes Bonferroni's correction where no other beat does. island_weight is accepted
#   and not passed on. With GeoDa, such beats are "isolates", without a p-value.
# Instead: set p_sim to nan where the graph has isolates (graph.isolates, or w.islands), or leave those beats out.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv --without-pip "$folder/venv"
python3 -m pip --python "$folder/venv/bin/python" install --quiet --disable-pip-version-check --no-compile \
    esda==2.9.0 libpysal==4.14.1 geopandas==1.2.0 shapely==2.2.0 pyproj==3.7.2 \
    scikit-learn==1.9.1 scipy==1.17.1 pandas==3.1.1 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'END'
import sys
import warnings

import esda
import geopandas
import libpysal
import numpy as np
import shapely

print("esda", esda.__version__, "libpysal", libpysal.__version__)
warnings.simplefilter("ignore")
# Six by six beats, and the airport's, 14 units away. Calls are 20 per beat at random; 25 at the airport.
squares = [shapely.box(k % 6, k // 6, k % 6 + 1, k // 6 + 1) for k in range(36)] + [shapely.box(20, 20, 21, 21)]
beats = geopandas.GeoDataFrame(geometry=squares)
beats["calls"] = np.append(np.random.default_rng(0).poisson(20, 36), 25).astype(float)
graph = libpysal.graph.Graph.build_contiguity(beats, rook=False)
weights = libpysal.weights.Queen.from_dataframe(beats, use_index=True, silence_warnings=True)
print("isolates:", graph.isolates.tolist(), weights.islands)

seen = {}
for name, neighbors in {"Graph": graph, "W": weights}.items():
    for island_weight in (0, np.nan):
        moran = esda.Moran_Local(beats["calls"], neighbors, permutations=999, seed=1, island_weight=island_weight)
        getis = esda.G_Local(beats["calls"], neighbors, permutations=999, seed=1, island_weight=island_weight)
        passing = np.flatnonzero(moran.p_sim < 0.05 / 37).tolist()
        label = moran.get_cluster_labels(0.05)[36]
        airport = (float(moran.Is[36]), round(float(moran.p_sim[36]), 6), round(float(getis.p_sim[36]), 6))
        seen[name, str(island_weight)] = (*airport, str(label), passing)
        print(
            f"{name}, island_weight={island_weight}: airport I {moran.Is[36]}, p_sim {moran.p_sim[36]:.3f}, {label}; "
            f"G p_sim {getis.p_sim[36]:.3f}; beats that pass Bonferroni: {passing}"
        )
if any(value != (0, 0.001, 0.001, "High-Low", [36]) for value in seen.values()):
    sys.exit("no longer seen: the isolate is the most significant beat, with island_weight=nan, too")
END
