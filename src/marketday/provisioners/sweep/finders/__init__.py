"""Every kind of thing that a sweep looks for: a table for each area of AWS, with one entry for each kind."""

from marketday.provisioners.sweep.finders.clusters import CLUSTERS
from marketday.provisioners.sweep.finders.data import DATA
from marketday.provisioners.sweep.finders.network import NETWORK
from marketday.provisioners.sweep.finders.running import RUNNING
from marketday.provisioners.sweep.finders.secrets import SECRETS
from marketday.provisioners.sweep.finders.watching import WATCHING

FINDERS = (*NETWORK, *RUNNING, *DATA, *SECRETS, *WATCHING)
# An operator's own credentials sweep a prod plane, so the lifecycle needs no rights for these.
PLANE_FINDERS = (*FINDERS, *CLUSTERS)
