"""hostdeck: a terminal console and a worker with which a hosting company runs its fleet."""

__version__ = "0.1.0"
