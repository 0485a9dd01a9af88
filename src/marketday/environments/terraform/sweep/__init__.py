"""Looks for what is left of an environment in AWS after it was destroyed."""

from marketday.environments.terraform.sweep.aws import AwsSweep
from marketday.environments.terraform.sweep.errors import SweepUnproven
from marketday.environments.terraform.sweep.model import Leftover
from marketday.environments.terraform.sweep.rights import actions

__all__ = ["AwsSweep", "Leftover", "SweepUnproven", "actions"]
