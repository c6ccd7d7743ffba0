"""Rooms, grants and tokens that events and rosters provision."""
