"""Every kind of thing that a sweep looks for: one table a field of AWS, one entry a kind."""

from marketday.provisioners.sweep.finders.data import DATA
from marketday.provisioners.sweep.finders.network import NETWORK
from marketday.provisioners.sweep.finders.running import RUNNING
from marketday.provisioners.sweep.finders.secrets import SECRETS
from marketday.provisioners.sweep.finders.watching import WATCHING

FINDERS = (*NETWORK, *RUNNING, *DATA, *SECRETS, *WATCHING)
