"""Every kind of thing that a sweep looks for: one table a field of AWS, one entry a kind."""

from marketday.environments.terraform.sweep.finders.data import DATA
from marketday.environments.terraform.sweep.finders.network import NETWORK
from marketday.environments.terraform.sweep.finders.running import RUNNING
from marketday.environments.terraform.sweep.finders.secrets import SECRETS
from marketday.environments.terraform.sweep.finders.watching import WATCHING

FINDERS = (*NETWORK, *RUNNING, *DATA, *SECRETS, *WATCHING)
