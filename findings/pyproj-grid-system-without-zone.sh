#!/usr/bin/env bash
# pyproj's projected systems for a place hold one that no point can be projected with.
#
# Expected: each system of query_crs_info(pj_types=[PROJECTED_CRS]) around a city takes its coordinates; a loop over
#   them finds the system of a file without one.
# Seen: EPSG:32600, "UTM grid system (northern hemisphere)", is among them: its area is the whole northern half. It
#   stands for all 60 zones and has no zone itself: CRS(32600) is made and says is_projected, and
#   Transformer.from_crs raises ProjError: "Input is not a transformation.", which names neither system.
# Instead: leave out systems whose projection_method_name is "Transverse Mercator Zoned Grid System".
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv --without-pip "$folder/venv"
python3 -m pip --python "$folder/venv/bin/python" install --quiet --disable-pip-version-check --no-compile \
    pyproj==3.7.2
cd "$folder"
venv/bin/python - <<'END'
import sys

import pyproj
from pyproj.aoi import AreaOfInterest
from pyproj.database import query_crs_info
from pyproj.enums import PJType
from pyproj.exceptions import ProjError

print("pyproj", pyproj.__version__, "PROJ", pyproj.proj_version_str)
seattle = AreaOfInterest(-122.4, 47.5, -122.2, 47.7)
systems = query_crs_info("EPSG", [PJType.PROJECTED_CRS], area_of_interest=seattle, contains=True)
refused = {}
for system in systems:
    try:
        pyproj.Transformer.from_crs(4326, int(system.code), always_xy=True).transform(-122.3, 47.6)
    except ProjError as error:
        refused[system.code] = str(error)
        print(system.code, system.name, "/", system.projection_method_name, "/", error)
print(len(refused), "of", len(systems), "refused; is_projected:", pyproj.CRS(32600).is_projected)
zoned = [s.code for s in systems if s.projection_method_name == "Transverse Mercator Zoned Grid System"]
if list(refused) != ["32600"] or "not a transformation" not in refused["32600"] or zoned != ["32600"]:
    sys.exit("no longer seen: every system listed takes the point, or others do not")
END
