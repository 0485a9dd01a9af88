"""Finders of what only the prod plane has: EKS clusters and their node groups."""

from marketday.provisioners.sweep.finder import Finder
from marketday.provisioners.sweep.plane_mark import CLUSTER

_clusters = Finder(CLUSTER, "eks", "ListClusters", "clusters", type="eks:cluster/")
CLUSTERS = (
    _clusters,
    Finder(
        "EKS node group",
        "eks",
        "ListNodegroups",
        "nodegroups",
        type="eks:nodegroup/",
        each=(_clusters, {"clusterName": ""}),
    ),
)
