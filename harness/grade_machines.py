"""Which machines grade a class: this one, or those of a cluster; and what is said of a cluster."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace

from harness.classroom import box, cluster
from harness.classroom.cluster import Cluster, NoCluster
from harness.command_line import Misuse
from harness.contract.rubric import Bilingual
from harness.grade_options import ClassOptions, misuse

CLUSTER: dict[str, Bilingual] = {
    "address": {
        "id": "'{asked}' bukan alamat scheduler; bentuknya dask://HOST:PORT.",
        "en": "'{asked}' is no address of a scheduler; it has the form dask://HOST:PORT.",
    },
    "no library": {
        "id": "--executor membutuhkan paket 'distributed' (dask), yang tidak ada di Python ini.",
        "en": "--executor needs the package 'distributed' (dask), which this Python does not have.",
    },
    "unreachable": {
        "id": "Tidak ada scheduler dask yang menjawab di {asked} ({why}).",
        "en": "No scheduler of dask answers at {asked} ({why}).",
    },
    "no workers": {
        "id": "Scheduler di {asked} belum punya worker.",
        "en": "The scheduler at {asked} has no worker yet.",
    },
    "no kit": {
        "id": "Worker {worker} tidak menemukan perangkat ini; jalankan worker di folder yang sama, "
        "dengan folder itu di PYTHONPATH.",
        "en": "The worker {worker} does not find this kit; start it in a folder of the same path, "
        "with that folder in PYTHONPATH.",
    },
    "other kit": {
        "id": "Worker {worker} memakai versi lain dari perangkat ini; samakan dulu.",
        "en": "The worker {worker} has another version of this kit; make them the same first.",
    },
    "other python": {
        "id": "Worker {worker} memakai Python {theirs}, di sini {ours}; samakan dulu.",
        "en": "The worker {worker} has Python {theirs}, and here it is {ours}; make them the same "
        "first.",
    },
    "no box": {
        "id": "Kotak '{name}' tidak bisa dibuat di semua worker; yang bisa: {possible}.",
        "en": "Not all workers can make the box '{name}'; what they can: {possible}.",
    },
}


@contextlib.contextmanager
def machines(asked: ClassOptions) -> Iterator[tuple[ClassOptions, Cluster | None]]:
    """The cluster that was asked for, if any, and the options as they are with it.

    Raises `Misuse` where it cannot be used.
    """
    if not asked.executor:
        yield asked, None
        return
    with contextlib.ExitStack() as stack:
        try:
            found = stack.enter_context(cluster.connected(asked.executor))
        except NoCluster as error:
            raise Misuse(CLUSTER[error.key][asked.lang].format(**error.facts)) from None
        yield replace(asked, isolation=_isolation(asked, found), jobs=found.slots), found


def _isolation(asked: ClassOptions, found: Cluster) -> str:
    """The box that all workers can make; none at all only where that is asked for."""
    possible = dict(found.facts.boxes)
    name = asked.isolation
    if name == box.AUTO:
        name = next((each for each in box.NAMES if each in possible), box.PROCESS)
        if name == box.PROCESS:
            raise misuse("unprotected", asked.lang)
    elif name not in possible:
        facts = {"name": name, "possible": ", ".join(possible)}
        raise Misuse(CLUSTER["no box"][asked.lang].format(**facts))
    return name
