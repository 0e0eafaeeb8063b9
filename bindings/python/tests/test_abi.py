"""The ctypes declarations against the headers themselves, and the defaults against their INIT macros."""

import ctypes
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from conftest import REPOSITORY

import libpatrol
from libpatrol import enums, errors
from libpatrol._native import abi
from libpatrol._native.library import library
from libpatrol._native.prototypes import PROTOTYPES

STRUCTS = {
    f"patrol_{re.sub('(?<!^)(?=[A-Z])', '_', struct.__name__).lower()}": struct
    for struct in vars(abi).values()
    if isinstance(struct, type)
    and issubclass(struct, ctypes.Structure)
    and struct is not abi.Sized
    and struct.__module__ == abi.__name__
}
HANDLES = {
    "patrol_area": abi.AreaHandle,
    "patrol_policy": abi.PolicyHandle,
    "patrol_engine": abi.EngineHandle,
    "patrol_session": abi.SessionHandle,
    "patrol_scenario": abi.ScenarioHandle,
    "patrol_simulation": abi.SimulationHandle,
    "patrol_batch": abi.BatchHandle,
    "patrol_trainer": abi.TrainerHandle,
}
NUMBERS = {
    "uint8_t": ctypes.c_uint8,
    "int32_t": ctypes.c_int32,
    "uint32_t": ctypes.c_uint32,
    "uint64_t": ctypes.c_uint64,
    "size_t": ctypes.c_size_t,
    "float": ctypes.c_float,
    "double": ctypes.c_double,
}
ENUMERATIONS = {
    "PATROL_COORDINATES_": enums.CoordinateSystem,
    "PATROL_MODE_": enums.Mode,
    "PATROL_POLICY_HAS_": enums.Networks,
    "PATROL_DISPATCH_UNIT_": enums.DispatchUnit,
    "PATROL_UNIT_": enums.UnitStatus,
    "PATROL_INCIDENT_": enums.IncidentFlag,
    "PATROL_TASK_": enums.Task,
    "PATROL_MOVE_": enums.MoveReason,
    "PATROL_WAIT_": enums.WaitReason,
    "PATROL_SOLVER_": enums.SolverStatus,
    "PATROL_WHY_NOT_": enums.WhyNot,
    "PATROL_BAD_ROWS_": enums.BadRows,
    "PATROL_TABLE_": enums.SnapshotTable,
    "PATROL_FIELD_": enums.RowField,
    "PATROL_ERROR_": errors.Status,
    "PATROL_SERVICE_": enums.Service,
    "PATROL_DUE_": enums.Due,
    "PATROL_EVENT_": enums.EventKind,
    "PATROL_CLASS_": enums.CallClass,
    "PATROL_VARIANT_": enums.Variant,
    "PATROL_GOAL_": enums.Goal,
    "PATROL_VALUE_": enums.ValueForm,
    "PATROL_METHOD_": enums.PatrolMethod,
    "PATROL_REWARD_": enums.PatrolReward,
    "PATROL_PHASE_": enums.Phase,
}
FIRST_SIZES = {
    "snapshot": 104,
    "unit": 80,
    "incident": 136,
    "engine_options": 208,
    "answer": 208,
    "scenario_arrays": 296,
}
"""Sizes in version 0.1 of structs that have grown since."""
CONSTANTS = (
    "ABI_VERSION",
    "NO_NODE",
    "NO_ID",
    "PRIORITIES",
    "NEEDS",
    "SUBSTITUTES",
    "WEEK_HOURS",
    "CANDIDATE_FEATURES",
    "PAIR_FEATURES",
    "STATE_FEATURES",
    "TRAINER_LAYERS",
)


def compiled(source: str, directory: Path) -> list[str]:
    """Return the lines that a C program with the headers prints."""
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler")
    program = directory / "program"
    (directory / "program.c").write_text(
        '#include <stdio.h>\n#include <string.h>\n#include "patrol_lab.h"\n'
        f"int main(void) {{\n{source}\nreturn 0;\n}}\n"
    )
    command = [compiler, "-I", str(REPOSITORY / "include"), "-o", str(program), str(directory / "program.c")]
    subprocess.run(command, check=True)
    return subprocess.run([str(program)], check=True, capture_output=True, text=True).stdout.splitlines()


