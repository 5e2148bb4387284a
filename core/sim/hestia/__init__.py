"""A HestiaCP node without HestiaCP: the same arguments, checks, exit codes and listings, on state in memory."""

from hostdeck.core.sim.hestia.files import DiskFiles, Files, MemoryFiles
from hostdeck.core.sim.hestia.node import HestiaNode

__all__ = ["DiskFiles", "Files", "HestiaNode", "MemoryFiles"]
