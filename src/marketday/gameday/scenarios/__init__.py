"""The scenarios of game days, one file for each kind of loss."""