def without_comments(headers: str) -> str:
    return re.sub(r"/\*.*?\*/", "", headers, flags=re.DOTALL)


def test_every_struct_is_declared(headers: str) -> None:
    named = set(re.findall(r"typedef struct (\w+) \{", headers)) | {"patrol_error"}
    assert set(STRUCTS) == named


def test_layouts(headers: str, tmp_path: Path) -> None:
    lines, expected = [], []
    for name, struct in STRUCTS.items():
        lines.append(f'printf("{name} %zu\\n", sizeof({name}));')
        expected.append(f"{name} {ctypes.sizeof(struct)}")
        for field, *_ in struct._fields_:
            lines.append(
                f'printf("{name}.{field} %zu %zu\\n", offsetof({name}, {field}), sizeof((({name} *)0)->{field}));'
            )
            described = getattr(struct, field)
            expected.append(f"{name}.{field} {described.offset} {described.size}")
    assert compiled("\n".join(lines), tmp_path) == expected


def test_fields_have_the_header_s_names_and_number_types(headers: str) -> None:
    for name, struct in STRUCTS.items():
        body = re.search(rf"struct {name} \{{(.*?)\n\}}", without_comments(headers), re.DOTALL)[1]
        declared = []
        for declaration in body.split(";")[:-1]:
            c_type, names = re.match(r"\s*((?:const )?\w+)\s+(.*)", declaration, re.DOTALL).groups()
            for field in names.split(","):
                declared.append((c_type, field.strip()))
        named = [re.search(r"(\w+)(\[.*)?$", field)[1] for _, field in declared]
        assert named == [field for field, *_ in struct._fields_], name
        for (c_type, field), (_, declared_type, *_) in zip(declared, struct._fields_, strict=True):
            if c_type in NUMBERS and "*" not in field and "[" not in field:
                assert declared_type is NUMBERS[c_type], (name, field)


def stride_arrays(headers: str) -> set[str]:
    """Return the structs that functions take or fill as arrays with a stride."""
    return set(
        re.findall(r"(?:const )?(patrol_\w+) \*\w+,\s*size_t (?:\w+_)?capacity,\s*size_t (?:\w+_)?stride", headers)
    )


def ctypes_of(c_type: str, records: set[str]) -> object:
    """Translate a parameter or result of the headers; `records` are passed as arrays."""
    text = re.sub(r"\bconst\b", "", c_type)
    base, stars = re.sub(r"[*\s]", "", text), text.count("*")
    if stars == 0:
        return None if base == "void" else NUMBERS[base]
    if "*const *" in c_type or (base == "char" and "const" not in c_type):  # an array of pointers, text to fill
        return ctypes.c_void_p
    if base == "char":
        return ctypes.c_char_p if stars == 1 else ctypes.POINTER(ctypes.c_char_p)
    if base in HANDLES:
        return HANDLES[base] if stars == 1 else ctypes.POINTER(HANDLES[base])
    return ctypes.POINTER(STRUCTS[base]) if base in STRUCTS and base not in records else ctypes.c_void_p


def test_prototypes(headers: str) -> None:
    pattern = r"^((?:const )?\w+ \*?)(patrol_\w+)\(([^)]*)\);"
    found = re.findall(pattern, without_comments(headers), re.MULTILINE)
    translated, records = {}, stride_arrays(headers)
    for result, name, parameters in found:
        types = [] if parameters == "void" else [re.sub(r"\w+$", "", part.strip()) for part in parameters.split(",")]
        # An initializer takes one struct.
        structs = set() if name.endswith("_init") else records
        translated[name] = (ctypes_of(result, structs), [ctypes_of(c_type, structs) for c_type in types])
    assert translated == PROTOTYPES
    assert list(translated) == list(PROTOTYPES)


def test_constants(headers: str, tmp_path: Path) -> None:
    expected = {f"PATROL_{name}": getattr(abi, name) for name in CONSTANTS}
    for prefix, enumeration in ENUMERATIONS.items():
        expected |= {prefix + name: int(value) for name, value in enumeration.__members__.items()}
    expected["PATROL_OK"] = expected.pop("PATROL_ERROR_OK")
    del expected["PATROL_TASK_BOTH"]
    defined = set(re.findall(r"#define (PATROL_\w+) ", headers)) - {"PATROL_H", "PATROL_LAB_H", "PATROL_VERSION"}
    assert {name for name in defined if not name.endswith("_INIT")} == set(expected)
    printed = compiled(
        "\n".join(f'printf("{name} %llu\\n", (unsigned long long){name});' for name in expected), tmp_path
    )
    assert printed == [f"{name} {value}" for name, value in expected.items()]


