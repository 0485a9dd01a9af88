"""Looks for what is left of an environment in AWS after it was destroyed."""

from marketday.provisioners.sweep.aws import AwsSweep
from marketday.provisioners.sweep.errors import SweepUnproven
from marketday.provisioners.sweep.model import Leftover
from marketday.provisioners.sweep.rights import actions

__all__ = ["AwsSweep", "Leftover", "SweepUnproven", "actions"]