def macro_bytes(names: list[str], directory: Path) -> dict[str, bytes]:
    lines = [
        f"{{ patrol_{name} value; memset(&value, 0, sizeof value); value = (patrol_{name})PATROL_{name.upper()}_INIT;"
        f' for (size_t i = 0; i < sizeof value; i++) printf("%02x", ((unsigned char *)&value)[i]); puts(""); }}'
        for name in names
    ]
    return dict(zip(names, map(bytes.fromhex, compiled("\n".join(lines), directory)), strict=True))


def test_defaults_are_those_of_the_macros_and_the_library(tmp_path: Path) -> None:
    ours = {
        "unit": unnamed(libpatrol.units(1)),
        "incident": unnamed(libpatrol.incidents(1)),
        "engine_options": bytes(libpatrol.EngineOptions().to_abi()),
        "area_options": bytes(abi.AreaOptions(max_demand_points=256, patrol_spacing_seconds=90.0)),
        "decide_options": bytes(libpatrol.DecideOptions().to_abi()),
        "snapshot": bytes(
            abi.Snapshot(
                **strides(
                    unit="unit",
                    incident="incident",
                    edge_change="edge_change",
                    pair_cost="pair_cost",
                    substitute="substitute",
                )
            )
        ),
        "answer": bytes(
            abi.Answer(**strides(move="move", assignment="assignment", wait="wait", issue="row_issue", plan="plan"))
        ),
        "simulation_state": bytes(abi.SimulationState()),
        "metrics": bytes(abi.Metrics()),
        "batch_arrays": bytes(abi.BatchArrays()),
        "training_progress": bytes(abi.TrainingProgress()),
    }
    macros = macro_bytes(list(ours), tmp_path)
    for name, default in ours.items():
        struct = STRUCTS[f"patrol_{name}"]()
        getattr(library, f"{name}_init")(ctypes.byref(struct))
        for field, *_ in struct._fields_:
            place = getattr(type(struct), field)
            part = slice(place.offset, place.offset + place.size)
            assert default[part] == macros[name][part], (name, field)
            # The function sets what version 0.1 had, and says so in sizes and strides.
            if place.offset < FIRST_SIZES.get(name, len(default)) and not field.endswith(("struct_size", "_stride")):
                assert default[part] == bytes(struct)[part], (name, field)


def strides(**structs: str) -> dict[str, int]:
    return {f"{field}_stride": ctypes.sizeof(STRUCTS[f"patrol_{name}"]) for field, name in structs.items()}


def unnamed(records: np.ndarray) -> bytes:
    records["id"] = abi.NO_ID
    return records.tobytes()


def test_record_types_are_the_c_layouts() -> None:
    assert libpatrol.UNIT_DTYPE.itemsize == ctypes.sizeof(abi.Unit)
    assert libpatrol.INCIDENT_DTYPE.fields["needs"][1] == abi.Incident.needs.offset
    assert libpatrol.INCIDENT_DTYPE["needs"].shape == (abi.NEEDS,)


def test_status_names() -> None:
    for status in errors.Status:
        assert library.status_name(status).decode() == status.name
    assert library.status_name(99) == b"UNKNOWN"


def test_a_library_of_another_kind_is_refused_with_its_path(tmp_path: Path) -> None:
    from libpatrol._native.library import Library

    (tmp_path / "libpatrol.so").write_bytes(b"not a library")
    with pytest.raises(ImportError, match=re.escape(str(tmp_path / "libpatrol.so"))):
        Library(tmp_path / "libpatrol.so")
    with pytest.raises(ImportError, match=re.escape(str(tmp_path / "missing.so"))):
        Library(tmp_path / "missing.so")


def test_abi_check_names_both_versions() -> None:
    from libpatrol._native.library import call

    with pytest.raises(libpatrol.PatrolError) as caught:
        call(library.abi_check, 7)
    assert caught.value.status is libpatrol.Status.VERSION_MISMATCH
    assert "7" in caught.value.message and str(abi.ABI_VERSION) in caught.value.message
